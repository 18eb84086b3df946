"""Which round and which department a staff page is about, of those the person may see."""

from dataclasses import dataclass
from datetime import date

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core.actors import Actor, Role
from participation.core.errors import NotFound
from participation.departments import queries as departments
from participation.policy import Permission, reachable_departments, reaches
from participation.reports.labels import KIND, display_day
from participation.reports.models import Entry, EntryKind, Round
from participation.reports.queries import rounds
from participation.reports.queries.entries import Place
from participation.web import templating

# More digits than any row's number has; a database refuses what its integer cannot hold.
_DIGITS = 9
# Years that eras can be told of (core/fiscal_year.py).
_YEARS = range(1900, 2200)


@dataclass(frozen=True)
class DepartmentChoice:
    """The department of a page, and those that could be chosen instead."""

    department_id: int
    department_ids: frozenset[int]  # with those it has taken over from
    name: str
    may_write: bool
    options: tuple[tuple[int, str], ...]


def asked_number(name: str) -> int | None:
    """Return a number of the query or the form; None when it is missing or no row's number."""
    text = request.values.get(name, "")
    small = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if small else None


def asked_place() -> Place:
    """Return the place that ``item``, ``department``, ``year`` and ``kind`` of a request name.

    Raises:
        NotFound: one of them is missing.

    """
    item, department, year = (asked_number(name) for name in ("item", "department", "year"))
    kind = request.values.get("kind")
    if item is None or department is None or year is None or kind not in {"result", "plan"}:
        raise NotFound("記載する場所が分かりません。一覧から選び直してください。")
    if year not in _YEARS:
        raise NotFound("記載する場所が分かりません。一覧から選び直してください。")
    return Place(item, department, EntryKind(kind), year)


def column_words(kind: EntryKind, year: int) -> str:
    """Return 令和5年度の取り組み実績, or that in the reader's language."""
    words: str = _(
        "%(year)sの%(kind)s",
        year=templating.fiscal_year_filter(year),
        kind=templating.translated(KIND[kind]),
    )
    return words


def chosen_round(session: Session, year: int | None) -> Round | None:
    """Return the round of ``year``; without one the newest open one, else the newest."""
    if year is not None:
        return rounds.get_round(session, year)
    every = rounds.all_rounds(session)
    return next((found for found in every if found.closed_at is None), every[0] if every else None)


def chosen_department(
    session: Session, actor: Actor, wanted: int | None, today: date
) -> DepartmentChoice | None:
    """Return the department of the page: the one asked for, else the person's own first.

    Returns:
        None when the person may see all departments, has none and asked for none.

    Raises:
        NotFound: the one asked for is out of reach.

    """
    own = {
        grant.department_id: grant.department_ids
        for grant in actor.grants
        if grant.department_id is not None and grant.role in {Role.CONTRIBUTOR, Role.APPROVER}
    }
    reach = reachable_departments(actor, Permission.ENTRY_READ)
    known = {one.id: one for one in departments.all_departments(session)}
    everywhere = {one.id for one in known.values() if one.exists_on(today)}
    shown = own.keys() | (everywhere if reach is None else set())
    chosen = wanted if wanted is not None else next((i for i in known if i in own), None)
    if chosen is None:
        return None
    if chosen not in known or not reaches(actor, Permission.ENTRY_READ, chosen):
        raise NotFound("お探しのものは見つかりませんでした。")
    family = own.get(chosen) or departments.predecessor_closure(session, [chosen], today)[chosen]
    return DepartmentChoice(
        chosen,
        frozenset(family),
        known[chosen].name_on(today),
        chosen in own,
        tuple((one.id, one.name_on(today)) for one in known.values() if one.id in shown),
    )


def department_names(
    session: Session, entries: list[Entry], today: date
) -> dict[tuple[int, int], str]:
    """Return the name to show beside entries, by department and fiscal year (display_day)."""
    found: dict[tuple[int, int], str] = {}
    for year in sorted({entry.fiscal_year for entry in entries}):
        ids = {entry.department_id for entry in entries if entry.fiscal_year == year}
        names = departments.names(session, ids, display_day(year, today))
        found.update({(department_id, year): name for department_id, name in names.items()})
    return found
