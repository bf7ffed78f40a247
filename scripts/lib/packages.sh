# shellcheck shell=bash
# The system's packages: Docker Engine, iptables, iproute2, HAProxy, a registry, util-linux; for tests also PostgreSQL, Redis, nginx, Prometheus, debootstrap, age, rclone and zstd.

# Each line: a command that must be there, and the package it comes from.
WANTED_COMMANDS='dockerd docker.io
iptables iptables
haproxy haproxy
docker-registry docker-registry
flock util-linux
setpriv util-linux
unshare util-linux
ip iproute2'

ensure_packages() {
  local packages
  packages="$(missing_packages)"
  [[ -z "$packages" ]] || install_packages "$packages"
  # From Debian 13 on, the docker command is a package of its own.
  have docker || install_packages docker-cli
  have docker || fail 'the docker command is missing' 'install Docker: https://docs.docker.com/engine/install/'
}

# Servers that tests start themselves, each on a loopback port, and the maker of their images.
ensure_test_packages() {
  local packages=()
  has_postgres || packages+=(postgresql)
  have redis-server || packages+=(redis-server)
  have mariadbd || [[ -x /usr/sbin/mariadbd ]] || packages+=(mariadb-server-core mariadb-client-core)
  have debootstrap || packages+=(debootstrap)
  have nginx || packages+=(nginx-light)
  have prometheus || packages+=(prometheus)
  local tool
  for tool in age rclone zstd; do have "$tool" || packages+=("$tool"); done
  [[ "${#packages[@]}" == 0 ]] || install_packages "${packages[*]}"
}

# Debian keeps its programs out of the PATH, by version.
has_postgres() { have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

missing_packages() {
  local command package
  while read -r command package; do
    have "$command" || echo "$package"
  done <<<"$WANTED_COMMANDS" | sort -u | xargs
}

# install_packages 'NAME NAME...'
install_packages() {
  have apt-get || fail "missing: $1" 'install these with your package manager (names are Debian'"'"'s), then run this again'
  may_be_root || fail "missing: $1" "run: sudo apt-get install --no-install-recommends $1"
  say "installing $1"
  apt_install "$1" || { apt_update && apt_install "$1"; } ||
    fail "could not install $1 (see .tools/log/apt.log)" "run: apt-get update && apt-get install --no-install-recommends $1"
  hash -r
  keep_services_off "$1"
}

# RUNLEVEL=1 keeps init scripts from starting what was just unpacked.
apt_install() {
  local names
  read -ra names <<<"$1"
  logged apt as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install --yes --quiet --no-install-recommends "${names[@]}" 2>/dev/null
}

apt_update() { logged apt-update as_root apt-get update --quiet; }

# Only programs are wanted here: the services of packages that came just now must not run.
keep_services_off() {
  local service
  for service in haproxy docker-registry postgresql redis-server nginx prometheus; do
    [[ " $1 " == *" $service"[\ -]* ]] || continue
    if [[ -d /run/systemd/system ]]; then
      as_root systemctl disable --quiet --now "$service" 2>/dev/null || true
    elif have service; then
      as_root service "$service" stop >/dev/null 2>&1 || true
    fi
  done
}
