#!/bin/sh
# Makes both databases of Temporal, or brings their schema to the version of this image. Safe to repeat. Never run two at once.
set -eu

SQL_PASSWORD="$(cat /run/secrets/temporal_db_password)"
export SQL_PASSWORD

# ensure DATABASE SCHEMA
ensure() {
  tool "$1" create
  tool "$1" setup-schema --version 0.0
  tool "$1" update-schema --schema-name "postgresql/v12/$2"
}

tool() {
  database="$1"
  shift
  temporal-sql-tool --db "$database" "$@" || fail "$database" "$1"
}

fail() {
  echo "schema: temporal-sql-tool could not $2 database $1: its reason stands above." >&2
  echo 'schema: where it names the password, deploy/secrets and the database differ: docs/production.md, "Passwords"' >&2
  exit 1
}

ensure temporal temporal
ensure temporal_visibility visibility
echo 'schema: both databases fit this version of Temporal'
