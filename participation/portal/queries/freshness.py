"""The little that the front door's pages depend on, asked before each of them.

Whatever becomes public writes a line of news in the same transaction, so a page from memory never
misses one. What else changes (seats that are taken, a corrected title) is at most a minute old,
since the minute is part of a page's key.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from participation.db.first_row import first_row
from participation.news.models import NewsItem

KEPT_SECONDS = 60
_LATEST = select(func.max(NewsItem.id))


@dataclass(frozen=True)
class Freshness:
    """The latest news, and the minute; midnight begins a new one."""

    news_id: int
    minute: int


def freshness(engine: Engine, now: datetime) -> Freshness:
    """Return what the pages of the front door depend on at ``now``."""
    row = first_row(engine, _LATEST, {})
    return Freshness(row[0] or 0, int(now.timestamp()) // KEPT_SECONDS)
