"""The residents' home page: what can I take part in now, and when."""

from datetime import datetime, timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from participation.city.queries import get_city
from participation.core import clock
from participation.core.occasions import STOPPED, Occasion
from participation.db.extension import db
from participation.portal.blueprints import public
from participation.portal.entries import entries_by_day
from participation.portal.gathering import Gathering
from participation.portal.views.lines import Line, line
from participation.portal.views.memory import from_memory
from participation.portal.views.narrowing import Narrowing, narrowing, sources
from participation.portal.views.speech import short_day
from participation.web import gate

_OPEN, _COMING, _DECIDED, _MEETINGS = 9, 6, 6, 8
_AHEAD = timedelta(days=13)  # with today two weeks


@public.get("/")
@gate.public
def home() -> ResponseReturnValue:
    """Show what is open now; before a profile is loaded, what the operator does next."""
    now = clock.now()
    return from_memory(now, lambda: _render(now))


def _render(now: datetime) -> str:
    session = db.session()
    today = clock.local_date(now)
    narrowed = narrowing(session, today)
    gathered = Gathering(sources(), session, narrowed.wanted, now)
    # One more than is shown says whether there are more.
    open_now = gathered.open_now(_OPEN + 1)
    meetings = [one for one in gathered.on_days(today, today + _AHEAD) if _is_ahead(one, now)]
    days = entries_by_day(meetings[:_MEETINGS], (), today, today + _AHEAD)
    return render_template(
        "portal/home.html",
        profile_loaded=get_city(session) is not None,
        open_now=_lines(open_now[:_OPEN], narrowed, now),
        more_open=len(open_now) > _OPEN,
        coming=_lines(gathered.coming(_COMING), narrowed, now),
        decided=_lines(gathered.decided(_DECIDED), narrowed, now),
        days=[(day, entries) for day, entries in days.items()],
        short_day=short_day,
    )


def _is_ahead(one: Occasion, now: datetime) -> bool:
    return one.ends_at is not None and one.ends_at > now and one.state not in STOPPED


def _lines(found: list[Occasion], narrowed: Narrowing, now: datetime) -> list[Line]:
    return [line(one, narrowed, now) for one in found]
