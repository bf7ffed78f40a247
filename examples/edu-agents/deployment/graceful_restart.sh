#!/usr/bin/env bash
# Restarts the API by hand, as the original does; `belay restart` does the same in steps that can be undone.
#
#   sudo ./deployment/graceful_restart.sh [SERVICE] [ADDRESS]
set -euo pipefail

SERVICE="${1:-edu_agents}"
HEALTH="${2:-http://localhost:8000}/health"

status() { curl --silent --max-time 2 --output /dev/null --write-out '%{http_code}' "$HEALTH" || true; }

# becomes CODE SECONDS
becomes() {
  for _ in $(seq "$(($2 * 10))"); do
    [[ "$(status)" != "$1" ]] || return 0
    sleep 0.1
  done
  echo "graceful_restart: $HEALTH did not answer $1 within $2 s; it answers $(status)" >&2
  return 1
}

echo 'checking the health of the service'
becomes 200 5
echo 'asking it to stop'
systemctl kill --kill-whom=main --signal=SIGTERM "$SERVICE"
echo 'waiting until it says that it stops'
becomes 503 10 || true
echo 'starting it'
systemctl restart "$SERVICE"
echo 'waiting until it is healthy'
becomes 200 30
