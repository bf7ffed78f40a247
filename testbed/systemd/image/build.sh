#!/usr/bin/env bash
# Ensures the image of a host with systemd, and prints its name. It is built once for each recipe, from Debian's packages.
set -euo pipefail

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ROOT="$(cd "$HERE/../../.." && pwd)"
TOOLS="$ROOT/.tools"
export DOCKER_BUILDKIT=0

for part in common packages debian; do
  # shellcheck source=/dev/null
  source "$ROOT/scripts/lib/$part.sh"
done
say() { printf 'systemd image: %s\n' "$*" >&2; }

main() {
  mkdir -p "$TOOLS/log"
  # A second one, also of another clone, waits and finds the image there.
  exec 8>"/tmp/belay-systemd-image-$(id -u).lock"
  flock 8
  local image
  image="belay-test/systemd:$(recipe)"
  if missing "$image"; then build "$image"; fi
  echo "$image"
}

recipe() { cat "$HERE/Dockerfile" "$HERE/boot" "$HERE/journald.conf" | sha256sum | cut -c 1-12; }

build() {
  ensure_base
  say "building $1"
  logged systemd-image docker build --network host --tag "$1" --build-arg "BASE=$BASE" "$HERE" ||
    fail 'could not build the image of a host with systemd' 'see .tools/log/systemd-image.log'
}

main
