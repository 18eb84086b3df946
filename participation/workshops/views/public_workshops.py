"""Residents' pages: what is open, coming and held, and one workshop."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.city import queries as city
from participation.core import clock
from participation.core.occasions import OccasionFilter, OccasionState
from participation.core.text import clean_input
from participation.db.extension import db
from participation.departments.queries import all_departments
from participation.web import gate
from participation.web.pagination import Page
from participation.web.row_numbers import row_number
from participation.workshops.queries import public_lists as lists
from participation.workshops.queries.occasions import Found
from participation.workshops.queries.page_facts import list_facts, page_facts
from participation.workshops.queries.public_lists import Listed, Place, PublicFilter
from participation.workshops.views.blueprints import public
from participation.workshops.views.event_page import event_page
from participation.workshops.views.memory import from_memory
from participation.workshops.views.occasions import NAME, standing
from participation.workshops.views.speech import deadline, department_names, hours, span

_PAGE = 20
_YEARS = range(1900, 2200)
_LONGEST_WORD = 100
_FILTERS = ("year", "department", "kind", "area")
TONES = {
    OccasionState.OPEN: "success",
    OccasionState.FULL: "warning",
    OccasionState.POSTPONED: "warning",
    OccasionState.CANCELLED: "warning",
    OccasionState.DECIDED: "info",
}


@dataclass(frozen=True)
class Line:
    """A workshop in a list."""

    id: int
    title: str
    kind: str
    department: str
    state: str
    tone: str
    when: str
    place: str
    closes_at: datetime | None


@dataclass(frozen=True)
class Section:
    """One list of the page."""

    name: str
    title: str
    page: Page[Line]
    nothing: str


@dataclass(frozen=True)
class _List:
    """A page of a list that is asked for."""

    which: Listed
    wanted: PublicFilter
    after: Place | None


@public.get("/")
@gate.public
def index() -> ResponseReturnValue:
    """List what is open, coming and held; each list has pages of its own."""
    now = clock.now()
    return from_memory(
        list_facts(db.engine, now),
        lambda: _render_index(now),
        arguments=(*_FILTERS, *(one.value for one in Listed)),
    )


@public.get("/<int:workshop_id>/")
@gate.public
def workshop(workshop_id: int) -> ResponseReturnValue:
    """Show everything that the city says about one workshop, by its state."""
    now = clock.now()
    facts = page_facts(db.engine, "workshop", workshop_id, now)
    return from_memory(
        facts,
        lambda: render_template(
            "workshops/public/workshop.html", **event_page(db.session(), workshop_id, now)
        ),
    )


def _render_index(now: datetime) -> str:
    session = db.session()
    wanted, chosen = _wanted()
    titles = {
        Listed.OPEN: (_("申込受付中・申込不要の催し"), _("いま申し込める催しはありません。")),
        Listed.COMING: (_("これから開く催し"), _("ありません。")),
        Listed.HELD: (_("これまでの催し"), _("ありません。")),
    }
    # A further page of one list stands alone.
    turned = {which: _place(request.args.get(which.value)) for which in Listed}
    shown = [which for which, place in turned.items() if place is not None] or list(Listed)
    kinds = {kind.key: kind.label for kind in city.kinds(session)}
    departments, used_kinds = lists.departments_and_kinds(session)
    today = clock.local_date(now)
    return render_template(
        "workshops/public/index.html",
        sections=[
            Section(
                which.value,
                titles[which][0],
                _page(session, _List(which, wanted, turned[which]), kinds, now),
                titles[which][1],
            )
            for which in shown
        ],
        is_first_page=len(shown) > 1,
        chosen=chosen,
        is_narrowed=wanted != PublicFilter(),
        years=lists.years_announced(session),
        departments=[
            (one.id, one.name_on(today))
            for one in all_departments(session)
            if one.id in departments
        ],
        kinds=[(key, label) for key, label in kinds.items() if key in used_kinds],
        areas=[(area, area) for area in city.areas(session)],
        deadline=deadline,
    )


def _page(session: Session, asked: _List, kinds: dict[str, str], now: datetime) -> Page[Line]:
    which, after = asked.which, asked.after
    rows = lists.listed(session, which, asked.wanted, now=now, limit=_PAGE + 1, after=after)
    shown = rows[:_PAGE]
    names = department_names(session, [one.workshop for one in shown])
    filters: dict[str, Any] = {key: request.args[key] for key in _FILTERS if request.args.get(key)}
    next_url = None
    if len(rows) > _PAGE:
        end = lists.end_of(which, shown[-1].workshop)
        next_url = url_for(
            ".index", **filters | {which.value: f"{end.day:%Y%m%d}-{end.workshop_id}"}
        )
    return Page(
        [_line(one, names, kinds, now) for one in shown],
        next_url,
        url_for(".index", **filters) if after is not None else None,
    )


def _line(one: Found, names: dict[int, str], kinds: dict[str, str], now: datetime) -> Line:
    found = one.workshop
    stands = standing(found, one.standing or one.days, one.pools, now)
    places = list(dict.fromkeys(day.venue for day in one.standing if day.at_venue))
    if any(day.online for day in one.standing):
        places.append(str(_("オンライン")))
    is_open = stands.state in {OccasionState.OPEN, OccasionState.FULL}
    return Line(
        id=found.id,
        title=found.title,
        kind=kinds.get(found.kind, found.kind),
        department=names[found.id],
        state=stands.label,
        tone=TONES.get(stands.state, "neutral"),
        when=hours(one.standing[0]) if len(one.standing) == 1 else span(found),
        place="、".join(places),
        closes_at=stands.closes_at if is_open else None,
    )


def _wanted() -> tuple[PublicFilter, dict[str, Any]]:
    """Return the filter, and what its controls show."""
    year, department = (
        row_number(request.args.get("year")),
        row_number(request.args.get("department")),
    )
    kind = clean_input(request.args.get("kind", ""))[:_LONGEST_WORD]
    area = clean_input(request.args.get("area", ""))[:_LONGEST_WORD]
    year = year if year in _YEARS else None
    wanted = PublicFilter(
        OccasionFilter(
            department_id=department,
            kind=f"{NAME}.{kind}" if kind else None,
            area=area or None,
        ),
        year,
    )
    return wanted, {"year": year, "department": department, "kind": kind, "area": area}


def _place(text: str | None) -> Place | None:
    """Return where the page before ended; None for the first page, or when it is spoilt."""
    day, _dash, number = (text or "").partition("-")
    workshop_id = row_number(number)
    if workshop_id is None or len(day) != len("20261101") or not (day.isascii() and day.isdigit()):
        return None
    try:
        return Place(date.fromisoformat(day), workshop_id)
    except ValueError:
        return None
