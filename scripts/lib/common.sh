# shellcheck shell=bash
# Functions that every part of setup uses.

say() { printf 'setup: %s\n' "$*"; }

# fail WHAT [WHAT TO DO NEXT...]
fail() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_least WANTED ACTUAL: succeeds if version ACTUAL is WANTED or newer
at_least() { printf '%s\n' "$1" "$2" | sort -V -C; }

may_be_root() { [[ "$(id -u)" == 0 ]] || { have sudo && sudo -n true 2>/dev/null; }; }

as_root() { if [[ "$(id -u)" == 0 ]]; then "$@"; else sudo -n "$@"; fi; }

# logged NAME COMMAND...: runs it quietly, and shows the end of its output when it fails
logged() {
  local log="$TOOLS/log/$1.log"
  shift
  "$@" >"$log" 2>&1 && return
  tail -n 15 "$log" >&2
  return 1
}

# becomes_true SECONDS COMMAND...: polls until the command succeeds
becomes_true() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# Later steps share .tools, node_modules and dist; processes they start must close descriptor 9.
one_setup_at_a_time() {
  exec 9>"$TOOLS/run/setup.lock"
  flock -n 9 || { say 'waiting for another setup to finish' && flock 9; }
}
