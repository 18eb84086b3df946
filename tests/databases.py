"""A PostgreSQL database for the tests of a process: one after the other finds it fresh."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import psycopg
from psycopg import Connection, sql
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import Pool, QueuePool

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
WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL (%s::int[])
"""
_REFERENCES = "SELECT confrelid::regclass::text, conrelid::regclass::text FROM pg_constraint"
_VERSION = "alembic_version"  # what it says belongs to the schema
# The connections to each database that is handed out, from one test for the next: to begin one, and
# to let it learn the catalogue, costs more than most tests ask of it. (None: there are none yet.)
_pools: dict[str, Pool | None] = {}
_MOST_KEPT = 2


def use_kept_connections(engine: Engine, url: str) -> None:
    """Let ``engine`` begin with the connections that the test before left of database ``url``."""
    pool = _pools.get(url)
    if pool is not None:
        _pools[url] = None
        engine.pool = pool


def keep_connections(engine: Engine, url: str) -> None:
    """End the use of ``engine``; keep its connections, as good as new, if all are idle."""
    pool = engine.pool
    if url in _pools and isinstance(pool, QueuePool) and _as_good_as_new(pool):
        _pools[url] = pool
        engine.pool = pool.recreate()  # for whoever still holds the engine
    else:
        engine.dispose()


def _as_good_as_new(pool: QueuePool) -> bool:
    if pool.checkedout() or not 0 < pool.checkedin() <= _MOST_KEPT:
        return False
    try:
        with _idle(pool) as connections:
            for connection in connections:
                connection.autocommit = True
                connection.execute("DISCARD ALL")
                connection.autocommit = False
    except (psycopg.Error, SQLAlchemyError):
        return False  # their test has ended them
    return True


def _kept(url: str) -> list[int]:
    """Return the server's processes behind the kept connections."""
    pool = _pools.get(url)
    if not isinstance(pool, QueuePool):
        return []
    with _idle(pool) as connections:
        return [connection.info.backend_pid for connection in connections]


@contextmanager
def _idle(pool: QueuePool) -> Iterator[list[Connection]]:
    """All connections of ``pool``, for a moment."""
    found = [pool.connect() for _ in range(pool.checkedin())]
    try:
        yield [cast("Connection", one.dbapi_connection) for one in found]
    finally:
        for one in found:
            one.close()


class Databases:
    """Hands out a database with the schema of ``template``, and the same again when it is clean.

    To copy the template costs many times what it costs to empty the few tables that a test has
    filled, and to write again the few rows that are there from the beginning. A database whose
    schema a test has changed is thrown away.
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
            _pools[self._url(self._name)] = None
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
            pool = _pools.pop(self._url(self._name), None)
            if pool is not None:
                pool.dispose()
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
        keeper.execute(_OTHERS, [_kept(self._url(self._name))])
        if _value(keeper, _SCHEMA) != self._schema:
            return False
        changed = _value(keeper, self._changed_query)
        dirty = {table for table, yes in zip(self._tables, changed, strict=True) if yes}
        if _VERSION in dirty:
            return False
        if dirty:
            keeper.execute("; ".join(self._emptying(dirty)))
        if self._sequences:
            keeper.execute(self._sequences)
        return True

    def _emptying(self, dirty: set[str]) -> list[str]:
        """Return the statements that make the ``dirty`` tables what they were.

        What is only deleted stays in the file, and the next rows come to lie in another order.
        """
        dirty = _with_referring(dirty, self._references)
        written = [self._rows[table] for table in sorted(dirty & set(self._rows))]
        return [f"TRUNCATE {', '.join(sorted(dirty))}", *written]

    def _learn(self) -> None:
        """Read in the template what a clean database looks like."""
        with psycopg.connect(self._url(self._template), autocommit=True) as connection:
            self._schema = _value(connection, _SCHEMA)
            names = connection.execute(
                "SELECT oid::regclass::text FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY oid"
            )
            self._tables = [name for (name,) in names]
            self._references = list(connection.execute(_REFERENCES + " WHERE contype = 'f'"))
            self._rows: dict[str, str] = {}
            changed = []
            for table in self._tables:
                rows = f"(SELECT json_agg(t ORDER BY t::text)::text FROM {table} t)"
                found = _value(connection, f"SELECT {rows}")
                if found is None:
                    changed.append(f"EXISTS (SELECT FROM {table})")
                    continue
                kept = sql.Literal(found).as_string(connection)
                changed.append(f"{rows} IS DISTINCT FROM {kept}")
                self._rows[table] = (
                    f"INSERT INTO {table} SELECT * FROM json_populate_recordset"
                    f"(NULL::{table}, {kept})"
                )
            self._changed_query = f"SELECT ARRAY[{', '.join(changed)}]"
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
