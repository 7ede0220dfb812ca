#!/usr/bin/env bash
# npm run test:oldest: all tests on PostgreSQL 15, the oldest that is supported, as Debian packages it.
set -euo pipefail
bin=/usr/lib/postgresql/15/bin
[ -x "$bin/initdb" ] || { echo "PostgreSQL 15 is not here: apt-get install postgresql-15" >&2; exit 1; }
directory=$(mktemp -d)
echo password >"$directory/password"
as=()
if [ "$(id -u)" = 0 ]; then chown -R postgres "$directory"; as=(setpriv --reuid=postgres --regid=postgres --clear-groups); fi
trap '"${as[@]}" "$bin/pg_ctl" -D "$directory/data" -m immediate stop >/dev/null; rm -rf "$directory"' EXIT
"${as[@]}" "$bin/initdb" -D "$directory/data" -U postgres -A scram-sha-256 --pwfile="$directory/password" --locale=C.UTF-8 -E UTF8 >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$directory/data" -l "$directory/log" -w start >/dev/null \
  -o "-p 5499 -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200"
TEST_DATABASE_URL=postgresql://postgres:password@127.0.0.1:5499/postgres npx vitest run "$@"
