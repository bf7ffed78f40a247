# shellcheck shell=bash
# Node itself and the packages of this project.

readonly NODE_WANTED=20.19

require_node() {
  local version
  have node || fail 'node is missing' "install Node.js $NODE_WANTED or newer: https://nodejs.org"
  version="$(node --version)"
  at_least "$NODE_WANTED" "${version#v}" ||
    fail "node $version is too old" "install Node.js $NODE_WANTED or newer: https://nodejs.org"
}

ensure_node_modules() {
  local installed="$ROOT/node_modules/.package-lock.json"
  [[ -f "$installed" && ! "$ROOT/package-lock.json" -nt "$installed" ]] && return
  say 'installing node_modules (npm ci)'
  (cd "$ROOT" && logged npm-ci npm ci --no-audit --no-fund) || fail 'npm ci failed'
  touch "$installed"
}
