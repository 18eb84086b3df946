"""Printing the list of who comes on a day: made by the worker, sealed, erased after its day."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import Actor
from participation.core.deadlines import end_of_day
from participation.core.errors import NotFound, StateConflict
from participation.files.services import erase
from participation.jobs.models import Job, JobState
from participation.jobs.services import enqueue
from participation.privacy.crypto import keyring
from participation.submissions.services.sealed_files import SealedFile, unseal
from participation.workshops.models import AttendeeSheet, Workshop, WorkshopDay
from participation.workshops.queries.day_lists import Attendee, attendees
from participation.workshops.services.disclosing import EXPORTED, open_senders
from participation.workshops.services.door_names import Person, person_of
from participation.workshops.services.state_machine import keep

SHEET_JOB = "workshops.print_attendees"
# A list printed early is out of date by the day; a list for a day that is over serves to type in.
LONGEST = timedelta(days=7)
SHORTEST = timedelta(days=1)
_MOST_SHOWN = 20


def request_sheet(
    session: Session,
    workshop: Workshop,
    day: WorkshopDay,
    *,
    by_number: bool,
    actor: Actor,
    now: datetime,
) -> AttendeeSheet:
    """Have the worker print the list of a day.

    Args:
        session: the session of the act.
        workshop: which event.
        day: one of its days.
        by_number: in the order of the numbers; else by the reading of the names.
        actor: who wants it; the caller has checked SENDER_DISCLOSE.
        now: when.

    Raises:
        NotFound: somebody else has just deleted the event or the day.

    """
    keep(session, workshop)
    there = select(WorkshopDay.id).where(WorkshopDay.id == day.id)
    if session.scalar(there.with_for_update(read=True, key_share=True)) is None:
        raise NotFound("この日程はなくなりました。名簿は作成しません。")
    until = min(max(end_of_day(clock.local_date(day.ends_at)), now + SHORTEST), now + LONGEST)
    sheet = AttendeeSheet(
        workshop_id=workshop.id,
        day_id=day.id,
        by_number=by_number,
        created_by=actor.staff_id,
        created_at=now,
        expires_at=until,
    )
    session.add(sheet)
    session.flush()
    job = enqueue(
        session,
        SHEET_JOB,
        {"sheet": sheet.id, "staff_id": actor.staff_id, "name": actor.name},
        actor=actor,
        now=now,
        label="名簿を作成しています",
    )
    sheet.job_id = job.id
    session.flush()
    return sheet


def named_attendees(
    session: Session,
    workshop: Workshop,
    day: WorkshopDay,
    *,
    by_number: bool,
    reason: str,
    actor: Actor,
    now: datetime,
) -> list[tuple[Attendee, Person]]:
    """Return who has a seat on a day, with names; one audit event for the whole list.

    Args:
        session: the session of the act; the caller commits before anything leaves.
        workshop: which event; the caller has checked SENDER_DISCLOSE over it.
        day: one of its days.
        by_number: in the order of the numbers; else by the reading of the names.
        reason: why, for the audit log.
        actor: who takes the list.
        now: when.

    """
    listed = [one for one in attendees(session, day) if one.is_expected]
    names = open_senders(
        session,
        workshop,
        [one.receipt_id for one in listed],
        action=EXPORTED,
        reason=reason,
        actor=actor,
        now=now,
    )
    on = clock.local_date(day.starts_at)
    rows = [(one, person_of(names.get(one.receipt_id, {}), on)) for one in listed]
    if not by_number:
        rows.sort(key=lambda row: row[1].sort_key)
    return rows


def keep_print(session: Session, sheet: AttendeeSheet, sealed: SealedFile) -> None:
    """Let a print be fetched; its key is kept encrypted, so that no backup alone opens it."""
    sheet.file_id = sealed.file_id
    sheet.data_key = keyring(session).encrypt(
        sealed.data_key, table=AttendeeSheet.__tablename__, column="data_key", row=str(sheet.id)
    )
    session.flush()


def sheets_of(
    session: Session, day: WorkshopDay, *, actor: Actor, now: datetime
) -> Sequence[AttendeeSheet]:
    """Return an actor's lists of a day, printed or being printed, newest first.

    Nobody fetches a colleague's: whose names somebody has seen stands with the print.
    """
    return session.scalars(
        select(AttendeeSheet)
        .where(
            AttendeeSheet.day_id == day.id,
            AttendeeSheet.expires_at > now,
            AttendeeSheet.created_by == actor.staff_id,
        )
        .order_by(AttendeeSheet.id.desc())
        .limit(_MOST_SHOWN)
    ).all()


def get_sheet(
    session: Session, workshop: Workshop, sheet_id: int, *, actor: Actor, now: datetime
) -> AttendeeSheet:
    """Return a list of ``workshop`` that the actor has had printed.

    Raises:
        NotFound: it has none of this number, it is somebody else's, or its time is over.

    """
    sheet = session.get(AttendeeSheet, sheet_id)
    if (
        sheet is None
        or sheet.workshop_id != workshop.id
        or sheet.created_by != actor.staff_id
        or sheet.expires_at <= now
    ):
        raise NotFound("この名簿は、保存期間が終わったか、見つかりません。印刷し直してください。")
    return sheet


def open_print(session: Session, sheet: AttendeeSheet) -> bytes:
    """Return the PDF of a list. The print itself is on record; so is every fetch by its view.

    Raises:
        StateConflict: it is not printed yet.
        FileUnavailable: the file is gone.

    """
    if sheet.file_id is None or sheet.data_key is None:
        job = session.get(Job, sheet.job_id) if sheet.job_id is not None else None
        if job is not None and job.state is JobState.FAILED:
            raise StateConflict("名簿を作成できませんでした。もう一度印刷してください。")
        raise StateConflict("名簿を作成しています。少し待ってから、開き直してください。")
    key = keyring(session).decrypt(
        sheet.data_key, table=AttendeeSheet.__tablename__, column="data_key", row=str(sheet.id)
    )
    return unseal(session, sheet.file_id, key)


def erase_over(session: Session, now: datetime) -> int:
    """Erase the lists whose time is over; return how many. A sweep."""
    return _erase(session, select(AttendeeSheet.id).where(AttendeeSheet.expires_at <= now))


def erase_of(session: Session, workshop_ids: Iterable[int]) -> int:
    """Erase all lists of some workshops: somebody on them is being forgotten."""
    return _erase(
        session,
        select(AttendeeSheet.id).where(AttendeeSheet.workshop_id.in_(sorted(set(workshop_ids)))),
    )


def erase_of_day(session: Session, day_id: int) -> int:
    """Erase all lists of a day, which is taken away."""
    return _erase(session, select(AttendeeSheet.id).where(AttendeeSheet.day_id == day_id))


def _erase(session: Session, wanted: object) -> int:
    ids = session.scalars(wanted).all()  # type: ignore[call-overload]
    for sheet_id in ids:
        sheet = session.get_one(AttendeeSheet, sheet_id)
        file_id = sheet.file_id
        session.delete(sheet)
        session.flush()
        if file_id is not None:
            erase(session, file_id)
    return len(ids)
