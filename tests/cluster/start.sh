#!/bin/sh
# Starts etcd and an API server on loopback: start.sh FOLDER PORT PORT PORT. Prints `ready` when FOLDER/kubeconfig can be
# used. Both servers end when stdin does, so they never outlive the program that started them.
set -eu
tests=$(cd "$(dirname "$0")" && pwd)
folder=$1
store=http://127.0.0.1:$2
secret=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
cd "$folder"

etcd --data-dir store --unsafe-no-fsync --log-level error \
  --listen-client-urls "$store" --advertise-client-urls "$store" \
  --listen-peer-urls "http://127.0.0.1:$3" >etcd.log 2>&1 &
etcd=$!
openssl genrsa -out accounts.key 2048 2>/dev/null
echo "$secret,admin,admin,system:masters" >tokens
"$tests/../../target/cluster/kube-apiserver" --etcd-servers "$store" --cert-dir certificates \
  --bind-address 127.0.0.1 --secure-port "$4" --service-cluster-ip-range 10.43.0.0/16 \
  --service-account-issuer https://kubernetes.default.svc --service-account-key-file accounts.key \
  --service-account-signing-key-file accounts.key --token-auth-file tokens --authorization-mode AlwaysAllow \
  --disable-admission-plugins ServiceAccount >apiserver.log 2>&1 &
server=$!
trap 'kill -9 $server $etcd; wait; rm -rf "$folder"' EXIT # nothing of it is kept

export KUBECONFIG="$folder/kubeconfig"
kubectl config set-cluster tests --server "https://127.0.0.1:$4" --insecure-skip-tls-verify >/dev/null
kubectl config set-credentials admin --token "$secret" >/dev/null
kubectl config set-context tests --cluster tests --user admin >/dev/null
kubectl config use-context tests >/dev/null

tries=0
until kubectl get --raw /readyz >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ] || ! kill -0 "$server" "$etcd"; then
    tail -n 20 etcd.log apiserver.log >&2
    exit 1
  fi
  sleep 0.2
done
kubectl create --save-config -f "$tests/definitions" >/dev/null
kubectl wait --for condition=established --all customresourcedefinitions >/dev/null
echo ready
cat >/dev/null
