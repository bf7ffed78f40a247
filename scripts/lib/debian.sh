# shellcheck shell=bash
# A small Debian that trusts whom this machine trusts: the base of stand-ins, and of the hosts of tests.

readonly BASE=belay-stand-ins/debian:12

missing() { ! docker image inspect "$1" >/dev/null 2>&1; }

# A second one waits, and finds the image there.
ensure_base() {
  (
    flock 7
    if missing "$BASE"; then build_base; fi
  ) 7>"/tmp/belay-debian-$(id -u).lock"
}

build_base() {
  local work
  have debootstrap || install_packages debootstrap
  say "building $BASE"
  work="$(mktemp -d)"
  logged debian as_root debootstrap --variant=minbase --include=ca-certificates,wget \
    bookworm "$work/debian" http://deb.debian.org/debian ||
    fail "could not build $BASE" 'see .tools/log/debian.log'
  as_root rm -rf "$work/debian/var/cache/apt" "$work/debian/var/lib/apt/lists"
  as_root cp /etc/ssl/certs/ca-certificates.crt "$work/debian/etc/ssl/certs/ca-certificates.crt"
  as_root tar -C "$work/debian" -c . | docker import --change 'CMD ["bash"]' - "$BASE" >/dev/null
  as_root rm -rf "$work"
}
