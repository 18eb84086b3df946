"""Putting the rows of a file into the tables: many at once, with the first event of each."""

import enum
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, insert, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from participation.core import clock
from participation.core.actors import Actor
from participation.departments import queries as departments
from participation.reports import labels
from participation.reports.models import Entry, EntryEvent, ImportBatch, Item
from participation.reports.services.import_rows import FileRow

Constants = dict[InstrumentedAttribute[Any], Any]

# What differs from row to row, in the table's order; the rest is the same in a whole batch.
_OF_A_ROW = (
    Entry.item_id,
    Entry.department_id,
    Entry.fiscal_year,
    Entry.kind,
    Entry.position,
    Entry.text,
    Entry.nothing,
    Entry.activity_type,
)


def sample(session: Session, rows: Sequence[FileRow], *, now: datetime) -> list[dict[str, Any]]:
    """Return some new rows as people will see them, for the preview."""
    today = clock.local_date(now)
    codes = {item_id: code for code, item_id in session.execute(select(Item.code, Item.id))}
    names: dict[int, dict[int, str]] = {
        year: departments.names(
            session, {row.place.department_id for row in rows}, labels.display_day(year, today)
        )
        for year in {row.place.fiscal_year for row in rows}
    }
    return [
        {
            "row": row.line,
            "item": codes[row.place.item_id],
            "department": names[row.place.fiscal_year][row.place.department_id],
            "column": labels.column_label(row.place.kind, row.place.fiscal_year),
            "text": row.text or labels.NOTHING,
        }
        for row in rows
    ]


def insert_entries(
    session: Session,
    batch: ImportBatch,
    rows: Sequence[tuple[FileRow, int]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Insert the entries and, in one statement, the first event of each."""
    if not rows:
        return
    constants = {
        Entry.state: batch.entry_state,
        Entry.version: 1,
        Entry.created_at: now,
        Entry.updated_at: now,
        Entry.import_batch_id: batch.id,
    }
    starts = {
        place: (place.item_id, place.department_id, place.fiscal_year, place.kind.value)
        for place in dict.fromkeys(row.place for row, _ in rows)
    }
    values = (
        (*starts[row.place], position, row.text, row.nothing, row.activity_type)
        for row, position in rows
    )
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _copy(connection, constants, values)
    else:
        _execute_many(connection, constants, values)
    _insert_events(session, batch, actor=actor, now=now)


def _copy(connection: Connection, constants: Constants, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows by COPY, several times faster than INSERT."""
    from psycopg import sql

    columns = [column.expression.name for column in (*_OF_A_ROW, *constants)]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(Entry.__tablename__), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    end = tuple(
        value.value if isinstance(value, enum.Enum) else value for value in constants.values()
    )
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row((*row, *end))


def _execute_many(
    connection: Connection, constants: Constants, rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert rows by one statement that has the constants in it, past SQLAlchemy's parameters."""
    names = [column.expression.name for column in _OF_A_ROW]
    compiled = (
        insert(Entry)
        .values(
            {name: bindparam(name, None) for name in names}
            | {
                column.expression.name: bindparam(
                    column.expression.name, value, column.type, literal_execute=True
                )
                for column, value in constants.items()
            }
        )
        .compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    )
    assert compiled.positiontup == names
    connection.exec_driver_sql(str(compiled), list(rows))


def _insert_events(session: Session, batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    columns: dict[str, ColumnElement[Any] | InstrumentedAttribute[Any]] = {
        "entry_id": Entry.id,
        "version": literal(1),
        "act": literal("imported"),
        "text": Entry.text,
        "state": Entry.state,
        "actor_id": literal(actor.staff_id, EntryEvent.actor_id.type),
        "actor_name": literal(actor.name),
        "reason": literal(""),
        "at": literal(now, EntryEvent.at.type),
    }
    of_the_batch = (
        select(*columns.values()).where(Entry.import_batch_id == batch.id).order_by(Entry.id)
    )
    session.execute(insert(EntryEvent).from_select(list(columns), of_the_batch))
