"""Putting very many rows into a table at once: wide statements on SQLite, COPY on PostgreSQL."""

import enum
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, bindparam, case, func, insert, select
from sqlalchemy.orm import Session

# The SQLite of pysqlite3 takes up to 250,000 values in a statement. One that may fail keeps a copy
# of each page that it touches, and a key at random touches another page for nearly every row: a
# few long statements copy a tenth of what many short ones do.
_VALUES_OF_A_STATEMENT = 200_000
_PAGES_KIB = 64 * 1024


def insert_rows(
    session: Session,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
    *,
    constants: Mapping[str, Any],
) -> None:
    """Insert rows; each value goes to the driver as it is.

    Args:
        session: the session of the act.
        table: where to.
        columns: those that differ from row to row.
        rows: their values: int (also for a truth), str (also for a day, as ISO, and for a UUID,
            as 32 digits) or None.
        constants: the other columns with the value that all rows have; of any type that the
            column takes.

    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _copy(connection, table, columns, rows, constants)
    else:
        _insert_wide(connection, table, columns, rows, constants)


def new_ids(session: Session, table: Table, count: int) -> list[int]:
    """Return ids for ``count`` new rows of a table that numbers its rows by itself.

    On SQLite the caller holds the write lock until its commit, so that nobody else takes them.
    """
    key = table.primary_key.columns[0]
    if session.get_bind().dialect.name != "postgresql":
        last = session.scalar(select(func.max(key))) or 0
        return list(range(last + 1, last + 1 + count))
    sequence = func.pg_get_serial_sequence(table.name, key.name)
    taken = (
        select(func.nextval(sequence).label("id"))
        .select_from(func.generate_series(1, count))
        .subquery()
    )
    least, most = func.min(taken.c.id), func.max(taken.c.id)
    # Two numbers tell of all, unless somebody else took one in between.
    gaps = case((most - least + 1 == count, None), else_=func.array_agg(taken.c.id))
    first, last, each = session.execute(select(least, most, gaps)).one()
    return list(range(first, last + 1)) if each is None else sorted(each)


@contextmanager
def room_for_pages(session: Session) -> Iterator[None]:
    """Let SQLite keep the pages of a large transaction; with little room it writes many twice."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_PAGES_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


def _copy(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
    constants: Mapping[str, Any],
) -> None:
    from psycopg import sql

    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, (*columns, *constants))),
    )
    end = tuple(
        value.value if isinstance(value, enum.Enum) else value for value in constants.values()
    )
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row + end)


def _insert_wide(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
    constants: Mapping[str, Any],
) -> None:
    """Insert by statements of many rows that have the constants in them.

    A statement of one row opens every index and makes the lists of the CHECKs anew for each.
    """
    values: dict[str, Any] = {name: bindparam(name, None) for name in columns}
    for name, value in constants.items():
        values[name] = bindparam(name, value, table.columns[name].type, literal_execute=True)
    compiled = (
        insert(table)
        .values(values)
        .compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    )
    order = compiled.positiontup or []
    start, keyword, one = str(compiled).partition(" VALUES ")
    width = len(columns)
    if list(order) != list(columns):
        places = [list(columns).index(name) for name in order]
        rows = (tuple(row[place] for place in places) for row in rows)
    cells = itertools.chain.from_iterable(rows)
    most = _VALUES_OF_A_STATEMENT // width * width
    while batch := tuple(itertools.islice(cells, most)):
        some = ", ".join([one] * (len(batch) // width))
        connection.exec_driver_sql(start + keyword + some, batch)
