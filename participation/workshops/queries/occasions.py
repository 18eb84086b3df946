"""Workshops as the residents' front door lists them: a fixed number of queries for any list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session, defer

from participation.city.areas import about
from participation.core import clock
from participation.core.deadlines import end_of_day
from participation.core.occasions import OccasionFilter
from participation.workshops.models import (
    SeatKind,
    SeatMethod,
    SeatPool,
    SignUp,
    Workshop,
    WorkshopDay,
    WorkshopOutcome,
    WorkshopState,
)

# Far more than a city has in the time that a page or a file is about.
MOST = 20_000
_STOPPED = (WorkshopState.POSTPONED, WorkshopState.CANCELLED)
_NOT_LISTED = (
    Workshop.description,
    Workshop.extra,
    Workshop.sender_fields,
    Workshop.needs,
    Workshop.priority,
)
# Seats that anybody may ask for; 託児 comes with one of them.
_FOR_ALL = (SeatPool.kind != SeatKind.CHILDCARE, SeatPool.method != SeatMethod.INVITED)


@dataclass(frozen=True)
class Found:
    """A workshop with what its occasions are made from."""

    workshop: Workshop
    days: list[WorkshopDay] = field(default_factory=list)  # all, by their start
    pools: list[SeatPool] = field(default_factory=list)  # all but 託児
    published_at: datetime | None = None  # of the outcome

    @property
    def standing(self) -> list[WorkshopDay]:
        """The days that were not cancelled by themselves."""
        return [day for day in self.days if not day.stop_reason]

    def pools_of(self, day: WorkshopDay) -> list[SeatPool]:
        """Return the seats of a day, those of all days among them."""
        return [pool for pool in self.pools if pool.day_id in {None, day.id}]


def on_days(session: Session, first: date, last: date, wanted: OccasionFilter) -> Sequence[Found]:
    """Return the announced workshops with a meeting on any of these days in Japan."""
    begin, end = span(first, last)
    on_these = exists().where(
        WorkshopDay.workshop_id == Workshop.id,
        WorkshopDay.starts_at < end,
        WorkshopDay.ends_at > begin,
    )
    return _listed(session, announced(wanted).where(on_these).order_by(Workshop.id), MOST)


def closing(session: Session, first: date, last: date, wanted: OccasionFilter) -> Sequence[Found]:
    """Return the workshops of which a registration closes on any of these days."""
    begin, end = span(first, last)
    closes = exists().where(
        SeatPool.workshop_id == Workshop.id,
        SeatPool.closes_at > begin,
        SeatPool.closes_at <= end,
        *_FOR_ALL,
    )
    statement = announced(wanted).where(
        closes, Workshop.state.not_in(_STOPPED), Workshop.sign_up != SignUp.NONE
    )
    return _listed(session, statement.order_by(Workshop.id), MOST)


def open_now(
    session: Session, now: datetime, wanted: OccasionFilter, limit: int
) -> Sequence[Found]:
    """Return workshops that one can register for, or come to; the first to close in front."""
    closes = select(func.max(SeatPool.closes_at)).where(*_can_ask(now)).scalar_subquery()
    # Where nobody registers, one can come until it ends.
    ends = (
        select(func.max(WorkshopDay.ends_at))
        .where(WorkshopDay.workshop_id == Workshop.id, WorkshopDay.stop_reason == "")
        .scalar_subquery()
    )
    statement = (
        announced(wanted)
        .where(is_open(now))
        .order_by(func.coalesce(closes, ends), Workshop.first_day, Workshop.id)
    )
    return _listed(session, statement, limit)


def coming(session: Session, now: datetime, wanted: OccasionFilter, limit: int) -> Sequence[Found]:
    """Return workshops whose registration has not opened, by their first day."""
    of_this = (SeatPool.workshop_id == Workshop.id, *_FOR_ALL)
    statement = (
        announced(wanted)
        .where(
            is_ahead(now),
            Workshop.sign_up != SignUp.NONE,
            exists().where(*of_this, SeatPool.opens_at > now),
            ~exists().where(*of_this, SeatPool.opens_at <= now, SeatPool.closes_at > now),
        )
        .order_by(Workshop.first_day, Workshop.id)
    )
    return _listed(session, statement, limit)


def decided(session: Session, wanted: OccasionFilter, limit: int) -> Sequence[Found]:
    """Return workshops whose outcome is published, the latest publication first."""
    statement = (
        announced(wanted)
        .join(WorkshopOutcome, WorkshopOutcome.workshop_id == Workshop.id)
        .where(Workshop.state == WorkshopState.REPORTED, WorkshopOutcome.published_at.is_not(None))
        .order_by(WorkshopOutcome.published_at.desc(), Workshop.id.desc())
    )
    return _listed(session, statement, limit)


def one(session: Session, workshop_id: int) -> Sequence[Found]:
    """Return one workshop if residents may see it."""
    return found_by(session, announced(OccasionFilter()).where(Workshop.id == workshop_id), 1)


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the instants between which these days lie in Japan, the second exclusive."""
    begin = datetime.combine(first, time(tzinfo=clock.TOKYO)).astimezone(UTC)
    return begin, end_of_day(last)


def is_open(now: datetime) -> ColumnElement[bool]:
    """Say that one can register for a workshop, or simply come."""
    return is_ahead(now) & or_(Workshop.sign_up == SignUp.NONE, exists().where(*_can_ask(now)))


def is_ahead(now: datetime) -> ColumnElement[bool]:
    """Say that a workshop stands and a meeting of it is still to end."""
    later = exists().where(
        WorkshopDay.workshop_id == Workshop.id,
        WorkshopDay.ends_at > now,
        WorkshopDay.stop_reason == "",
    )
    today = clock.local_date(now)
    return (Workshop.state == WorkshopState.ANNOUNCED) & (Workshop.last_day >= today) & later


def _can_ask(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        SeatPool.workshop_id == Workshop.id,
        SeatPool.opens_at <= now,
        SeatPool.closes_at > now,
        or_(
            SeatPool.method == SeatMethod.LOTTERY,
            SeatPool.capacity.is_(None),
            SeatPool.taken < SeatPool.capacity,
            SeatPool.has_waitlist,
        ),
        *_FOR_ALL,
    )


def announced(wanted: OccasionFilter) -> Select[Any]:
    """Return the statement for all workshops that residents may see, narrowed to ``wanted``."""
    statement: Select[Any] = select(Workshop).where(Workshop.state != WorkshopState.PREPARING)
    own = wanted.kind_of("workshop")
    if own is not None:
        statement = statement.where(Workshop.kind == own)
    if wanted.department_id is not None:
        statement = statement.where(Workshop.department_id == wanted.department_id)
    if wanted.area is not None:
        reference = literal("workshop:").concat(cast(Workshop.id, String))
        statement = statement.where(about(reference, wanted.area))
    return statement


def found_by(session: Session, statement: Select[Any], limit: int) -> Sequence[Found]:
    """Return the workshops of ``statement``, up to ``limit``, with their days and seats."""
    workshops = session.scalars(statement.limit(limit)).all()
    ids = [workshop.id for workshop in workshops]
    days: dict[int, list[WorkshopDay]] = {}
    pools: dict[int, list[SeatPool]] = {}
    if ids:
        for day in _of_these(session, WorkshopDay, ids, WorkshopDay.starts_at):
            days.setdefault(day.workshop_id, []).append(day)
        for pool in _of_these(session, SeatPool, ids, SeatPool.id):
            if pool.kind is not SeatKind.CHILDCARE:
                pools.setdefault(pool.workshop_id, []).append(pool)
    reported = [one.id for one in workshops if one.state is WorkshopState.REPORTED]
    published = _published(session, reported)
    return [
        Found(
            workshop,
            days.get(workshop.id, []),
            pools.get(workshop.id, []),
            published.get(workshop.id),
        )
        for workshop in workshops
    ]


def _listed(session: Session, statement: Select[Any], limit: int) -> Sequence[Found]:
    """Return the same without what no list shows: long texts, and what must be decoded."""
    return found_by(session, statement.options(*map(defer, _NOT_LISTED)), limit)


def _of_these(
    session: Session, table: type[Any], ids: Collection[int], order: Any
) -> Sequence[Any]:
    return session.scalars(
        select(table).where(table.workshop_id.in_(ids)).order_by(order, table.id)
    ).all()


def _published(session: Session, ids: Collection[int]) -> dict[int, datetime]:
    if not ids:
        return {}
    rows = session.execute(
        select(WorkshopOutcome.workshop_id, WorkshopOutcome.published_at).where(
            WorkshopOutcome.workshop_id.in_(ids), WorkshopOutcome.published_at.is_not(None)
        )
    )
    return {workshop_id: at for workshop_id, at in rows if at is not None}
