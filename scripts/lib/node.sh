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
  say 'installing node_modules'
  install_locked || fail 'could not install node_modules'
  touch "$installed"
}

# `npm ci` refuses a lock file from a registry that lacks other platforms' optional packages.
# `npm install --no-save` takes the same locked versions and checksums, and leaves the lock file as it is.
install_locked() (
  cd "$ROOT" || return
  logged npm npm ci --no-audit --no-fund 2>/dev/null && return
  grep -q 'from lock file' "$TOOLS/log/npm.log" || { tail -n 15 "$TOOLS/log/npm.log" >&2 && return 1; }
  logged npm npm install --no-save --no-audit --no-fund
)
