"""The calendar for calendar programs: by the filter, or one thing with all its days."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.city.areas import areas_of
from participation.city.context import city_view
from participation.core import clock
from participation.core.occasions import Occasion
from participation.db.extension import db
from participation.mail.links import site_url
from participation.portal.blueprints import public
from participation.portal.gathering import Gathering
from participation.portal.ical import MEDIA_TYPE, Subscription, calendar_file
from participation.portal.views.memory import from_memory
from participation.portal.views.narrowing import ARGUMENTS, Narrowing, narrowing, sources
from participation.web import gate

# What a subscription holds; enough to look back at what one went to and ahead at a year's plan.
_BACK, _AHEAD = timedelta(days=92), timedelta(days=550)
_MOST = 3_000


@public.get("/calendar.ics")
@gate.public
def calendar_ical() -> ResponseReturnValue:
    """Hand out everything that the filter lets through."""
    now = clock.now()

    def make(session: Session) -> bytes:
        today = clock.local_date(now)
        narrowed = narrowing(session, today)
        gathered = Gathering(sources(), session, narrowed.wanted, now)
        found = gathered.on_days(today - _BACK, today + _AHEAD)
        return _file(session, found[:_MOST], _name(narrowed))

    return _answer(now, make, ARGUMENTS, "calendar.ics")


@public.get("/calendar/<source>/<int:number>.ics")
@gate.public
def event_ical(source: str, number: int) -> ResponseReturnValue:
    """Hand out one thing with all its days."""
    now = clock.now()
    found = next((one for one in sources() if one.name == source), None)
    if found is None:
        abort(404)

    def make(session: Session) -> bytes:
        parts = found.parts(session, number, now)
        name = parts[0].title if len(parts) == 1 else _name(None)
        return _file(session, parts, name)

    return _answer(now, make, (), f"{source}-{number}.ics")


def calendar_address(arguments: dict[str, Any]) -> str:
    """Return the whole address under which a program subscribes to a filter."""
    return site_url(db.session()) + url_for(".calendar_ical", **arguments)


def _file(session: Session, found: Collection[Occasion], name: str) -> bytes:
    # The paths begin with where the site is mounted; the site's address has that in it as well.
    address = site_url(session).removesuffix(request.script_root)
    areas = areas_of(session, {one.ref for one in found})
    return calendar_file(found, Subscription(name, address), areas)


def _name(narrowed: Narrowing | None) -> str:
    words = narrowed.words if narrowed is not None else []
    title = str(_("%(city)s 市民参加カレンダー", city=city_view().name)).strip()
    return f"{title}（{'、'.join(words)}）" if words else title


def _answer(
    now: datetime, make: Callable[[Session], bytes], arguments: Collection[str], file_name: str
) -> Response:
    response = from_memory(now, lambda: make(db.session()), arguments, mimetype=MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'inline; filename="{file_name}"'
    return response
