#!/bin/sh
# Builds the API server of Kubernetes from its Go modules, pinned by apiserver/go.sum, into target/cluster/.
# The store comes from the package etcd-server.
set -eu
cd "$(dirname "$0")/apiserver"
version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${version#v1.}
minor=${minor%%.*}
package=k8s.io/component-base/version
go build -trimpath -o ../../../target/cluster/kube-apiserver \
  -ldflags "-s -w -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$minor" .
