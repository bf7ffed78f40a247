#!/bin/sh
# Makes the namespace of Belay's releases with its search attributes, and sets how long ended releases are kept. Safe to repeat.
set -eu

# NAME=TYPE of each search attribute, as in src/search-attributes.ts
ATTRIBUTES='BelayPlatform=Keyword BelayServices=KeywordList BelayVersion=Keyword BelayPhase=Keyword BelayOutcome=Keyword'

fail() {
  echo "namespace: $1" >&2
  exit 1
}

# The server needs a moment to see a new namespace.
becomes_true() {
  tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || return 1
    sleep 1
  done
}

exists() { temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE"; }
answers() { temporal workflow count; }

create() { temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"; }
# The CLI has no word for "unless it exists", and says only "error" for everything, a slow connection too.
ensure() { exists || create; }

becomes_true ensure || ensure ||
  fail "Temporal did not let namespace $TEMPORAL_NAMESPACE be made: the reason stands above. Again: docker compose start namespace"
becomes_true answers || fail "namespace $TEMPORAL_NAMESPACE does not answer after 30 s"
update() { temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"; }
becomes_true update || update

becomes_true temporal operator search-attribute list || true
known="$(temporal operator search-attribute list)"
for attribute in $ATTRIBUTES; do
  name="${attribute%=*}"
  case "$known" in
    *"$name"*) ;;
    *) temporal operator search-attribute create --name "$name" --type "${attribute#*=}" ;;
  esac
done
echo "namespace: $TEMPORAL_NAMESPACE keeps ended releases for $RETENTION"
