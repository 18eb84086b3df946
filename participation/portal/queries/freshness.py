"""The little that the front door's pages depend on, asked before each of them.

Whatever becomes public writes a line of news in the same transaction, so a page from memory that
begins half a second later never misses one, nor a change of the city's profile: so long an answer
is good, since on PostgreSQL to ask for it takes a third of such a page. What else changes (seats
that are taken, a corrected title) is at most a minute old, since the minute is part of a page's
key.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.pool import ConnectionPoolEntry

from participation.city.models import City
from participation.db.first_row import first_row
from participation.news.models import NewsItem

KEPT_SECONDS = 60
_GOOD_SECONDS = 0.5
_COMMITTED = "freshness.committed"  # in Connection.info
_LATEST = select(
    select(func.max(NewsItem.id)).scalar_subquery(),
    select(City.updated_at).limit(1).scalar_subquery(),
)


@dataclass(frozen=True)
class Freshness:
    """The latest news, the city's profile, and the minute; midnight begins a new one."""

    news_id: int
    city_updated_at: object  # as the driver gives it; only ever compared
    minute: int


class _Answer:
    """What one database said last; a commit of this process ends it at once."""

    def __init__(self, engine: Engine) -> None:
        self._era = object()
        self._said: tuple[object, float, Any] = (None, 0.0, None)  # when, good until, the row
        event.listen(engine, "commit", self._mark)
        event.listen(engine, "checkin", self._forget)

    def row(self, engine: Engine) -> Any:
        era, good_until, row = self._said
        if era is not self._era or time.monotonic() >= good_until:
            # Both from before it is asked: what is committed meanwhile may be missing.
            era, begun = self._era, time.monotonic()
            row = first_row(engine, _LATEST, {})
            self._said = (era, begun + _GOOD_SECONDS, row)
        return row

    def _mark(self, connection: Connection) -> None:
        # It is said before the commit, which is done once the connection is given back.
        connection.info[_COMMITTED] = True

    def _forget(self, _driver: object, record: ConnectionPoolEntry) -> None:
        if record.info.pop(_COMMITTED, False):
            self._era = object()


_answers: WeakKeyDictionary[Engine, _Answer] = WeakKeyDictionary()


def freshness(engine: Engine, now: datetime) -> Freshness:
    """Return what the pages of the front door depend on at ``now``."""
    answer = _answers.get(engine)
    if answer is None:
        answer = _answers.setdefault(engine, _Answer(engine))
    news_id, city_updated_at = answer.row(engine)
    return Freshness(news_id or 0, city_updated_at, int(now.timestamp()) // KEPT_SECONDS)
