"""Reading the news: the latest for feeds, windows for letters."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.city.areas import about
from participation.core.occasions import OccasionFilter
from participation.departments.queries import reachable_successors, successions
from participation.news.models import NewsItem
from participation.news.topics import followed, of_kind


def newest_number(session: Session) -> int:
    """Return the number of the newest news; every smaller one is committed as well."""
    return session.scalar(select(func.max(NewsItem.id))) or 0


def latest(session: Session, wanted: OccasionFilter, *, limit: int) -> Sequence[NewsItem]:
    """Return the newest news first.

    Args:
        session: any session.
        wanted: what a reader narrows to, as in the calendar.
        limit: how many at most.

    """
    query = select(NewsItem).order_by(NewsItem.id.desc()).limit(limit)
    if wanted.department_id is not None:
        query = query.where(NewsItem.department_id == wanted.department_id)
    if wanted.kind is not None:
        query = query.where(of_kind(wanted.kind))
    if wanted.area is not None:
        query = query.where(about(NewsItem.__table__.c.reference, wanted.area))
    return session.scalars(query).all()


def window(
    session: Session,
    topics: Collection[str],
    successors: dict[int, frozenset[int]],
    *,
    after: int,
    until: int,
) -> Sequence[NewsItem]:
    """Return the news of a window that belong to any of ``topics``, in their order.

    Args:
        session: any session.
        topics: what is followed.
        successors: as ``department_successors`` gives it.
        after: the last number before the window.
        until: the last number of it.

    """
    return session.scalars(
        select(NewsItem)
        .where(NewsItem.id > after, NewsItem.id <= until, followed(topics, successors))
        .order_by(NewsItem.id)
    ).all()


def department_successors(session: Session, on: date) -> dict[int, frozenset[int]]:
    """Return for each department that was reorganised by ``on`` itself and what follows it."""
    edges = [
        (one.predecessor_id, one.successor_id)
        for one in successions(session)
        if one.effective_on <= on
    ]
    return {start: reachable_successors(edges, start) for start, _ in edges}


def title_of(session: Session, reference: str) -> str | None:
    """Return what a thing was called when something of it was last told; None for never."""
    return session.scalar(
        select(NewsItem.title)
        .where(NewsItem.reference == reference)
        .order_by(NewsItem.id.desc())
        .limit(1)
    )
