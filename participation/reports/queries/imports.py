"""Reads for importing entries: what cells are looked up in, what is there already, the batches."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from sqlalchemy import String, select, true, type_coerce
from sqlalchemy.orm import Session

from participation.core import fiscal_year
from participation.core.errors import InvalidInput, NotFound
from participation.core.text import compare_key
from participation.departments.models import Department
from participation.departments.queries import all_departments
from participation.reports.labels import display_day
from participation.reports.models import Entry, EntryKind, ImportBatch, Item, Round
from participation.reports.queries.entries import LIVE, Column, columns_of_round, in_columns


def item_ids(session: Session) -> dict[str, int]:
    """Return the id of every item by the form in which its code is compared."""
    rows = session.execute(select(Item.code, Item.id).order_by(Item.id))
    return {compare_key(code): item_id for code, item_id in rows}


def open_columns(session: Session) -> frozenset[Column]:
    """Return the columns that departments may write in now: those of the open rounds."""
    years = session.scalars(select(Round.fiscal_year).where(Round.closed_at.is_(None))).all()
    return frozenset(column for year in years for column in columns_of_round(year))


class DepartmentBook:
    """Departments by any name they ever had, for the year that a row speaks of."""

    def __init__(self, session: Session, today: date) -> None:
        self.today = today
        self._by_name: dict[str, list[Department]] = {}
        self.last_years: dict[int, int] = {}
        for department in all_departments(session):
            for key in {compare_key(period.name) for period in department.periods}:
                self._by_name.setdefault(key, []).append(department)
            end = department.periods[-1].valid_to if department.periods else None
            if end is not None:
                self.last_years[department.id] = fiscal_year.fiscal_year_of(end)

    def find(self, name: str, year: int) -> int | None:
        """Return the id of the department called ``name`` in that fiscal year; None if unknown.

        The name of the day that the report shows counts first, then one of that year, then any
        the department had before or after.

        Raises:
            InvalidInput: several departments had this name, and the year does not decide.

        """
        key = compare_key(name)
        candidates = self._by_name.get(key, [])
        shown = display_day(year, self.today)
        first, last = fiscal_year.first_day(year), fiscal_year.last_day(year)
        tests: tuple[Callable[[date, date | None], bool], ...] = (
            lambda start, end: start <= shown and (end is None or shown <= end),
            lambda start, end: start <= last and (end is None or first <= end),
            lambda _start, _end: True,
        )
        for test in tests:
            found = [
                department.id
                for department in candidates
                if any(
                    compare_key(period.name) == key and test(period.valid_from, period.valid_to)
                    for period in department.periods
                )
            ]
            if len(found) == 1:
                return found[0]
            if found:
                raise InvalidInput(
                    "同じ名称の課が複数あり、どの課か決められません。画面から入力してください。"
                )
        return None


@dataclass(frozen=True, eq=False, slots=True)
class Target:
    """A place that rows of a file go to; one object each, told apart by identity, which is fast."""

    item_id: int
    department_id: int
    kind: EntryKind
    fiscal_year: int


@dataclass
class Standing:
    """The living entries of one place: their texts as they are stored, "" for 該当なし."""

    texts: set[str] = field(default_factory=set)
    next_position: int = 0
    nothing: bool = False

    @cached_property
    def keys(self) -> set[str]:
        """The texts as they are compared; made when a text is asked for that is not among them."""
        return set(map(compare_key, self.texts))


def standing(session: Session, places: Iterable[Target]) -> dict[Target, Standing]:
    """Return what stands in each of ``places``."""
    found = {place: Standing() for place in places}
    by_ids = {
        (place.item_id, place.department_id, place.kind.value, place.fiscal_year): there
        for place, there in found.items()
    }
    columns = {(place.kind, place.fiscal_year) for place in found}
    rows = session.execute(
        select(
            Entry.item_id,
            Entry.department_id,
            type_coerce(Entry.kind, String),  # a member for each of 100,000 rows costs time
            Entry.fiscal_year,
            Entry.text,
            Entry.nothing,
            Entry.position,
        )
        .where(in_columns(sorted(columns, key=str)), Entry.state.in_(LIVE))
        .execution_options(yield_per=5_000)
    )
    for item_id, department_id, kind, year, text, nothing, position in rows:
        there = by_ids.get((item_id, department_id, kind, year))
        if there is None:
            continue
        there.texts.add(text)
        if position >= there.next_position:
            there.next_position = position + 1
        if nothing:
            there.nothing = True
    return found


def get_batch(session: Session, batch_id: int) -> ImportBatch:
    """Return one import.

    Raises:
        NotFound: there is none of this number.

    """
    batch = session.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound("その取り込みは見つかりませんでした。一覧からお選びください。")
    return batch


def latest_batches(
    session: Session,
    department_ids: Collection[int] | None,
    *,
    size: int,
    before: int | None = None,
) -> list[ImportBatch]:
    """Return up to ``size`` imports, newest first; None as departments means the whole city."""
    return list(
        session.scalars(
            select(ImportBatch)
            .where(
                true() if department_ids is None else ImportBatch.department_id.in_(department_ids),
                true() if before is None else ImportBatch.id < before,
            )
            .order_by(ImportBatch.id.desc())
            .limit(size)
        )
    )
