# shellcheck shell=bash
# The Docker Engine: setup uses a running one, else starts one in the background, which --stop stops.

ENGINE_PID_FILE="$TOOLS/run/dockerd.pid"
ENGINE_LOG="$TOOLS/log/dockerd.log"
ENGINE_SOCKET=/var/run/docker.sock

ensure_engine() {
  engine_answers && return
  require_permission_for_engine
  start_engine
  becomes_true 60 engine_settled || true
  engine_answers || fail_engine
  say "started Docker Engine $(engine_version), pid file .tools/run/dockerd.pid; 'scripts/setup.sh --stop' stops it"
}

engine_version() { timeout 10 docker version --format '{{.Server.Version}}' 2>/dev/null; }

engine_answers() { engine_version >/dev/null; }

require_permission_for_engine() {
  [[ -z "${DOCKER_HOST:-}" ]] ||
    fail "no Docker Engine answers at DOCKER_HOST=$DOCKER_HOST" 'start that engine, or unset DOCKER_HOST'
  [[ ! -S "$ENGINE_SOCKET" || -w "$ENGINE_SOCKET" ]] ||
    fail "no permission to use $ENGINE_SOCKET" "run: sudo usermod -aG docker $(id -un), then log in again"
  may_be_root || fail 'no Docker Engine answers' 'start it: sudo systemctl start docker'
}

start_engine() {
  local options=("--pidfile=$ENGINE_PID_FILE") rise=()
  [[ -z "${BELAY_DOCKER_DATA_ROOT:-}" ]] || options+=("--data-root=$BELAY_DOCKER_DATA_ROOT")
  [[ "$(id -u)" == 0 ]] || { options+=("--group=$(id -gn)") && rise=(sudo -n); }
  "${rise[@]}" setsid dockerd "${options[@]}" >"$ENGINE_LOG" 2>&1 </dev/null 9>&- &
  ENGINE_STARTER=$!
}

# Settled means: it answers, or it has given up.
engine_settled() { engine_answers || ! kill -0 "$ENGINE_STARTER" 2>/dev/null; }

fail_engine() {
  tail -n 10 "$ENGINE_LOG" >&2
  if started_engine >/dev/null; then stop_engine; fi
  fail 'the Docker Engine does not answer' "see $ENGINE_LOG; another disk: BELAY_DOCKER_DATA_ROOT=/some/folder scripts/setup.sh"
}

stop_engine() {
  local pid
  if ! pid="$(started_engine)"; then
    say 'no Docker Engine was started here'
    return
  fi
  as_root kill -TERM "$pid"
  becomes_true 60 engine_gone "$pid" || fail "dockerd (pid $pid) does not stop" "see $ENGINE_LOG"
  say "stopped the Docker Engine (pid $pid)"
}

# The pid of the engine that setup started. A pid that now belongs to something else does not count.
started_engine() {
  local pid
  [[ -f "$ENGINE_PID_FILE" ]] || return 1
  pid="$(<"$ENGINE_PID_FILE")"
  tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF -- "--pidfile=$ENGINE_PID_FILE" || return 1
  echo "$pid"
}

engine_gone() { [[ ! -d "/proc/$1" ]]; }
