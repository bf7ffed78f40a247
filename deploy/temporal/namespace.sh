#!/bin/sh
# Makes the namespace of Belay's releases with its search attributes, and sets how long ended releases are kept. Safe to repeat.
set -eu

# NAME=TYPE of each search attribute, as in src/search-attributes.ts
ATTRIBUTES='BelayPlatform=Keyword BelayServices=KeywordList BelayVersions=KeywordList BelayPhase=Keyword BelayOutcome=Keyword'

main() {
  insist 'the namespace' make
  insist 'an answer of the namespace' temporal workflow count
  insist 'the retention' operate namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
  insist 'the search attributes' define
  echo "namespace: $TEMPORAL_NAMESPACE keeps ended releases for $RETENTION"
}

# insist WHAT COMMAND…
# The server is slow to see a new namespace, and slow under load. The CLI says only "error" for everything, a slow answer too.
insist() {
  what="$1" tries=0
  shift
  until said="$("$@" 2>&1)"; do
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || fail "$what" "$said"
    sleep 1
  done
}

fail() {
  echo "$2" >&2
  echo "namespace: Temporal refused $1 of $TEMPORAL_NAMESPACE 30 times: the reason stands above. Again: docker compose start namespace" >&2
  exit 1
}

operate() { temporal operator "$@"; }

# The CLI has no word for "unless it exists".
make() {
  operate namespace describe --namespace "$TEMPORAL_NAMESPACE" ||
    operate namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
}

define() {
  known="$(operate search-attribute list)" || return
  for attribute in $ATTRIBUTES; do
    name="${attribute%=*}"
    case "$known" in
      *"$name"*) ;;
      *) operate search-attribute create --name "$name" --type "${attribute#*=}" || return ;;
    esac
  done
}

main
