"""How long a workshop keeps who registered, and what it forgets with them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from participation.core import clock
from participation.db.scrubbing import scrub_after_commit
from participation.mail.models import OutboxMessage
from participation.mail.retention import erase_old_mail
from participation.submissions.models import Sender
from participation.workshops.labels import STATUS_LABELS
from participation.workshops.models import (
    Application,
    Attendance,
    Registration,
    SeatPool,
    Workshop,
    WorkshopDay,
    WorkshopEligibility,
    WorkshopNotice,
    WorkshopNoticeKind,
    WorkshopState,
)
from participation.workshops.services.attendee_sheets import erase_of
from participation.workshops.wording import day_words, days_by_id, pool_words

# The keyed hash of a network serves to see a burst, and a burst is looked at within a month.
NETWORK_DAYS = 30
# New days come within the year, or the event is as good as cancelled.
POSTPONED_FOR = timedelta(days=365)
_IDS_A_QUERY = 500
_NETWORKS_AT_ONCE = 5_000


def ended_on(session: Session, workshop: Workshop, now: datetime) -> date | None:
    """Return the day from which the term of the senders runs; None while the event is to come.

    The last day that is held; of a cancelled event the day on which it was cancelled. One that was
    postponed and never held is given up a year after its old last day.
    """
    if workshop.state is WorkshopState.CANCELLED:
        cancelled = session.scalar(
            select(func.max(WorkshopNotice.at)).where(
                WorkshopNotice.workshop_id == workshop.id,
                WorkshopNotice.kind == WorkshopNoticeKind.CANCELLED,
            )
        )
        return clock.local_date(cancelled or workshop.updated_at)
    if workshop.last_day is None:
        return None
    last = workshop.last_day
    if workshop.state is WorkshopState.POSTPONED:
        last += POSTPONED_FOR
    return last if last < clock.local_date(now) else None


def date_senders(session: Session, now: datetime) -> int:
    """Set the day of erasure of senders whose event is over; return for how many it is new.

    A sweep. An event that is given new days after all takes the day back.
    """
    today = clock.local_date(now)
    is_over: ColumnElement[bool] = or_(
        Workshop.state == WorkshopState.CANCELLED, Workshop.last_day < today
    )
    wrong: ColumnElement[bool] = or_(
        is_over & Sender.erase_on.is_(None), ~is_over & Sender.erase_on.is_not(None)
    )
    workshops = session.scalars(
        select(Workshop)
        .where(
            Workshop.id.in_(
                select(Application.workshop_id)
                .join(Workshop, Workshop.id == Application.workshop_id)
                .join(Sender, Sender.receipt_id == Application.receipt_id)
                .where(Sender.contents.is_not(None), wrong)
            )
        )
        .order_by(Workshop.id)
    ).all()
    return sum(set_erasure_day(session, workshop, now) for workshop in workshops)


def set_erasure_day(session: Session, workshop: Workshop, now: datetime) -> int:
    """Set the day of erasure for all senders of a workshop; return for how many it is new."""
    end = ended_on(session, workshop, now)
    day = None if end is None else end + timedelta(days=workshop.retention_days)
    changed = session.execute(
        update(Sender)
        .where(
            Sender.contents.is_not(None),
            Sender.erase_on.is_distinct_from(day),
            Sender.receipt_id.in_(
                select(Application.receipt_id).where(Application.workshop_id == workshop.id)
            ),
        )
        .values(erase_on=day)
        .execution_options(synchronize_session=False)
    )
    return int(changed.rowcount)  # type: ignore[attr-defined]


def forget_senders(session: Session, receipt_ids: Sequence[int]) -> None:
    """Drop what could still recognise the senders of some receipts."""
    for start in range(0, len(receipt_ids), _IDS_A_QUERY):
        ids = receipt_ids[start : start + _IDS_A_QUERY]
        applications = select(Application.id).where(Application.receipt_id.in_(ids))
        session.execute(
            update(Registration)
            .where(Registration.application_id.in_(applications))
            .values(person_key=None)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Application)
            .where(Application.receipt_id.in_(ids))
            .values(network_key=None, has_mail=False)
            .execution_options(synchronize_session=False)
        )
        # A printed list may still have the name.
        erase_of(
            session,
            session.scalars(
                select(Application.workshop_id).where(Application.receipt_id.in_(ids)).distinct()
            ),
        )
    session.expire_all()
    scrub_after_commit(session, Registration.__tablename__, Application.__tablename__)


def forget_networks(session: Session, now: datetime) -> int:
    """Erase the keyed hashes of networks after their days; a sweep, some thousands at once."""
    ids = session.scalars(
        select(Application.id)
        .where(
            Application.network_key.is_not(None),
            Application.received_at < now - timedelta(days=NETWORK_DAYS),
        )
        .limit(_NETWORKS_AT_ONCE)
    ).all()
    for start in range(0, len(ids), _IDS_A_QUERY):
        session.execute(
            update(Application)
            .where(Application.id.in_(ids[start : start + _IDS_A_QUERY]))
            .values(network_key=None)
            .execution_options(synchronize_session=False)
        )
    if ids:
        scrub_after_commit(session, Application.__tablename__)
    return len(ids)


def erase_letters(session: Session, now: datetime) -> int:
    """Erase mail to the registered some days after it went out; a sweep."""
    return erase_old_mail(session, OutboxMessage.kind.like("workshops.%"), now)


def export_application(session: Session, receipt_id: int) -> dict[str, Any]:
    """Return what was registered with a receipt, for its sender, as JSON values."""
    application = session.scalar(select(Application).where(Application.receipt_id == receipt_id))
    if application is None:
        return {}
    workshop = session.get_one(Workshop, application.workshop_id)
    kind = (
        session.get(WorkshopEligibility, application.eligibility_id)
        if application.eligibility_id
        else None
    )
    days = days_by_id(workshop.days)
    claims = session.execute(
        select(Registration, SeatPool)
        .join(SeatPool, SeatPool.id == Registration.pool_id)
        .where(Registration.application_id == application.id)
        .order_by(Registration.id)
    )
    there = session.execute(
        select(Attendance, WorkshopDay)
        .join(WorkshopDay, WorkshopDay.id == Attendance.day_id)
        .where(Attendance.application_id == application.id)
        .order_by(WorkshopDay.starts_at)
    )
    return {
        "催し": workshop.title,
        "人数": application.party,
        "申込者の区分": kind.label if kind else None,
        "初めての参加": application.first_time,
        "お知らせの言語": application.language,
        "申込み": [
            {
                "日程と席": pool_words(pool, days),
                "数": one.seats,
                "状態": STATUS_LABELS[one.status],
                "変わった日時": clock.local(one.changed_at).isoformat(timespec="seconds"),
            }
            for one, pool in claims
        ],
        "参加": [{"日": day_words(day), "人数": one.people} for one, day in there],
    }
