#!/bin/sh
# Installs what the examples are built with, pinned by hash, into folders that git ignores. The hashes are those for Linux
# on x86-64.
set -eu
cd "$(dirname "$0")"
python3 -m venv target/tools
target/tools/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
cd typescript
npm ci --silent --no-audit --no-fund
