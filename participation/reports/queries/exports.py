"""Reading entries for an export: with the words that people know them by."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.departments.queries import all_departments
from participation.reports.labels import display_day
from participation.reports.models import Entry, EntryKind, EntryState, Item
from participation.reports.queries.entries import entry_lines
from participation.reports.queries.guideline import guideline_in_force


@dataclass(frozen=True)
class ExportedEntry:
    """One entry with the words that people read."""

    item_code: str
    item_name: str
    fiscal_year: int
    kind: EntryKind
    department: str
    text: str
    nothing: bool
    activity_type: str
    state: EntryState


def exported_entries(
    session: Session,
    years: Sequence[int],
    *,
    department_ids: Collection[int] | None,
    states: Collection[EntryState],
    now: datetime,
) -> Iterator[ExportedEntry]:
    """Yield the entries of ``years`` by item, year, results before plans, then printed order.

    Args:
        session: the session.
        years: fiscal years of the entries themselves.
        department_ids: only these departments; None means all.
        states: only entries in one of these states.
        now: when; a department has its name of the last day of the entry's year, or of today.

    """
    columns = [(kind, year) for year in sorted(years) for kind in EntryKind]
    today = clock.local_date(now)
    departments = all_departments(session)
    names = {
        year: {each.id: each.name_on(display_day(year, today)) for each in departments}
        for year in years
    }
    codes = dict(session.execute(select(Item.id, Item.code)).all())
    item_names = _item_names(session, years)
    for line in entry_lines(session, columns, states=states):
        if department_ids is not None and line.department_id not in department_ids:
            continue
        yield ExportedEntry(
            item_code=codes[line.item_id],
            item_name=item_names.get(line.item_id, ""),
            fiscal_year=line.fiscal_year,
            kind=line.kind,
            department=names[line.fiscal_year][line.department_id],
            text=line.text,
            nothing=line.nothing,
            activity_type=line.activity_type,
            state=line.state,
        )


def years_with_entries(session: Session) -> list[int]:
    """Return the fiscal years that have entries, newest first."""
    return list(
        session.scalars(select(Entry.fiscal_year).distinct().order_by(Entry.fiscal_year.desc()))
    )


def _item_names(session: Session, years: Sequence[int]) -> dict[int, str]:
    """Return the items' names in the guideline that holds for the newest of ``years``."""
    guideline = guideline_in_force(session, max(years)) if years else None
    if guideline is None:
        return {}
    return {item.item_id: item.name for item in guideline.items}
