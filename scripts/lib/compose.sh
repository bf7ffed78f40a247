# shellcheck shell=bash
# Docker Compose v2, as a plugin of the docker command.

DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

ensure_compose() {
  compose_answers && return
  if [[ -f "$DEBIAN_KEYRING" ]] && have dpkg; then
    fetch_compose_from_debian
  else
    install_packages docker-compose-v2
  fi
  compose_answers || fail 'docker compose does not answer' 'install Compose v2: https://docs.docker.com/compose/install/'
}

compose_answers() { docker compose version >/dev/null 2>&1; }

# Debian 12 has only Compose v1. Debian 13's package needs nothing newer than libc 2.34, so its binary is taken through
# an apt of its own. The system's package lists and packages stay as they are.
fetch_compose_from_debian() {
  local work plugins="${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins"
  say "fetching Docker Compose v2 from Debian 13 into $plugins"
  work="$(mktemp -d)"
  logged compose unpack_compose "$work" ||
    fail 'could not fetch Docker Compose v2' 'install it: https://docs.docker.com/compose/install/'
  mkdir -p "$plugins"
  install -m 755 "$(find "$work/unpacked" -type f -name docker-compose -perm -u+x | head -n 1)" "$plugins/docker-compose"
  rm -rf "$work"
}

unpack_compose() {
  mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
  echo "deb [signed-by=$DEBIAN_KEYRING] http://deb.debian.org/debian trixie main" >"$1/sources.list"
  own_apt "$1" update --quiet &&
    (cd "$1" && own_apt "$1" download --quiet docker-compose && dpkg -x docker-compose_*.deb unpacked)
}

own_apt() {
  local work="$1"
  shift
  apt-get -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- \
    -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root "$@"
}
