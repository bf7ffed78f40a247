#!/usr/bin/env bash
# Packs the API into builds/edu-agents-VERSION.tar.gz: its source, and uvicorn with what it needs, from PyPI.
#
#   ./build.sh     what is missing or older than its sources: 1.0.0, 1.1.0 and 1.2.0, which says that it is not healthy
set -euo pipefail

EXAMPLE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ROOT="$(cd "$EXAMPLE/../.." && pwd)"
TOOLS="$ROOT/.tools"

for part in common packages temporal; do
  # shellcheck source=/dev/null
  source "$ROOT/scripts/lib/$part.sh"
done
say() { printf 'edu-agents: %s\n' "$*"; }

main() {
  local recipe stamp="$EXAMPLE/builds/.recipe"
  recipe="$(recipe)"
  [[ ! -f "$stamp" || "$(<"$stamp")" != "$recipe" ]] || return 0
  mkdir -p "$TOOLS/log" "$TOOLS/wheels" "$EXAMPLE/builds"
  WORK="$(mktemp -d "$EXAMPLE/builds/work.XXXXXX")"
  trap 'rm -rf "$WORK"' EXIT
  fetch_wheels
  say 'packing versions 1.0.0, 1.1.0 and 1.2.0'
  pack 1.0.0
  pack 1.1.0
  pack 1.2.0 UNHEALTHY
  echo "$recipe" >"$stamp"
}

recipe() {
  (cd "$EXAMPLE" && find build.sh requirements.txt app -type f -not -name '*.pyc' | sort | xargs sha256sum | sha256sum | cut -c 1-16)
}

# Each wheel is the one in requirements.txt, by its checksum.
fetch_wheels() {
  have_pip || install_packages python3-pip
  logged edu-wheels python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --require-hashes --dest "$TOOLS/wheels" --requirement "$EXAMPLE/requirements.txt" ||
    fail 'could not get uvicorn (see .tools/log/edu-wheels.log)'
}

# pack VERSION [FILE]: an archive with the same bytes for the same content
pack() {
  local folder="$WORK/$1" package version
  mkdir -p "$folder/site-packages"
  cp -R "$EXAMPLE/app/." "$folder/"
  find "$folder" -name __pycache__ -prune -exec rm -rf {} +
  while read -r package version; do
    python3 -m zipfile -e "$TOOLS/wheels/$package-$version-py3-none-any.whl" "$folder/site-packages"
  done < <(sed -n 's/^\([a-z0-9]*\)==\([0-9.]*\) .*/\1 \2/p' "$EXAMPLE/requirements.txt")
  echo "$1" >"$folder/VERSION"
  [[ -z "${2:-}" ]] || : >"$folder/$2"
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$folder" -c . | gzip -n >"$WORK/packed"
  mv "$WORK/packed" "$EXAMPLE/builds/edu-agents-$1.tar.gz"
}

case "${1:-}" in
  '') main ;;
  *)
    sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    [[ "$1" == --help ]] || exit 2
    ;;
esac
