#!/bin/sh
# Installs what the examples are built with, pinned by hash, into folders that git ignores. The hashes are those for Linux
# on x86-64.
set -eu
cd "$(dirname "$0")"
python3 -m venv target/tools
target/tools/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
cd typescript
# Not `npm ci`, which wants entries of the optional packages of every platform, whether a registry has them or not; the lock
# pins what is installed all the same, by hash.
npm install --no-save --silent --no-audit --no-fund
