#!/bin/bash
# Does what docker-compose.yml needs of the official image: any user, a password from a file, scripts for a new volume.
set -euo pipefail

main() {
  has_a_name || give_a_name
  if [[ "$1" == postgres && ! -s "$PGDATA/PG_VERSION" ]]; then initialise; fi
  exec "$@"
}

has_a_name() { getent passwd "$(id -u)" >/dev/null; }

# PostgreSQL needs a name for its user.
give_a_name() {
  export NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/tmp/group LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libnss_wrapper.so
  echo "postgres:x:$(id -u):$(id -g):PostgreSQL:/tmp:/bin/false" >"$NSS_WRAPPER_PASSWD"
  echo "postgres:x:$(id -g):" >"$NSS_WRAPPER_GROUP"
}

initialise() {
  local options file
  read -ra options <<<"${POSTGRES_INITDB_ARGS:-}"
  export POSTGRES_USER="${POSTGRES_USER:-postgres}"
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" "${options[@]}"
  printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
  # Without TCP no client takes this server for the real one.
  pg_ctl --wait --options="-c listen_addresses=''" start
  for file in /docker-entrypoint-initdb.d/*.sh; do
    [[ ! -f "$file" ]] || bash "$file"
  done
  pg_ctl --wait --mode=fast stop
}

main "$@"
