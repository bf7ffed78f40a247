#!/usr/bin/env bash
# Installs the services by hand, as the production deployment guide does, in the version that is named: 0.1.0 where absent.
#
#   sudo ./scripts/deploy_production.sh [VERSION]
#
# It needs builds/VERSION, which ./build.sh makes. It starts nothing.
set -euo pipefail

EXAMPLE="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VERSION="${1:-0.1.0}"
BUILD="$EXAMPLE/builds/$VERSION"
ROOT=/opt/dspy-agent
SERVICES='env-manager orchestrator application'

[[ "$(id -u)" == 0 ]] || { echo 'deploy: run it as root' >&2 && exit 1; }
[[ -d "$BUILD" ]] || { echo "deploy: $BUILD is missing: run $EXAMPLE/build.sh" >&2 && exit 1; }

# 1. The service user, who may use Docker
getent group docker >/dev/null || groupadd --system docker
id dspy >/dev/null 2>&1 || useradd --system --no-create-home --home-dir "$ROOT" --shell /usr/sbin/nologin --user-group dspy
usermod -aG docker dspy

# 2. The folders
install -d -o root -g dspy -m 750 "$ROOT" "$ROOT/bin" "$ROOT/config"
install -d -o dspy -g dspy -m 750 "$ROOT/data" "$ROOT/logs"

# 3. The programs
install -o root -g dspy -m 550 "$BUILD/env-manager" "$BUILD/application" "$ROOT/bin/"
install -o root -g dspy -m 550 "$BUILD/orchestrator" "$ROOT/bin/orchestrator-linux"

# 4. The units
for unit in env-manager.service orchestrator.service application.service dspy-agent.target; do
  install -m 644 "$EXAMPLE/units/$unit" /etc/systemd/system/
done
systemctl daemon-reload

# 5. The default configuration, unless there is one
[[ -e "$ROOT/config/env-manager.toml" ]] ||
  install -o root -g dspy -m 640 "$EXAMPLE/config/env-manager.toml" "$ROOT/config/"

# 6. Start at boot
# shellcheck disable=SC2086
systemctl enable --quiet $SERVICES dspy-agent.target
echo "deploy: $VERSION is installed in $ROOT; start it: systemctl start dspy-agent.target"
