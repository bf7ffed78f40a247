#!/usr/bin/env bash
# Makes what docker-compose.yml needs on this host: .env, random passwords in deploy/secrets, the worker's folder. Safe to repeat:
# what is there stays as it is. An option that .env does not agree with is named, and the exit code is then 1.
#
#   scripts/production.sh [--host NAME] [--specs FOLDER]
#
#   --host NAME      what this host is called in Belay (default: its own name)
#   --specs FOLDER   the folder with your platforms (default: /srv)
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
SECRETS="$ROOT/deploy/secrets"
umask 077

# As Temporal's SDKs read it: https://docs.temporal.io/develop/environment-configuration
TEMPORAL_CLIENT='[profile.default]
# api_key = "..."
# [profile.default.tls]
# client_cert_data = """-----BEGIN CERTIFICATE-----..."""
# client_key_data = """-----BEGIN PRIVATE KEY-----..."""
'

# Read by Belay in the worker's container, where `docker inspect` does not show it.
WORKER_ENVIRONMENT='# Variables of the worker, NAME=value a line: docs/production.md, "What else the worker is told"
# OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
# OTEL_EXPORTER_OTLP_HEADERS=authorization=...
'

main() {
  local host='' specs='' untaken=0
  while [[ $# -gt 0 ]]; do
    case "$1" in
      --host) host="${2:?--host needs a name}" ;;
      --specs) specs="$(realpath --canonicalize-missing "${2:?--specs needs a folder}")" ;;
      --help) usage && return ;;
      *) usage >&2 && return 2 ;;
    esac
    shift 2
  done
  local name="${host:-$(hostname --short | tr '[:upper:]_.' '[:lower:]--')}"
  [[ "$name" =~ ^[a-z0-9][a-z0-9-]*$ ]] || fail "--host $name: a name has lower-case letters, digits and hyphens"
  make_env "$name" "${specs:-/srv}"
  make_secrets
  make_folders
  make_readable
  compare --host "$host" BELAY_HOST
  compare --specs "$specs" BELAY_SPECS
  return "$untaken"
}

# compare OPTION VALUE KEY
compare() {
  local there
  there="$(setting "$3")"
  [[ -n "$2" && "${there%/}" != "$2" ]] || return 0
  say "$1 $2 is not taken: .env says $3=$there. Change it there while no release runs, then: docker compose up -d worker" >&2
  untaken=1
}

usage() { sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
say() { printf 'production: %s\n' "$*"; }
fail() { printf 'production: %s\n' "$*" >&2 && exit 1; }

make_env() {
  [[ ! -e "$ROOT/.env" ]] || { say '.env is there: left as it is' && return; }
  [[ -d "$2" ]] || fail "--specs $2: there is no such folder"
  # No service that reads a secret runs as root; nobody on this host should have this number.
  local uid gid
  uid="$(id -u)" gid="$(id -g)"
  [[ "$uid" != 0 ]] || { uid=7233 && gid=7233; }
  sed -e "s|^BELAY_HOST=.*|BELAY_HOST=$1|" -e "s|^BELAY_SPECS=.*|BELAY_SPECS=$2|" \
    -e "s|^BELAY_UID=.*|BELAY_UID=$uid|" -e "s|^BELAY_GID=.*|BELAY_GID=$gid|" "$ROOT/.env.example" >"$ROOT/.env.new"
  mv "$ROOT/.env.new" "$ROOT/.env"
  say "wrote .env: host $1, platforms in $2"
}

make_secrets() {
  local name
  mkdir -p "$SECRETS"
  # Containers pass through this folder; only its owner may list it.
  chmod 711 "$SECRETS"
  for name in postgres_password temporal_db_password exporter_db_password grafana_password; do
    make_secret "$name" "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
  done
  make_secret temporal_client "$TEMPORAL_CLIENT"
  make_secret worker_environment "$WORKER_ENVIRONMENT"
}

# make_secret NAME CONTENT
make_secret() {
  local path="$SECRETS/$1"
  [[ ! -e "$path" ]] || return 0
  printf '%s' "$2" >"$path.new"
  own "$path.new"
  mv "$path.new" "$path"
  say "wrote deploy/secrets/$1"
}

own() {
  [[ "$(id -u)" == 0 ]] || return 0
  chown "$(setting BELAY_UID):$(setting BELAY_GID)" "$1"
}

setting() { sed -n "s/^$1=//p" "$ROOT/.env" | tail -n 1 | tr -d "'\""; }

make_folders() {
  # Logins of registries, by: docker --config deploy/docker login
  [[ -e "$ROOT/deploy/docker/config.json" ]] || { mkdir -p "$ROOT/deploy/docker" && echo "{}" >"$ROOT/deploy/docker/config.json"; }
  local home
  home="$(setting BELAY_HOME)"
  [[ -d "$home" ]] || mkdir -p "$home" 2>/dev/null || say "the engine makes $home at the first start"
}

# After a clone with umask 077 no user of a container could read what the containers mount.
make_readable() {
  local unreadable
  unreadable="$(find "$ROOT/deploy" \( -path "$SECRETS" -o -path "$ROOT/deploy/docker" \) -prune \
    -o \( -type d ! -perm -o=rx -o -type f ! -perm -o=r \) -print)"
  [[ -n "$unreadable" ]] || return 0
  xargs -d '\n' chmod go+rX <<<"$unreadable" 2>/dev/null ||
    fail 'users of containers cannot read all of deploy: as the owner of these files run chmod -R go+rX deploy, then this again'
  say 'made deploy readable for the users of containers'
}

main "$@"
