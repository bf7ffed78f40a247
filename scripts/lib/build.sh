# shellcheck shell=bash
# dist, when it is older than what it is made from.

BUILD_STAMP="$ROOT/dist/.built"
BUILD_SOURCES='src workflows activities test testbed demo bench scripts package.json tsconfig.json'

ensure_build() {
  dist_is_current && return
  say 'building (npm run build)'
  mkdir -p "$ROOT/dist"
  # The stamp bears the time at which the build began, so that an edit made meanwhile counts.
  touch "$BUILD_STAMP.next"
  (cd "$ROOT" && npm run --silent build 9>&-) || fail 'the build failed'
  mv -f "$BUILD_STAMP.next" "$BUILD_STAMP"
}

dist_is_current() {
  local sources present=()
  read -ra sources <<<"$BUILD_SOURCES"
  for source in "${sources[@]}"; do
    [[ ! -e "$ROOT/$source" ]] || present+=("$ROOT/$source")
  done
  [[ -f "$BUILD_STAMP" && -z "$(find "${present[@]}" -newer "$BUILD_STAMP" -print -quit)" ]]
}
