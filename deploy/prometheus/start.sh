#!/bin/sh
# Starts Prometheus, which scrapes only what COMPOSE_PROFILES starts: what does not run would be an alert without end.
set -eu

TARGETS="${TARGETS:-/tmp/targets}"

# target JOB PORT
target() {
  echo "start.sh: scrapes $1 at 127.0.0.1:$2" >&2
  echo "- targets: ['127.0.0.1:$2']" >"$TARGETS/$1.yml"
}

# starts PROFILE: it is named, or all are (`*`), or none is
starts() {
  case ",${COMPOSE_PROFILES:-*}," in
    *",$1,"* | *",*,"*) return 0 ;;
  esac
  echo "start.sh: COMPOSE_PROFILES=$COMPOSE_PROFILES does not start $1: it is not scraped" >&2
  return 1
}

rm -rf "$TARGETS"
mkdir -p "$TARGETS"
target prometheus "$PROMETHEUS_PORT"
target alertmanager "$ALERTMANAGER_PORT"
if starts worker; then
  target belay-worker "$BELAY_METRICS_PORT"
fi
if starts server; then
  target temporal "$TEMPORAL_METRICS_PORT"
  target postgres "$POSTGRES_METRICS_PORT"
fi

exec "${PROMETHEUS:-prometheus}" "$@"
