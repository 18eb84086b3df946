"""Run a PostgreSQL tool on DATABASE_URL without showing the password in the list of processes.

Usage: with-postgres.py pg_dump --format=custom --file=FILE
"""

import os
import sys

from psycopg.conninfo import conninfo_to_dict

NAMES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}

url = os.environ["DATABASE_URL"].replace("postgresql+psycopg:", "postgresql:", 1)
given = {NAMES[key]: str(value) for key, value in conninfo_to_dict(url).items() if key in NAMES}
os.execvpe(sys.argv[1], sys.argv[1:], {**os.environ, **given})  # noqa: S606
