"""Open data: the page that explains it, and the list of events as a file."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from participation.city.context import city_view
from participation.city.queries import licence
from participation.core import clock, fiscal_year
from participation.core.occasions import OccasionFilter
from participation.db.extension import db
from participation.departments.queries import all_departments
from participation.mail.links import site_url
from participation.portal.blueprints import public
from participation.portal.event_list import COLUMNS, Encoding, Row, event_list
from participation.portal.gathering import Gathering
from participation.portal.views.memory import from_memory
from participation.portal.views.narrowing import sources
from participation.web import gate
from participation.web.row_numbers import row_number

_ENCODINGS: dict[str, tuple[Encoding, str]] = {
    "events.csv": ("utf-8-sig", "utf-8"),
    "events-shift-jis.csv": ("cp932", "Shift_JIS"),
}
_YEARS_BACK = 10


@dataclass(frozen=True)
class _Years:
    """The fiscal years of a list, both counted."""

    first: int
    last: int

    @property
    def days(self) -> tuple[date, date]:
        return fiscal_year.first_day(self.first), fiscal_year.last_day(self.last)


@public.get("/open-data/")
@gate.public
def open_data() -> ResponseReturnValue:
    """Explain what there is, under which licence, and what stands in each column."""
    now = clock.now()
    years = _asked(now)
    return from_memory(now, lambda: _render(years, now), ("year",))


@public.get("/open-data/<any('events.csv','events-shift-jis.csv'):name>")
@gate.public
def events_file(name: str) -> ResponseReturnValue:
    """Hand out the list of events of this fiscal year and the next, or of one year."""
    now = clock.now()
    years = _asked(now)
    encoding, charset = _ENCODINGS[name]
    response = from_memory(
        now,
        lambda: event_list(_rows(db.session(), years, now), encoding=encoding).data,
        ("year",),
        mimetype="text/csv",
    )
    response.headers["Content-Type"] = f"text/csv; charset={charset}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(now: datetime) -> _Years:
    this_year = fiscal_year.fiscal_year_of(clock.local_date(now))
    if "year" not in request.args:
        return _Years(this_year, this_year + 1)
    year = row_number(request.args["year"])
    if year is None or not this_year - _YEARS_BACK <= year <= this_year + 1:
        abort(404)
    return _Years(year, year)


def _rows(session: Session, years: _Years, now: datetime) -> list[Row]:
    city = city_view()
    address = site_url(session).removesuffix(request.script_root)
    departments = {one.id: one for one in all_departments(session)}
    gathered = Gathering(sources(), session, OccasionFilter(), now)
    rows = []
    for one in gathered.on_days(*years.days):
        if one.event is None or one.first_day is None:
            continue
        department = departments.get(one.department_id or 0)
        rows.append(
            Row(
                one,
                one.event,
                city.code,
                city.prefecture,
                city.name,
                department.name_on(one.first_day) if department else "",
                department.telephone if department else "",
                address,
            )
        )
    return rows


def _render(years: _Years, now: datetime) -> str:
    session = db.session()
    rows = _rows(session, years, now)
    this_year = fiscal_year.fiscal_year_of(clock.local_date(now))
    year = request.args.get("year")
    files = [
        (name, charset, url_for(".events_file", name=name, year=year))
        for name, (_encoding, charset) in _ENCODINGS.items()
    ]
    return render_template(
        "portal/open_data.html",
        licence=licence(session),
        columns=tuple(COLUMNS),
        events=len(rows),
        years=years,
        choices=range(this_year + 1, this_year - _YEARS_BACK - 1, -1),
        files=files,
        replaced=event_list(rows, encoding="cp932").replaced,
        calendar_url=url_for(".calendar"),
    )
