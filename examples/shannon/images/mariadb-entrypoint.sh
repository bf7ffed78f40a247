#!/bin/bash
# As the official image does: an empty volume gets the system's tables, the root password and the database that the
# environment names. A volume that has them is left as it is.
set -euo pipefail

share=/usr/share/mysql

# One statement a line, as --bootstrap takes them.
tables() {
  printf '%s\n' 'CREATE DATABASE mysql;' 'USE mysql;' 'SET @auth_root_socket=NULL;'
  printf '%s\n' "$(<$share/mysql_system_tables.sql)" "$(<$share/mysql_performance_tables.sql)"
  printf '%s\n' "$(<$share/mysql_system_tables_data.sql)" "$(<$share/maria_add_gis_sp_bootstrap.sql)"
  printf '%s\n' "DELETE FROM global_priv WHERE User = 'root' AND Host <> 'localhost';"
  printf '%s\n' 'FLUSH PRIVILEGES;' "ALTER USER root@localhost IDENTIFIED BY '$MARIADB_ROOT_PASSWORD';" \
    "CREATE USER root@'%' IDENTIFIED BY '$MARIADB_ROOT_PASSWORD';" "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
  [[ -z "${MARIADB_DATABASE:-}" ]] || printf 'CREATE DATABASE `%s`;\n' "$MARIADB_DATABASE"
}

if [[ "$1" == mariadbd ]]; then
  set -- "$@" --datadir=/var/lib/mysql --socket=/run/mysqld/mysqld.sock --lc-messages-dir=$share
  if [[ ! -d /var/lib/mysql/mysql ]]; then
    : "${MARIADB_ROOT_PASSWORD:?MARIADB_ROOT_PASSWORD is missing}"
    tables | "$@" --bootstrap --skip-networking
  fi
fi
exec "$@"
