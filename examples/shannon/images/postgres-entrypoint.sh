#!/bin/bash
# As the official image does: an empty volume gets a cluster, and the user and the database that the environment names.
# A volume that has a cluster is left as it is.
set -euo pipefail

initialise() {
  : "${POSTGRES_PASSWORD:?POSTGRES_PASSWORD is missing}"
  local user="${POSTGRES_USER:-postgres}" database="${POSTGRES_DB:-${POSTGRES_USER:-postgres}}"
  initdb --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") --auth-host=scram-sha-256 --auth-local=trust \
    --encoding=UTF8 --locale=C.UTF-8
  printf 'host all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
  # Without TCP: a health check that asks at 127.0.0.1 must not take this one for the real one.
  pg_ctl --wait --options="-c listen_addresses=''" start
  [[ "$database" == postgres ]] || createdb --username="$user" "$database"
  pg_ctl --wait --mode=fast stop
}

if [[ "$1" == postgres ]]; then
  [[ -s "$PGDATA/PG_VERSION" ]] || initialise
  set -- "$@" -c listen_addresses='*'
fi
exec "$@"
