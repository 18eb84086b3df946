"""Putting the rows of a file into the tables: many at once, with the first event of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, insert, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from participation.core import clock
from participation.core.actors import Actor
from participation.db.bulk import insert_rows, room_for_pages
from participation.departments import queries as departments
from participation.reports import labels
from participation.reports.models import Entry, EntryEvent, ImportBatch, Item
from participation.reports.services.import_rows import FileRow

Constants = dict[str, Any]  # by the name of the column

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
    constants = _defaults() | {
        "state": batch.entry_state,
        "created_at": now,
        "updated_at": now,
        "import_batch_id": batch.id,
    }
    starts = {
        place: (place.item_id, place.department_id, place.fiscal_year, place.kind.value)
        for place in dict.fromkeys(row.place for row, _ in rows)
    }
    # The number, not the truth: SQLite's module takes far longer over what is not exactly an int.
    values = (
        starts[place] + (position, text, 1 if nothing else 0, activity_type)
        for (_line, place, text, _key, nothing, activity_type), position in rows
    )
    names = [column.expression.name for column in _OF_A_ROW]
    with room_for_pages(session):
        insert_rows(session, cast("Table", Entry.__table__), names, values, constants=constants)
        _insert_events(session, batch, actor=actor, now=now)


def _defaults() -> Constants:
    """Return what the table itself says of columns that a file says nothing of: version 1, …."""
    of_a_row = {column.expression.name for column in _OF_A_ROW}
    return {
        column.name: column.default.arg
        for column in Entry.__table__.columns
        if isinstance(column.default, ScalarElementColumnDefault) and column.name not in of_a_row
    }


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
