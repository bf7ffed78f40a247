#!/bin/sh
# Runs once, when the volume is new. Makes Temporal's role, which may only create databases, and a role that only reads figures.
set -eu

TEMPORAL_DB_PASSWORD="$(cat /run/secrets/temporal_db_password)"
EXPORTER_DB_PASSWORD="$(cat /run/secrets/exporter_db_password)"
export TEMPORAL_DB_PASSWORD EXPORTER_DB_PASSWORD

psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 --no-psqlrc --quiet <<'SQL'
\getenv temporal TEMPORAL_DB_PASSWORD
\getenv exporter EXPORTER_DB_PASSWORD
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal';
CREATE ROLE exporter LOGIN IN ROLE pg_monitor PASSWORD :'exporter';
SQL
