#!/usr/bin/env bash
# Installs the API by hand as one unit, in the version that is named: 1.0.0 where absent. It starts nothing.
#
#   sudo ./deployment/install.sh [VERSION]
set -euo pipefail

EXAMPLE="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
ARCHIVE="$EXAMPLE/builds/edu-agents-${1:-1.0.0}.tar.gz"

[[ "$(id -u)" == 0 ]] || { echo 'install: run it as root' >&2 && exit 1; }
[[ -f "$ARCHIVE" ]] || { echo "install: $ARCHIVE is missing: run $EXAMPLE/build.sh" >&2 && exit 1; }

id edu >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin --user-group edu
mkdir -p /opt/edu-agents/app
tar -xzf "$ARCHIVE" -C /opt/edu-agents/app
install -m 644 "$EXAMPLE/one-unit/edu_agents.service" /etc/systemd/system/
systemctl daemon-reload
systemctl enable --quiet edu_agents
