#!/bin/sh
# Starts Prometheus, which asks what runs by COMPOSE_PROFILES, at its port: what does not run would be an alert without end.
set -eu

TARGETS="${TARGETS:-/tmp/targets}"

# target JOB PORT PROFILE: with one of the profiles, or where nobody names any
target() {
  case ",${COMPOSE_PROFILES:-$3}," in
    *",$3,"*) echo "- targets: ['127.0.0.1:$2']" >"$TARGETS/$1.yml" ;;
  esac
}

rm -rf "$TARGETS"
mkdir -p "$TARGETS"
target belay-worker "$BELAY_METRICS_PORT" worker
target temporal "$TEMPORAL_METRICS_PORT" server
target postgres "$POSTGRES_METRICS_PORT" server
echo "- targets: ['127.0.0.1:$PROMETHEUS_PORT']" >"$TARGETS/prometheus.yml"
echo "- targets: ['127.0.0.1:$ALERTMANAGER_PORT']" >"$TARGETS/alertmanager.yml"

exec "${PROMETHEUS:-prometheus}" "$@"
