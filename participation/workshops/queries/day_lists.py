"""Who is expected on a day and who came: the list at the door, without a name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.submissions.models import Receipt
from participation.workshops.models import (
    Application,
    Attendance,
    Registration,
    RegistrationStatus,
    SeatKind,
    SeatPool,
    Workshop,
    WorkshopDay,
)

# What a registration is worth at the door: the first of these that an application has there.
_WORTH = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.OFFERED,
    RegistrationStatus.APPLIED,
    RegistrationStatus.WAITLISTED,
    RegistrationStatus.LAPSED,
    RegistrationStatus.LOST,
    RegistrationStatus.CANCELLED,
)


@dataclass(frozen=True)
class Attendee:
    """One application on the list of a day."""

    # On the list: the place among all applications of the workshop. It never changes, so that a
    # list printed yesterday means the same today.
    number: int
    application_id: int
    receipt_id: int
    receipt_number: str
    status: RegistrationStatus
    seats: int  # people with a seat, or who ask for one
    kinds: tuple[SeatKind, ...]  # 会場, オンライン
    childcare: int  # children with a confirmed place
    attendance: Attendance | None

    @property
    def is_expected(self) -> bool:
        """Whether there is a seat for them."""
        return self.status is RegistrationStatus.CONFIRMED

    @property
    def came(self) -> int:
        """How many people came; 0 while nobody has."""
        return self.attendance.people if self.attendance is not None else 0


@dataclass
class _Row:
    status: RegistrationStatus | None = None
    seats: int = 0
    kinds: list[SeatKind] = field(default_factory=list)
    childcare: int = 0

    def take(self, kind: SeatKind, status: RegistrationStatus, seats: int) -> None:
        if kind is SeatKind.CHILDCARE:
            self.childcare += seats if status is RegistrationStatus.CONFIRMED else 0
            return
        if self.status is None or _WORTH.index(status) < _WORTH.index(self.status):
            self.status, self.seats, self.kinds = status, seats, [kind]
        elif status is self.status:
            self.seats = max(self.seats, seats)
            self.kinds.append(kind)


def attendees(
    session: Session, day: WorkshopDay, *, application_ids: Iterable[int] | None = None
) -> list[Attendee]:
    """Return the applications that asked for a seat on ``day``, whatever became of it, by number.

    Three queries for any number of them.

    Args:
        session: any session.
        day: of which workshop and day.
        application_ids: only these; None for all.

    """
    wanted = None if application_ids is None else set(application_ids)
    rows: dict[int, _Row] = {}
    query = (
        select(Registration.application_id, SeatPool.kind, Registration.status, Registration.seats)
        .join(SeatPool, SeatPool.id == Registration.pool_id)
        .where(
            SeatPool.workshop_id == day.workshop_id,
            (SeatPool.day_id.is_(None)) | (SeatPool.day_id == day.id),
        )
    )
    there = select(Attendance).where(Attendance.day_id == day.id)
    if wanted is not None:
        query = query.where(Registration.application_id.in_(wanted))
        there = there.where(Attendance.application_id.in_(wanted))
    for application_id, kind, status, seats in session.execute(query):
        rows.setdefault(application_id, _Row()).take(kind, status, seats)
    came = {one.application_id: one for one in session.scalars(there)}
    return [
        Attendee(
            number=number,
            application_id=application_id,
            receipt_id=receipt_id,
            receipt_number=receipt_number,
            status=row.status,
            seats=row.seats,
            kinds=tuple(sorted(row.kinds, key=lambda kind: kind.value, reverse=True)),
            childcare=row.childcare,
            attendance=came.get(application_id),
        )
        for number, application_id, receipt_id, receipt_number in _numbered(session, day, wanted)
        if (row := rows.get(application_id)) is not None and row.status is not None
    ]


def _numbered(
    session: Session, day: WorkshopDay, wanted: set[int] | None
) -> Iterable[tuple[int, int, int, str]]:
    numbered = (
        select(
            func.row_number().over(order_by=Application.id).label("number"),
            Application.id,
            Application.receipt_id,
        )
        .where(Application.workshop_id == day.workshop_id)
        .subquery()
    )
    query = (
        select(numbered.c.number, numbered.c.id, numbered.c.receipt_id, Receipt.number)
        .join(Receipt, Receipt.id == numbered.c.receipt_id)
        .order_by(numbered.c.number)
    )
    if wanted is not None:
        query = query.where(numbered.c.id.in_(wanted))
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]


def attendee(session: Session, day: WorkshopDay, application_id: int) -> Attendee | None:
    """Return one application on the list of a day; None when it never asked for that day."""
    found = attendees(session, day, application_ids=[application_id])
    return found[0] if found else None


def by_door_code(session: Session, workshop: Workshop, code: str) -> Application | None:
    """Return the application of ``workshop`` with this code of the QR code."""
    return session.scalar(
        select(Application).where(
            Application.door_code == code, Application.workshop_id == workshop.id
        )
    )


def days_on(workshop: Workshop, today: date) -> Sequence[WorkshopDay]:
    """Return the meetings of ``workshop`` that are held on a calendar day, in their order."""
    return [
        day
        for day in workshop.days
        if not day.stop_reason
        and clock.local_date(day.starts_at) <= today <= clock.local_date(day.ends_at)
    ]


def receipt_numbers(session: Session, receipt_ids: Sequence[int]) -> dict[int, str]:
    """Return 受付番号 of receipts by their ids."""
    wanted = select(Receipt.id, Receipt.number).where(Receipt.id.in_(receipt_ids))
    return dict(session.execute(wanted).all())
