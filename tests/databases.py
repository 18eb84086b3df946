"""A PostgreSQL database for the tests of a process: one after the other finds it fresh."""

import uuid
from collections.abc import Callable

import psycopg
from psycopg import Connection, sql

# Everything in the catalogue that says what a table, a rule or a right is. A row that was changed
# has another xmin; of pg_class, which also keeps counts and file names, the telling columns.
_SCHEMA = """
SELECT md5(concat_ws('|',
  (SELECT string_agg(concat_ws(' ', oid, relname, relkind, relnatts, relchecks, relhastriggers,
                               relrowsecurity, relacl, reloptions), ',' ORDER BY oid)
     FROM pg_class WHERE relnamespace = 'public'::regnamespace),
  (SELECT string_agg(concat_ws(' ', attrelid, attnum, xmin), ',' ORDER BY attrelid, attnum)
     FROM pg_attribute WHERE attrelid >= 16384),
  (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid)
     FROM pg_constraint WHERE oid >= 16384),
  (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid)
     FROM pg_trigger WHERE oid >= 16384),
  (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_attrdef),
  (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid)
     FROM pg_proc WHERE oid >= 16384),
  (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_namespace
     WHERE nspname NOT LIKE 'pg!_temp%' ESCAPE '!' AND nspname NOT LIKE 'pg!_toast%' ESCAPE '!'),
  (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_extension),
  (SELECT string_agg(concat_ws(' ', datacl, datallowconn, datconnlimit), ',')
     FROM pg_database WHERE datname = current_database()),
  (SELECT string_agg(setconfig::text, ',' ORDER BY setrole) FROM pg_db_role_setting
     JOIN pg_database ON setdatabase = pg_database.oid WHERE datname = current_database())))
"""
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_REFERENCES = "SELECT confrelid::regclass::text, conrelid::regclass::text FROM pg_constraint"


class Databases:
    """Hands out a database with the schema of ``template``, and the same again when it is clean.

    To copy the template costs many times what it costs to empty the few tables that a test has
    filled. A database whose schema a test has changed is thrown away.
    """

    def __init__(self, url: Callable[[str], str], template: str) -> None:
        """``url``: the address of a database of this name; ``template`` must not be in use."""
        self._url = url
        self._template = template
        self._name = ""
        self._keeper: Connection | None = None

    def take(self) -> str:
        """Return the address of a fresh database."""
        if not self._name:
            self._name = f"test_{uuid.uuid4().hex[:12]}"
            with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{self._name}" TEMPLATE "{self._template}"')
        return self._url(self._name)

    def give_back(self) -> None:
        """End all use of the database and make it what it was, or throw it away."""
        try:
            clean = self._clean()
        except psycopg.Error:
            clean = False
        if not clean:
            self.close()

    def close(self) -> None:
        """Remove the database."""
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None
        if self._name:
            with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')
        self._name = ""

    def _clean(self) -> bool:
        if self._keeper is None or self._keeper.closed:
            self._learn()
            self._keeper = psycopg.connect(
                self._url(self._name), autocommit=True, options="-c lock_timeout=5s"
            )
        keeper = self._keeper
        keeper.execute(_OTHERS)
        if _value(keeper, _SCHEMA) != self._schema:
            return False
        if self._rows and _value(keeper, self._rows_query) != self._rows:
            return False
        filled = _value(keeper, self._filled_query)
        dirty = {table for table, full in zip(self._tables, filled, strict=True) if full}
        if dirty := _with_referring(dirty, self._references):
            if dirty & set(self._kept):
                return False
            keeper.execute(f"TRUNCATE {', '.join(sorted(dirty))}")
        if self._sequences:
            keeper.execute(self._sequences)
        return True

    def _learn(self) -> None:
        """Read in the template what a clean database looks like."""
        with psycopg.connect(self._url(self._template), autocommit=True) as connection:
            self._schema = _value(connection, _SCHEMA)
            names = connection.execute(
                "SELECT oid::regclass::text FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY oid"
            )
            tables = [name for (name,) in names]
            full = [bool(_value(connection, f"SELECT EXISTS (SELECT FROM {t})")) for t in tables]
            self._kept = [table for table, any_row in zip(tables, full, strict=True) if any_row]
            self._tables = [table for table in tables if table not in self._kept]
            self._references = list(connection.execute(_REFERENCES + " WHERE contype = 'f'"))
            self._filled_query = "SELECT ARRAY[{}]".format(
                ", ".join(f"EXISTS (SELECT FROM {table})" for table in self._tables)
            )
            self._rows_query = "SELECT md5(concat_ws('|', {}))".format(
                ", ".join(
                    f"(SELECT string_agg(t::text, ',' ORDER BY t::text) FROM {table} t)"
                    for table in self._kept
                )
            )
            self._rows = _value(connection, self._rows_query) if self._kept else ""
            self._sequences = self._resetting(connection)

    @staticmethod
    def _resetting(connection: Connection) -> str:
        states = connection.execute(
            "SELECT format('%I.%I', schemaname, sequencename), start_value, last_value"
            " FROM pg_sequences WHERE schemaname = 'public'"
        )
        calls = [
            sql.SQL("setval({}, {}, {})").format(
                name, start if last is None else last, last is not None
            )
            for name, start, last in states
        ]
        return (
            sql.SQL("SELECT {}").format(sql.SQL(", ").join(calls)).as_string(connection)
            if calls
            else ""
        )


def _value(connection: Connection, query: str):
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def _with_referring(tables: set[str], references: list[tuple[str, str]]) -> set[str]:
    """Return ``tables`` and those that refer to them, which are emptied in the same breath."""
    found = set(tables)
    while more := {child for parent, child in references if parent in found} - found:
        found |= more
    return found
