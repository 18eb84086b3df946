"""What the clock does with workshops: it tells that one can register now."""

from datetime import datetime, timedelta

from sqlalchemy import Select, String, cast, exists, literal, select
from sqlalchemy.orm import Session

from participation.news.models import NewsEvent, NewsItem
from participation.workshops.models import SeatPool, Workshop, WorkshopState
from participation.workshops.services.state_machine import hold
from participation.workshops.services.telling import tell_news

# One sweep tells of so many; the next one, a minute later, goes on.
_AT_ONCE = 100
# What opened longer ago, while no worker ran, is no news any more.
_LATEST = timedelta(days=3)


def tell_openings(session: Session, now: datetime) -> int:
    """Write into the news which workshops take registrations from now on; return how many.

    Once a workshop, with its first pool that opens after the announcement: who could register from
    the announcement on was told by that. Run every minute; twice, or in two workers at once, it
    does nothing more.
    """
    due = session.scalars(_due(now).limit(_AT_ONCE)).all()
    told = 0
    for workshop_id in due:
        workshop = session.get_one(Workshop, workshop_id)
        hold(session, workshop)
        if session.scalar(_due(now).where(Workshop.id == workshop_id)) is None:
            continue
        tell_news(session, workshop, NewsEvent.OPENED, workshop.summary, now=now)
        told += 1
    return told


def _due(now: datetime) -> Select[int]:
    reference = literal("workshop:") + cast(Workshop.id, String)
    announced_before = exists().where(
        NewsItem.reference == reference,
        NewsItem.event == NewsEvent.ANNOUNCED,
        NewsItem.at < SeatPool.opens_at,
    )
    told = exists().where(NewsItem.reference == reference, NewsItem.event == NewsEvent.OPENED)
    return (
        select(Workshop.id)
        .where(
            Workshop.state == WorkshopState.ANNOUNCED,
            exists().where(
                SeatPool.workshop_id == Workshop.id,
                SeatPool.opens_at <= now,
                SeatPool.opens_at > now - _LATEST,
                SeatPool.closes_at > now,
                announced_before,
            ),
            ~told,
        )
        .order_by(Workshop.id)
    )
