#!/bin/sh
# Starts the Temporal server. Its password comes from a file, so that `docker inspect` does not show it.
set -eu

POSTGRES_PWD="$(cat /run/secrets/temporal_db_password)"
export POSTGRES_PWD
# All four roles run in this process: they find each other on loopback.
export BIND_ON_IP=0.0.0.0 TEMPORAL_BROADCAST_ADDRESS=127.0.0.1

exec temporal-server --allow-no-auth start
