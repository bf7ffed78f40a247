#!/usr/bin/env bash
# Makes this machine ready to build, test, demo and bench. Safe to repeat; says only what it does.
#
#   scripts/setup.sh              get ready
#   scripts/setup.sh --no-tests   get ready for demo and bench only
#   scripts/setup.sh --ui         get ready for the tests of the Web UI only
#   scripts/setup.sh --stop       stop the Docker Engine, if an earlier run started it
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
TOOLS="$ROOT/.tools"
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

for part in common packages node engine compose temporal traefik nginx dbmate chromium build; do
  # shellcheck source=/dev/null
  source "$ROOT/scripts/lib/$part.sh"
done

get_ready() {
  mkdir -p "$TOOLS/bin" "$TOOLS/run" "$TOOLS/log"
  require_node
  ensure_packages
  one_setup_at_a_time
  ensure_node_modules
  ensure_engine
  ensure_compose
  ensure_temporal
  if [[ "${1:-}" == --ui ]]; then ensure_chromium; fi
  if [[ -z "${1:-}" ]]; then
    ensure_test_packages
    make_systemd_image
    build_examples
    build_databases
    ensure_temporal_test_server
    ensure_traefik
    ensure_nginx
    ensure_dbmate
  fi
  ensure_build
  [[ -n "${1:-}" ]] || start_stand_ins
}

# Tests on a host with systemd wait for it.
make_systemd_image() {
  "$ROOT/testbed/systemd/image/build.sh" >"$TOOLS/log/systemd-image-build.log" 2>&1 </dev/null 9>&- &
}

# Programs of the examples, for their tests; the demos build them too.
build_examples() {
  local example
  for example in dspy edu-agents agents; do "$ROOT/examples/$example/build.sh" 9>&-; done
}

# Databases for the tests of backups, each as an image with its own tools.
build_databases() { "$ROOT/examples/shannon/images/build.sh" databases 9>&-; }

# The tests of docker-compose.yml wait for these images.
start_stand_ins() {
  say 'getting the images of docker-compose.yml beside the tests (.tools/log/stand-ins.log)'
  BELAY_IMAGE=belay-stand-ins/worker "$ROOT/deploy/stand-ins/build.sh" >"$TOOLS/log/stand-ins.log" 2>&1 </dev/null 9>&- &
}

case "${1:-}" in
  '' | --no-tests | --ui) get_ready "$@" ;;
  --stop) stop_engine ;;
  *)
    sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    [[ "$1" == --help ]] || exit 2
    ;;
esac
