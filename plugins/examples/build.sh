#!/bin/sh
# Builds the example in one language into LANGUAGE/target/acme.wasm: `build.sh rust|zig|typescript|python`. Whatever has no
# macro for it packs its description; RENDER says which `render` does.
set -eu
cd "$(dirname "$0")/$1"
mkdir -p target
tools=../target/tools/bin
case $1 in
  rust)
    cargo build --quiet --locked --release --target wasm32-unknown-unknown
    cp ../../target/wasm32-unknown-unknown/release/acme.wasm target/acme.wasm
    exit
    ;;
  zig)
    "$tools/python" -m ziglang build-exe acme.zig -target wasm32-freestanding -fno-entry -rdynamic -O ReleaseSmall \
      --cache-dir target/cache --global-cache-dir target/cache -femit-bin=target/built.wasm
    ;;
  typescript) npm run --silent build ;;
  python)
    "$tools/componentize-py" --quiet -d ../../../schemas/plugin.wit -w plugin componentize app -o target/built.wasm --stub-wasi
    ;;
esac
"${RENDER:-render}" plugin pack target/built.wasm --description ../rust/description.json -o target/acme.wasm
