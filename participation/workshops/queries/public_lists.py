"""The residents' lists of workshops: what is open, what is coming, what was held; page by page."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.occasions import OccasionFilter
from participation.workshops.models import Workshop, WorkshopState
from participation.workshops.queries.occasions import Found, announced, found_by, is_open

# What has no day yet comes after all days.
_NO_DAY = date.max


class Listed(enum.Enum):
    """Which list a workshop stands in; each in one only."""

    OPEN = "open"  # one can register, or simply come
    COMING = "coming"  # not open yet, closed or stopped, and its days are not over
    HELD = "held"


@dataclass(frozen=True)
class Place:
    """Where a page of a list ended: the day by which it is ordered, and the workshop."""

    day: date
    workshop_id: int


@dataclass(frozen=True)
class PublicFilter:
    """What a list is narrowed to; None for everything."""

    occasions: OccasionFilter = field(default_factory=OccasionFilter)
    fiscal_year: int | None = None


def listed(
    session: Session,
    which: Listed,
    wanted: PublicFilter,
    *,
    now: datetime,
    limit: int,
    after: Place | None = None,
) -> Sequence[Found]:
    """Return workshops of one list with their days and seats, in its order.

    Args:
        session: any session.
        which: the list. What is open and coming begins with the nearest day, what was held with
            the latest.
        wanted: the filter.
        now: when it is asked.
        limit: how many at most.
        after: the end of the page before.

    """
    statement = announced(wanted.occasions).where(_is_in(which, now))
    if wanted.fiscal_year is not None:
        statement = statement.where(Workshop.fiscal_year == wanted.fiscal_year)
    if which is Listed.HELD:
        statement = statement.order_by(Workshop.last_day.desc(), Workshop.id.desc())
        if after is not None:
            statement = statement.where(
                or_(
                    Workshop.last_day < after.day,
                    and_(Workshop.last_day == after.day, Workshop.id < after.workshop_id),
                )
            )
        return found_by(session, statement, limit)
    no_day = Workshop.first_day.is_(None)
    statement = statement.order_by(no_day, Workshop.first_day, Workshop.id)
    if after is not None:
        statement = statement.where(_is_after(after))
    return found_by(session, statement, limit)


def end_of(which: Listed, workshop: Workshop) -> Place:
    """Return where a page that ends with ``workshop`` ends."""
    day = workshop.last_day if which is Listed.HELD else workshop.first_day
    return Place(day or _NO_DAY, workshop.id)


def _is_after(place: Place) -> ColumnElement[bool]:
    if place.day == _NO_DAY:
        return and_(Workshop.first_day.is_(None), Workshop.id > place.workshop_id)
    return or_(
        Workshop.first_day > place.day,
        and_(Workshop.first_day == place.day, Workshop.id > place.workshop_id),
        Workshop.first_day.is_(None),
    )


def _is_in(which: Listed, now: datetime) -> ColumnElement[bool]:
    today = clock.local_date(now)
    # A day that is over by the clock stays in its list until midnight: its card says so.
    over = or_(
        Workshop.state == WorkshopState.REPORTED,
        and_(Workshop.last_day < today, Workshop.state != WorkshopState.POSTPONED),
    )
    match which:
        case Listed.OPEN:
            return is_open(now)
        case Listed.COMING:
            not_over = or_(
                Workshop.last_day >= today,
                Workshop.last_day.is_(None),
                Workshop.state == WorkshopState.POSTPONED,
            )
            return and_(not_over, Workshop.state != WorkshopState.REPORTED, ~is_open(now))
        case Listed.HELD:
            return over


def years_announced(session: Session) -> list[int]:
    """Return the years that have workshops residents may see, the newest first."""
    return list(
        session.scalars(
            select(Workshop.fiscal_year)
            .where(Workshop.state != WorkshopState.PREPARING)
            .distinct()
            .order_by(Workshop.fiscal_year.desc())
        )
    )


def departments_and_kinds(session: Session) -> tuple[frozenset[int], frozenset[str]]:
    """Return the departments and the kinds that have workshops residents may see."""
    rows = session.execute(
        select(Workshop.department_id, Workshop.kind)
        .where(Workshop.state != WorkshopState.PREPARING)
        .distinct()
    ).all()
    return frozenset(row[0] for row in rows), frozenset(row[1] for row in rows)
