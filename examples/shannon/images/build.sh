#!/usr/bin/env bash
# Builds the images of the example.
#
#   images/build.sh             all of them without any registry, on Debian 12 with x86-64 (needs Docker, Node, npm, apt)
#   images/build.sh databases   PostgreSQL, Redis and MariaDB only, for the tests of backups
#   images/build.sh services    the platform's own only, on NODE_IMAGE and DBMATE_IMAGE (node:20-slim and
#                               ghcr.io/amacneil/dbmate:2.24 where absent), for machines with Docker Hub
#
# The platform's own come in each of VERSIONS ("1.0.0 1.1.0" where absent), and are always built again; the others only
# when they are missing. A missing .env is made from env/1.0.0/.env.example.
set -euo pipefail

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
EXAMPLE="$(dirname "$HERE")"
ROOT="$(cd "$EXAMPLE/../.." && pwd)"
TOOLS="$ROOT/.tools"
SERVICES='gateway orchestrator llm-service agent-core playwright-service'
PACKAGES='postgresql-15 redis-server prometheus haproxy bash libc-bin'
DATABASES='postgresql-15 redis-server mariadb-server-core mariadb-client bash libc-bin'
export DOCKER_BUILDKIT=0

for part in common packages temporal dbmate; do
  # shellcheck source=/dev/null
  source "$ROOT/scripts/lib/$part.sh"
done
say() { printf 'images: %s\n' "$*"; }

main() {
  mkdir -p "$TOOLS/bin" "$TOOLS/log"
  WORK="$(mktemp -d)"
  trap 'rm -rf "$WORK"' EXIT
  case "${1:-}" in
    '') build_everything ;;
    databases) build_databases ;;
    services) build_own "${NODE_IMAGE:-node:20-slim}" "${DBMATE_IMAGE:-ghcr.io/amacneil/dbmate:2.24}" && write_env '' ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && [[ "$1" == --help ]] || exit 2 ;;
  esac
}

build_everything() {
  [[ "$(uname -sm)" == 'Linux x86_64' ]] || fail 'these images are for Linux on x86-64' 'elsewhere: images/build.sh services'
  missing node:20 && build_node
  missing dbmate:2 && build_dbmate
  build_own shannon/node:20 shannon/dbmate:2
  build_version qdrant stand-in
  missing postgres:15 && build_postgres
  missing redis:7 && build_redis
  missing prometheus:2.42 && build_prometheus
  missing haproxy:debian && build_haproxy
  missing temporal:1.9 && build_temporal
  write_env 's/^#\([A-Z]*_IMAGE=\)/\1/'
}

build_databases() {
  PACKAGES="$DATABASES"
  missing postgres:15 && build_postgres
  missing redis:7 && build_redis
  missing mariadb:10.11 && build_mariadb
  return 0
}

missing() { ! docker image inspect "shannon/$1" >/dev/null 2>&1; }

# build_own NODE_IMAGE DBMATE_IMAGE
build_own() {
  install_packages_of_services
  build services --build-arg "NODE_IMAGE=$1" --file "$EXAMPLE/services/Dockerfile" "$EXAMPLE"
  for version in ${VERSIONS:-1.0.0 1.1.0}; do
    for service in $SERVICES; do build_version "$service" "$version"; done
    build_gateway "$version"
    build_migrate "$2" "$version"
  done
}

install_packages_of_services() (
  cd "$EXAMPLE/services"
  [[ ! node_modules/.package-lock.json -nt package-lock.json ]] || return 0
  logged npm-shannon npm ci --ignore-scripts --no-audit --no-fund || fail 'npm ci failed in services/'
)

# build_version SERVICE VERSION
build_version() {
  printf 'FROM shannon/services\nENV VERSION=%s\nCMD ["node", "%s.js"]\n' "$2" "$1" | build "$1:$2" -
}

# The gateway's image has the example of its version's .env.
build_gateway() {
  printf 'FROM shannon/gateway:%s\nCOPY .env.example /app/.env.example\n' "$1" >"$WORK/gateway.Dockerfile"
  build "gateway:$1" --file "$WORK/gateway.Dockerfile" "$EXAMPLE/env/$1"
}

# build_migrate DBMATE_IMAGE VERSION
build_migrate() {
  local root="$WORK/migrate-$2" version folders=''
  mkdir -p "$root" && cp "$EXAMPLE/migrations/undo.sh" "$root/"
  for version in $(ls "$EXAMPLE/migrations/postgres" | sort -V); do
    at_least "$version" "$2" || continue
    cp -r "$EXAMPLE/migrations/postgres/$version" "$root/"
    folders+="${folders:+,}/migrations/$version"
  done
  build "migrate:$2" --build-arg "DBMATE_IMAGE=$1" --build-arg "VERSION=$2" --build-arg "FOLDERS=$folders" \
    --file "$HERE/migrate.Dockerfile" "$root"
}

# This machine's node, and a shell for health checks.
build_node() {
  local root="$WORK/node" node
  node="$(node -p process.execPath)"
  copy_programs '' "$root" /bin/bash "$node"
  [[ "$node" == /usr/bin/node ]] || { mkdir -p "$root/usr/bin" && mv "$root$node" "$root/usr/bin/node"; }
  build_root node:20 "$root"
}

build_dbmate() {
  ensure_dbmate
  copy_programs '' "$WORK/dbmate" /bin/bash
  ln -s bash "$WORK/dbmate/bin/sh"
  mkdir -p "$WORK/dbmate/usr/local/bin" && cp -L "$TOOLS/bin/dbmate" "$WORK/dbmate/usr/local/bin/"
  build_root dbmate:2 "$WORK/dbmate"
}

build_postgres() {
  local root="$WORK/postgres" libraries=usr/lib/postgresql/15/lib
  unpack_packages
  # Just-in-time compilation alone would take 130 MB of libraries; PostgreSQL does without where it is not there.
  rm -rf "$WORK/debian/$libraries"/llvmjit* "$WORK/debian/$libraries/bitcode"
  copy_files "$WORK/debian" "$root" /usr/share/postgresql/15 /usr/share/zoneinfo /usr/lib/locale/C.utf8
  copy_programs "$WORK/debian" "$root" /bin/bash '/usr/lib/postgresql/15/bin/*' "/$libraries/*.so*"
  ln -s bash "$root/bin/sh"
  mkdir -p "$root/etc" && echo 'postgres:x:999:999::/var/lib/postgresql:/bin/bash' >"$root/etc/passwd"
  cp "$HERE/postgres-entrypoint.sh" "$root/entrypoint.sh"
  build_root postgres:15 "$root"
}

build_redis() {
  unpack_packages
  copy_programs "$WORK/debian" "$WORK/redis" /usr/bin/redis-server /usr/bin/redis-cli
  build_root redis:7 "$WORK/redis"
}

build_mariadb() {
  local root="$WORK/mariadb" share=/usr/share/mysql
  unpack_packages
  copy_files "$WORK/debian" "$root" "$share/english" "$share/charsets" "$share/*.sql"
  copy_programs "$WORK/debian" "$root" /bin/bash /usr/sbin/mariadbd /usr/bin/mariadb /usr/bin/mariadb-dump
  ln -s bash "$root/bin/sh"
  mkdir -p "$root/etc" && echo 'mysql:x:999:999::/var/lib/mysql:/bin/bash' >"$root/etc/passwd"
  cp "$HERE/mariadb-entrypoint.sh" "$root/entrypoint.sh"
  build_root mariadb:10.11 "$root"
}

build_prometheus() {
  unpack_packages
  copy_programs "$WORK/debian" "$WORK/prometheus" /usr/bin/prometheus /usr/bin/promtool
  build_root prometheus:2.42 "$WORK/prometheus"
}

# For the proxy that Belay runs.
build_haproxy() {
  unpack_packages
  copy_programs "$WORK/debian" "$WORK/haproxy" /usr/sbin/haproxy
  build_root haproxy:debian "$WORK/haproxy"
}

build_temporal() {
  ensure_temporal
  mkdir -p "$WORK/temporal/usr/bin" && cp -L "$TOOLS/bin/temporal" "$WORK/temporal/usr/bin/"
  build_root temporal:1.9 "$WORK/temporal"
}

# build_root NAME:TAG FOLDER: an image whose root is the folder, by the Dockerfile of that name
build_root() {
  mkdir -p "$2/empty"
  build "$1" --file "$HERE/${1%:*}.Dockerfile" "$2"
}

# build NAME[:TAG] ARGUMENT...
build() {
  say "shannon/$1"
  logged "image-${1//:/-}" docker build --tag "shannon/$1" "${@:2}"
}

# The packages with all they depend on, unpacked into a folder: nothing is installed, and the system's package lists stay.
unpack_packages() {
  [[ ! -d "$WORK/debian" ]] || return 0
  say "fetching $PACKAGES"
  mkdir -p "$WORK/apt/lists/partial" "$WORK/apt/cache/archives/partial" "$WORK/debian"
  : >"$WORK/apt/status"
  logged apt-shannon own_lists update --quiet || fail 'apt-get update failed'
  # shellcheck disable=SC2086
  logged apt-shannon own_lists install --download-only --yes --quiet --no-install-recommends $PACKAGES ||
    fail "this system's packages do not have: $PACKAGES" 'on Debian 12 they do; elsewhere: images/build.sh services'
  for package in "$WORK"/apt/cache/archives/*.deb; do dpkg -x "$package" "$WORK/debian"; done
}

own_lists() {
  apt-get -o "Dir::State::status=$WORK/apt/status" -o "Dir::State::lists=$WORK/apt/lists" \
    -o "Dir::Cache=$WORK/apt/cache" -o APT::Sandbox::User=root "$@"
}

# copy_programs FROM TO PATTERN...: programs below FROM, with the libraries below FROM that they load. Patterns are quoted,
# so that they match below FROM and not on this machine.
copy_programs() {
  local from="$1" to="$2" libraries
  shift 2
  copy_files "$from" "$to" /lib64/ld-linux-x86-64.so.2 "$@"
  libraries="$(libraries_of "$from" "$@")"
  # shellcheck disable=SC2086
  copy_files "$from" "$to" $libraries
}

copy_files() {
  local from="$1" to="$2" pattern file
  mkdir -p "$to"
  for pattern in "${@:3}"; do
    for file in "$from"$pattern; do (cd "$from/" && cp -rL --parents ".${file#"$from"}" "$to"); done
  done
}

# Without those of another root: the loader is FROM's own. A program without libraries gives none.
libraries_of() {
  local from="$1" pattern
  for pattern in "${@:2}"; do
    for file in "$from"$pattern; do
      "$from/lib64/ld-linux-x86-64.so.2" --library-path "$from/lib/x86_64-linux-gnu:$from/usr/lib/x86_64-linux-gnu" \
        --list "$file" 2>/dev/null || true
    done
  done | sed -n "s|.* => $from\(/[^ ]*\) (.*|\1|p" | sort -u
}

# write_env SED_EXPRESSION
write_env() {
  [[ ! -e "$EXAMPLE/.env" ]] || return 0
  sed "$1" "$EXAMPLE/env/1.0.0/.env.example" >"$EXAMPLE/.env"
  # A release compares the next version's example with this one.
  cp "$EXAMPLE/env/1.0.0/.env.example" "$EXAMPLE/.env.base"
  say 'wrote .env'
}

main "$@"
