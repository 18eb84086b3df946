"""The little that residents' pages of workshops depend on, asked before each of them.

Most pages come from memory then. What is not asked here (the name of a department, a poster) is at
most a minute old, since the minute is part of a page's key.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, bindparam, func, select

from participation.core.errors import NotFound
from participation.workshops.models import (
    SeatPool,
    Workshop,
    WorkshopFile,
    WorkshopOutcome,
    WorkshopState,
)
from participation.workshops.queries.form_offers import room_words

_KEPT_SECONDS = 60


@dataclass(frozen=True)
class PageFacts:
    """A workshop's version, what can be said of its seats, its outcome, and the minute."""

    page: str
    workshop_id: int
    version: int
    rooms: tuple[str, ...]
    outcome: int | None
    files: int
    minute: int


@dataclass(frozen=True)
class ListFacts:
    """What the lists of workshops depend on."""

    workshops: int
    versions: int
    newest: int | None
    minute: int


_WORKSHOP = select(
    Workshop.version,
    Workshop.state,
    select(WorkshopOutcome.version)
    .where(WorkshopOutcome.workshop_id == Workshop.id)
    .scalar_subquery(),
    select(func.count(WorkshopFile.published_at))
    .where(WorkshopFile.workshop_id == Workshop.id)
    .scalar_subquery(),
).where(Workshop.id == bindparam("workshop"))
_POOLS = (
    select(
        SeatPool.id,
        SeatPool.method,
        SeatPool.capacity,
        SeatPool.taken,
        SeatPool.has_waitlist,
        SeatPool.drawn_at,
    )
    .where(SeatPool.workshop_id == bindparam("workshop"))
    .order_by(SeatPool.id)
)
_LIST = select(
    func.count(), func.coalesce(func.sum(Workshop.version), 0), func.max(Workshop.id)
).where(Workshop.state != WorkshopState.PREPARING)


def page_facts(engine: Engine, page: str, workshop_id: int, now: datetime) -> PageFacts:
    """Return what a page of a workshop depends on at ``now``; ``page`` names the page.

    Raises:
        NotFound: there is none that residents may see.

    """
    with engine.connect() as connection:
        row = connection.execute(_WORKSHOP, {"workshop": workshop_id}).one_or_none()
        pools = connection.execute(_POOLS, {"workshop": workshop_id}).all()
    if row is None or row.state is WorkshopState.PREPARING:
        raise NotFound("お探しの催しは見つかりませんでした。")
    rooms = tuple(
        room_words(
            pool.method,
            pool.capacity,
            pool.taken,
            has_waitlist=pool.has_waitlist,
            is_drawn=pool.drawn_at is not None,
        ).value
        for pool in pools
    )
    return PageFacts(page, workshop_id, row.version, rooms, row[2], row[3], _minute(now))


def list_facts(engine: Engine, now: datetime) -> ListFacts:
    """Return what the lists of workshops depend on at ``now``.

    The words about seats are those of the minute: to count all seats would cost more than it
    tells.
    """
    with engine.connect() as connection:
        workshops, versions, newest = connection.execute(_LIST).one()
    return ListFacts(workshops, int(versions), newest, _minute(now))


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // _KEPT_SECONDS
