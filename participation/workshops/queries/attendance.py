"""How many people were there: 延べ (every coming counts) and 実人数 (every person counts once).

Who comes twice with the same application is one; the most people that an application had on any
day are its people. Who came without a registration is counted by hand, and so is how many of them
had been there on an earlier day.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.workshops.models import (
    Application,
    Attendance,
    Registration,
    RegistrationStatus,
    SeatKind,
    SeatPool,
    WorkshopDay,
)


@dataclass(frozen=True)
class DayPeople:
    """One day: who was expected and who came."""

    seats: int = 0  # 参加決定: people with a seat at the venue or online
    registered: int = 0  # people who came on a registration
    walk_ins: int = 0
    again: int = 0  # of the walk-ins, who had been there on an earlier day
    no_shows: int = 0  # people with a seat who did not come

    @property
    def total(self) -> int:
        """Everybody who came."""
        return self.registered + self.walk_ins


@dataclass(frozen=True)
class People:
    """A workshop: all its days together."""

    total: int  # 延べ
    distinct: int  # 実人数
    days: int  # on which somebody was counted
    no_shows: int  # on those days


def people(session: Session, workshop_id: int) -> People:
    """Return how many people came to a workshop.

    A day on which nobody was counted says nothing: neither that it was empty nor that everybody
    stayed away.
    """
    by_day = people_by_day(session, workshop_id)
    counted = [day for day in by_day.values() if day.total]
    total = sum(day.total for day in counted)
    most = (
        select(func.max(Attendance.people).label("people"))
        .join(Application, Application.id == Attendance.application_id)
        .where(Application.workshop_id == workshop_id)
        .group_by(Attendance.application_id)
        .subquery()
    )
    registered = session.scalar(select(func.coalesce(func.sum(most.c.people), 0))) or 0
    return People(
        total=total,
        distinct=distinct_people(
            int(registered), sum(day.walk_ins - day.again for day in counted), counted
        ),
        days=len(counted),
        no_shows=sum(day.no_shows for day in counted),
    )


def distinct_people(registered: int, new_walk_ins: int, days: list[DayPeople]) -> int:
    """Return 実人数: at least everybody of the fullest day, at most 延べ.

    The bounds hold whatever was typed about who had been there before.
    """
    fullest = max((day.total for day in days), default=0)
    return max(registered + new_walk_ins, fullest)


def people_by_day(session: Session, workshop_id: int) -> Mapping[int, DayPeople]:
    """Return the counts of each day of a workshop by the day's id, in the days' order."""
    days = session.scalars(
        select(WorkshopDay)
        .where(WorkshopDay.workshop_id == workshop_id)
        .order_by(WorkshopDay.starts_at, WorkshopDay.id)
    ).all()
    came: dict[int, dict[int, int]] = {day.id: {} for day in days}
    for day_id, application_id, number in session.execute(
        select(Attendance.day_id, Attendance.application_id, Attendance.people)
        .join(WorkshopDay, WorkshopDay.id == Attendance.day_id)
        .where(WorkshopDay.workshop_id == workshop_id)
    ):
        came[day_id][application_id] = number
    seats = _seats(session, workshop_id)
    return {day.id: _day(day, came[day.id], _on(day, seats)) for day in days}


def _seats(session: Session, workshop_id: int) -> Mapping[int | None, Mapping[int, int]]:
    """Return the confirmed people by day (None: all days) and application."""
    found: dict[int | None, dict[int, int]] = {}
    for day_id, application_id, seats in session.execute(
        select(SeatPool.day_id, Registration.application_id, func.sum(Registration.seats))
        .join(SeatPool, SeatPool.id == Registration.pool_id)
        .where(
            SeatPool.workshop_id == workshop_id,
            SeatPool.kind != SeatKind.CHILDCARE,
            Registration.status == RegistrationStatus.CONFIRMED,
        )
        .group_by(SeatPool.day_id, Registration.application_id)
    ):
        found.setdefault(day_id, {})[application_id] = int(seats)
    return found


def _on(day: WorkshopDay, seats: Mapping[int | None, Mapping[int, int]]) -> Mapping[int, int]:
    if day.stop_reason:
        return {}
    whole, own = seats.get(None, {}), seats.get(day.id, {})
    # Somebody with both is there once, with the larger party.
    return {one: max(whole.get(one, 0), own.get(one, 0)) for one in {*whole, *own}}


def _day(day: WorkshopDay, came: Mapping[int, int], seats: Mapping[int, int]) -> DayPeople:
    return DayPeople(
        seats=sum(seats.values()),
        registered=sum(came.values()),
        walk_ins=day.walk_ins,
        again=day.again,
        no_shows=sum(max(number - came.get(one, 0), 0) for one, number in seats.items()),
    )
