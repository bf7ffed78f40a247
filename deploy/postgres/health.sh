#!/bin/sh
# Succeeds if PostgreSQL answers and has room to write. Without room it goes on reading, and looks well.
set -eu

# PostgreSQL answers by TCP only when a new database is whole.
pg_isready --quiet --host=127.0.0.1 --username=postgres
psql --username=postgres --quiet --no-align --tuples-only --command='select 1'

free="$(df --output=avail -k /var/lib/postgresql/data | tail -n 1)"
[ "$free" -gt 65536 ] && exit
# To the log of the container too.
echo "the volume database has $((free / 1024)) MB free, and needs 64: docs/runbook.md, TemporalStoreFails" | tee /proc/1/fd/2
exit 1
