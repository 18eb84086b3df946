"""The calendar of everything that residents can take part in: as month, list and day."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from participation.city.office_days import named_days
from participation.core import clock
from participation.core.occasions import Occasion
from participation.db.extension import db
from participation.portal.blueprints import public
from participation.portal.entries import Entry, entries_by_day, periods
from participation.portal.gathering import Gathering
from participation.portal.months import Month
from participation.portal.views import speech
from participation.portal.views.ical import calendar_address
from participation.portal.views.lines import line
from participation.portal.views.memory import from_memory
from participation.portal.views.narrowing import ARGUMENTS, Narrowing, narrowing, sources
from participation.web import gate
from participation.web.pagination import Page
from participation.web.row_numbers import row_number

VIEWS = ("month", "list", "day")
_PAGE = 50
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Shown:
    """The view that was asked for, with its days."""

    view: str
    month: Month
    day: date
    today: date
    page: int
    most_in_cell: int = 4

    @property
    def some_day(self) -> date:
        """The day to show when one turns to a single day: today, else the month's first."""
        if self.view == "day":
            return self.day
        return self.today if Month.of(self.today) == self.month else self.month.first

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that it shows."""
        if self.view == "day":
            return self.day, self.day
        if self.view == "list":
            return self.month.first, self.month.last
        weeks = self.month.weeks()
        return weeks[0][0], weeks[-1][-1]

    @property
    def is_plain(self) -> bool:
        """Whether it is what the menu links to, and not one of very many others."""
        return not set(request.args)

    def has_something(self, week: Sequence[date], *known: Mapping[date, object]) -> bool:
        """Whether a week has a day of this month of which there is something to say."""
        return any(
            day.month == self.month.number
            and (day == self.today or any(day in days for days in known))
            for day in week
        )

    def turned(self, by: int) -> dict[str, str] | None:
        """Return the arguments of the view before or after it; None beyond the last one."""
        if self.view == "day":
            day = self.day + by * _ONE_DAY
            return {"day": str(day)} if Month.of(day).is_near(self.today) else None
        month = self.month.plus(by)
        return {"month": str(month)} if month.is_near(self.today) else None


@public.get("/calendar/")
@gate.public
def calendar() -> ResponseReturnValue:
    """Show a month, its list, or a day; what lies years away is not found."""
    now = clock.now()
    shown = _asked(clock.local_date(now))
    return from_memory(
        now, lambda: _render(shown, now), (*ARGUMENTS, "view", "month", "day", "page")
    )


def _asked(today: date) -> _Shown:
    view = request.args.get("view", "month")
    day = _day_of(request.args["day"]) if "day" in request.args else today
    month = Month.parse(request.args["month"]) if "month" in request.args else None
    page = row_number(request.args.get("page", "1"))
    if view not in VIEWS or day is None or not page or ("month" in request.args and month is None):
        abort(404)
    month = month or Month.of(day)
    if view == "day":
        month = Month.of(day)
    if not month.is_near(today):
        abort(404)
    return _Shown(view, month, day, today, page)


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-22") else None
    except ValueError:
        return None


def _render(shown: _Shown, now: datetime) -> str:
    session = db.session()
    narrowed = narrowing(session, shown.today)
    first, last = shown.days
    gathered = Gathering(sources(), session, narrowed.wanted, now)
    held = gathered.on_days(first, last)
    by_day = entries_by_day(held, gathered.closing(first, last), first, last)
    address = _addresses(shown, narrowed)
    entries = [entry for found in by_day.values() for entry in found]
    page = _page(entries, shown, address)
    return render_template(
        f"portal/calendar_{shown.view}.html",
        shown=shown,
        narrowed=narrowed,
        address=address,
        previous=_turned(shown, address, -1),
        following=_turned(shown, address, 1),
        weeks=shown.month.weeks(),
        by_day=by_day,
        page=page,
        listed=_grouped(page.items),
        periods=_running(held, shown),
        named=named_days(session, first, last),
        line=lambda one: line(one, narrowed, now),
        ical_url=url_for(".calendar_ical", **narrowed.arguments),
        ical_address=calendar_address(narrowed.arguments),
        webcal_url=f"webcal:{calendar_address(narrowed.arguments).partition(':')[2]}",
        speech=speech,
    )


def _running(held: Iterable[Occasion], shown: _Shown) -> list[Occasion]:
    """Return the periods that touch the day, or the month without the days around it."""
    is_day = shown.view == "day"
    first = shown.day if is_day else shown.month.first
    last = shown.day if is_day else shown.month.last
    return [
        one
        for one in periods(held)
        if one.first_day and one.last_day and one.first_day <= last and one.last_day >= first
    ]


def _page(entries: list[Entry], shown: _Shown, address: Callable[..., str]) -> Page[Entry]:
    begin = (shown.page - 1) * _PAGE
    if begin and begin >= len(entries):
        abort(404)
    after = shown.page + 1 if len(entries) > begin + _PAGE else None
    before = shown.page - 1 if begin else None
    return Page(
        entries[begin : begin + _PAGE],
        address(page=after) if after else None,
        address(page=before if before != 1 else None) if before else None,
        len(entries),
    )


def _grouped(entries: Any) -> list[tuple[date, list[Entry]]]:
    found: dict[date, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.day, []).append(entry)
    return list(found.items())


def _turned(shown: _Shown, address: Callable[..., str], by: int) -> str | None:
    changes = shown.turned(by)
    return None if changes is None else address(page=None, **changes)


def _addresses(shown: _Shown, narrowed: Narrowing) -> Callable[..., str]:
    """Return what gives the calendar's address with some arguments changed; None takes one out."""
    kept: dict[str, Any] = {
        **narrowed.arguments,
        "view": None if shown.view == "month" else shown.view,
        "month": None if shown.view == "day" else str(shown.month),
        "day": str(shown.day) if shown.view == "day" else None,
    }

    def address(**changes: str | int | None) -> str:
        return url_for(".calendar", **{**kept, **changes})

    return address
