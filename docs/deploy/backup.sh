#!/usr/bin/env bash
# Back up database and local files of one installation into a new folder below the one given.
# Needs the installation's settings in the environment. Keys are left out on purpose.
set -euo pipefail
umask 077
mkdir -p "${1:?usage: backup.sh FOLDER}"
target="$(cd "$1" && pwd)/$(date -u +%Y%m%dT%H%M%SZ)"
cd "$(dirname "$0")/../.."
data="${DATA_DIR:-$PWD/instance}"
database="${DATABASE_URL:-sqlite:///$data/participation.sqlite3}"
files="${FILES_URL:-file://$data/files}"
anchor="${AUDIT_ANCHOR_FILE:-$data/audit-anchor.jsonl}"
mkdir "$target"

# The database first: bytes of a file are written before its row, so every row finds its bytes.
case "$database" in
sqlite:///*)
  .venv/bin/python - "${database#sqlite:///}" "$target/database.sqlite3" <<'PYTHON'
import sys
from pysqlite3 import dbapi2

source, target = (dbapi2.connect(name) for name in sys.argv[1:])
source.backup(target)
assert target.execute("PRAGMA integrity_check").fetchone() == ("ok",)
target.execute("PRAGMA journal_mode=DELETE")
target.close()
PYTHON
  ;;
postgres*)
  .venv/bin/python docs/deploy/with-postgres.py \
    pg_dump --format=custom --no-owner --file="$target/database.dump"
  ;;
*)
  echo "DATABASE_URL: $database" >&2
  exit 1
  ;;
esac
case "$files" in
file://*) tar -C "${files#file://}" -cf "$target/files.tar" . ;;
*) echo "$files is not copied: keep versions in the object store itself" >&2 ;;
esac
[ ! -e "$anchor" ] || cp "$anchor" "$target/audit-anchor.jsonl"
(cd "$target" && find . -type f ! -name SHA256SUMS -exec sha256sum {} + >SHA256SUMS)
find "$target" -type f -exec sync {} +
echo "$target"
