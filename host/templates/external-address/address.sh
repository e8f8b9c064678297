# Tells LiveKit the address of its load balancer: into the ConfigMap that its pods read at their start, then, when that
# is news, into an annotation of its pods, which replaces them. It may run at any time and any number of times; when
# nothing has changed it writes nothing, and it never writes an empty address.
#
# Given: NAMESPACE, SERVICE, CONFIG_MAP, DEPLOYMENT, and WAIT_SECONDS, how long to wait for a first address.
set -eu

# Flux takes back what a manager whose name begins with `kubectl` writes.
manager=livekit-external-address

fail() {
  echo "$1; nothing is written" >&2
  exit 1
}

ask() {
  kubectl --namespace "$NAMESPACE" get "$1" "$2" --output "jsonpath=$3" || fail "cannot read $1 $2"
}

write() {
  kubectl --namespace "$NAMESPACE" patch "$1" "$2" --type merge --field-manager "$manager" --patch "$3"
}

is_v4() {
  case $1 in
    '' | *[!0-9.]* | .* | *. | *..* | *.*.*.*.*) return 1 ;;
    *.*.*.*) ;;
    *) return 1 ;;
  esac
}

is_v6() {
  case $1 in
    *[!0-9A-Fa-f:.]*) return 1 ;;
    *:*:*) ;;
    *) return 1 ;;
  esac
}

# One of the addresses on stdin: the one that LiveKit has, so that a name with several does not restart it each time;
# or else the first of version 4, or else the first of version 6.
choose() {
  v4='' v6=''
  while read -r candidate; do
    if is_v4 "$candidate"; then
      v4=${v4:-$candidate}
    elif is_v6 "$candidate"; then
      v6=${v6:-$candidate}
    else
      continue
    fi
    if [ "$candidate" = "$told" ]; then
      echo "$candidate"
      return
    fi
  done
  echo "${v4:-$v6}"
}

resolve() {
  { getent ahostsv4 "$1" || getent hosts "$1"; } 2>/dev/null | while read -r found rest; do echo "$found"; done | sort -u
}

told=$(ask configmap "$CONFIG_MAP" '{.data.address}')
started=$(ask deployment "$DEPLOYMENT" '{.spec.template.metadata.annotations.livekit-external-address}')

waited=0
while :; do
  ips=$(ask service "$SERVICE" '{range .status.loadBalancer.ingress[*]}{.ip}{"\n"}{end}')
  names=$(ask service "$SERVICE" '{range .status.loadBalancer.ingress[*]}{.hostname}{"\n"}{end}')
  address=$(printf '%s\n' "$ips" | choose)
  name=$(printf '%s\n' "$names" | sed '/^$/d;q')
  if [ -z "$address" ] && [ -n "$name" ]; then
    address=$(resolve "$name" | choose)
  fi
  [ -z "$address" ] || break
  if [ "$waited" -ge "$WAIT_SECONDS" ]; then
    [ -z "$name" ] || fail "the load balancer of service $SERVICE is called $name, and that name does not resolve here"
    fail "the load balancer of service $SERVICE has no address"
  fi
  sleep 5
  waited=$((waited + 5))
done

# The ConfigMap first: were this to stop in between, the next run finds the annotation missing and goes on.
if [ "$address" != "$told" ]; then
  write configmap "$CONFIG_MAP" "{\"data\":{\"address\":\"$address\"}}"
fi
if [ "$address" != "$started" ]; then
  write deployment "$DEPLOYMENT" \
    "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"livekit-external-address\":\"$address\"}}}}}"
else
  echo "LiveKit has the address $address"
fi
