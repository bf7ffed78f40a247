#!/bin/sh
# Takes back the migrations of this image's own version, the latest first, as far as they have been applied. Those of
# earlier versions stay. `dbmate down` alone takes back one, the latest that there is: an earlier version's where this
# version brought none.
set -eu
set -- "${OWN_MIGRATIONS:?}"/*.sql
[ -f "$1" ] || exit 0
while :; do
  status="$(dbmate --migrations-dir "$OWN_MIGRATIONS" status)"
  case "$status" in *'Applied: 0'*) exit 0 ;; esac
  dbmate --migrations-dir "$OWN_MIGRATIONS" down
done
