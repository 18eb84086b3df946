#!/usr/bin/env bash
# Restore a folder that backup.sh made into an EMPTY installation, and verify it.
# Needs the installation's settings in the environment, and its key file in place.
set -euo pipefail
umask 077
source="$(cd "${1:?usage: restore.sh FOLDER}" && pwd)"
cd "$(dirname "$0")/../.."
data="${DATA_DIR:-$PWD/instance}"
database="${DATABASE_URL:-sqlite:///$data/participation.sqlite3}"
files="${FILES_URL:-file://$data/files}"
(cd "$source" && sha256sum --quiet --check SHA256SUMS)

case "$database" in
sqlite:///*)
  file="${database#sqlite:///}"
  [ ! -e "$file" ] || { echo "$file exists: restore only into an empty installation" >&2; exit 1; }
  mkdir -p "$(dirname "$file")"
  cp "$source/database.sqlite3" "$file"
  ;;
postgres*)
  # Stops at the first error, for example when the tables are there already.
  .venv/bin/python docs/deploy/with-postgres.py \
    pg_restore --exit-on-error --single-transaction --no-owner --dbname=postgresql:// \
    "$source/database.dump"
  ;;
esac
if [ -e "$source/files.tar" ]; then
  mkdir -p "${files#file://}"
  tar -C "${files#file://}" -xf "$source/files.tar"
fi
.venv/bin/flask --app wsgi db upgrade
.venv/bin/flask --app wsgi audit verify
