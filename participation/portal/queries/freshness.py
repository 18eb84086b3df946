"""The little that the front door's pages depend on, asked before each of them.

Whatever becomes public writes a line of news in the same transaction, so a page from memory never
misses one; nor does it miss a change of the city's profile. What else changes (seats that are
taken, a corrected title) is at most a minute old, since the minute is part of a page's key.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from participation.city.models import City
from participation.db.first_row import first_row
from participation.news.models import NewsItem

KEPT_SECONDS = 60
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


def freshness(engine: Engine, now: datetime) -> Freshness:
    """Return what the pages of the front door depend on at ``now``."""
    news_id, city_updated_at = first_row(engine, _LATEST, {})
    return Freshness(news_id or 0, city_updated_at, int(now.timestamp()) // KEPT_SECONDS)
