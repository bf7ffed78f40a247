#!/usr/bin/env bash
# Builds agents/python:1 and agents/node:1 without a registry, of this machine's Python, Node and sh (needs Docker; Linux).
#
#   ./build.sh     what is missing or older than its sources
#
# With Docker Hub: PYTHON_IMAGE=python:3.11-slim NODE_IMAGE=node:20-slim ./build.sh
set -euo pipefail

EXAMPLE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ROOT="$(cd "$EXAMPLE/../.." && pwd)"
TOOLS="$ROOT/.tools"
export DOCKER_BUILDKIT=0

for part in common packages; do
  # shellcheck source=/dev/null
  source "$ROOT/scripts/lib/$part.sh"
done
say() { printf 'agents: %s\n' "$*"; }

main() {
  mkdir -p "$TOOLS/log"
  WORK="$(mktemp -d)"
  trap 'rm -rf "$WORK"' EXIT
  ensure_image python "${PYTHON_IMAGE:-}"
  ensure_image node "${NODE_IMAGE:-}"
}

# ensure_image LANGUAGE BASE: the base is made of this machine's programs where none is given.
ensure_image() {
  local recipe base="$2"
  recipe="$(recipe "$1" "$base")"
  [[ "$(built_by "agents/$1:1")" != "$recipe" ]] || return 0
  say "agents/$1:1"
  [[ -n "$base" ]] || { base="agents/$1:base" && "copy_$1" && build_base "$1" "$base"; }
  logged "agents-$1" docker build --tag "agents/$1:1" --build-arg "BASE=$base" --label "recipe=$recipe" "$EXAMPLE/$1" ||
    fail "could not build agents/$1:1 (see .tools/log/agents-$1.log)"
}

# recipe LANGUAGE BASE
recipe() {
  { (cd "$EXAMPLE" && find build.sh "$1" -type f -not -name '*.pyc' | sort | xargs sha256sum) && echo "$2"; } |
    sha256sum | cut -c 1-16
}

built_by() { docker image inspect --format '{{index .Config.Labels "recipe"}}' "$1" 2>/dev/null || true; }

# The system's Python with its library: no packages beside it. A thread that ends early loads libgcc_s.
copy_python() {
  local python=/usr/bin/python3 library
  [[ -x "$python" ]] || install_packages python3
  library="$("$python" -c 'import os; print(os.path.dirname(os.__file__))')"
  copy_program "$python" /usr/bin/python3 python "$(library_of libgcc_s.so.1)"
  mkdir -p "$WORK/python$library"
  tar -C "$library" --exclude=dist-packages --exclude=test --exclude=idlelib --exclude='config-*' -ch . |
    tar -C "$WORK/python$library" -x
}

copy_node() { copy_program "$(node -p process.execPath)" /usr/bin/node node; }

library_of() { "$(PATH="$PATH:/usr/sbin:/sbin" command -v ldconfig)" -p | sed -n "s|.*$1 .*x86-64.* => ||p;s|.*$1 .*AArch64.* => ||p" | head -n 1; }

# copy_program FILE PLACE LANGUAGE [LIBRARY]: a program and a shell, with the libraries that they load
copy_program() {
  local root="$WORK/$3" library
  mkdir -p "$root/usr/bin" "$root/bin" "$root/tmp"
  cp -L "$1" "$root$2"
  cp -L /bin/sh "$root/bin/sh"
  for library in $(ldd "$1" /bin/sh | sed -n 's|.*[[:space:]]\(/[^ ]*\) (0x.*|\1|p' | sort -u) ${4:-}; do
    mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"
  done
}

# build_base LANGUAGE TAG
build_base() {
  chmod 1777 "$WORK/$1/tmp"
  printf 'FROM scratch\nCOPY . /\nENV PATH=/usr/bin:/bin\n' >"$WORK/Dockerfile.$1"
  logged "agents-$1-base" docker build --tag "$2" --file "$WORK/Dockerfile.$1" "$WORK/$1" ||
    fail "could not build $2 (see .tools/log/agents-$1-base.log)"
}

case "${1:-}" in
  '') main ;;
  *)
    sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    [[ "$1" == --help ]] || exit 2
    ;;
esac
