"""Before the day: a reminder to who has a seat. Afterwards: a letter that asks for the answers.

Both go out once, whatever worker comes first and however often: a registration notes when it was
reminded, and of a workshop there is one letter of the kind.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from participation import audit
from participation.audit import Event
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.clock import TOKYO
from participation.core.errors import InvalidInput
from participation.core.speech import Speech
from participation.mail import services as mail
from participation.mail.links import site_url
from participation.privacy.crypto import keyring
from participation.submissions.models import Receipt
from participation.workshops.letter_words import letter_body
from participation.workshops.models import (
    Application,
    LetterKind,
    Questionnaire,
    Registration,
    RegistrationStatus,
    SeatKind,
    SeatPool,
    Workshop,
    WorkshopDay,
    WorkshopLetter,
    WorkshopState,
)
from participation.workshops.services.letters import checked_subject, write_letter
from participation.workshops.services.links import link_of
from participation.workshops.services.reminder_words import reminder_text
from participation.workshops.services.seat_letters import mail_address
from participation.workshops.services.telling import subject_of, title_in_subject

REMINDER_KIND = "workshops.reminder"
_CLOCK = "開催前のお知らせ"
_HOUR = time(9, tzinfo=TOKYO)  # nobody's telephone rings at night
_LATEST = timedelta(hours=3)  # before an early start, on the day itself
_LONGEST = timedelta(days=62)
_AT_ONCE = 100
# A questionnaire made long after the event is asked for by a letter that somebody writes.
_ASKED_WITHIN = timedelta(days=14)
_QUESTIONNAIRE = "/workshops/{}/questionnaire/"


def reminder_moment(workshop: Workshop, starts_at: datetime) -> datetime | None:
    """Return from when on people are reminded of a day; None when they are not.

    Nine in the morning so many days before, in Japan; before an early start some hours earlier.
    """
    if workshop.reminder_days is None:
        return None
    day = clock.local_date(starts_at) - timedelta(days=workshop.reminder_days)
    return min(datetime.combine(day, _HOUR), starts_at - _LATEST)


def remind_due(session: Session, now: datetime) -> int:
    """Write to the confirmed whose day comes near; return how many mails. A sweep, some at once.

    Who is confirmed after that moment is reminded right away: this mail has the way to join online
    in it, which else stands on the page behind the link alone. A day that was put off is reminded
    of once more. The whole event's seats are reminded of before the first day.
    """
    sent = 0
    for workshop in _coming(session, now):
        days = [day for day in workshop.days if not day.stop_reason]
        for pool in _pools(session, workshop):
            on = [day for day in days if pool.day_id in {None, day.id}]
            moment = reminder_moment(workshop, on[0].starts_at) if on else None
            if moment is None or not moment <= now < on[0].starts_at:
                continue
            sent += _remind(session, workshop, pool, on, moment=moment, now=now)
            if sent >= _AT_ONCE:
                return sent
    return sent


def ask_for_answers(session: Session, now: datetime) -> int:
    """Write to the confirmed of events that are over and have a questionnaire; a sweep."""
    asked = 0
    workshops = session.scalars(
        select(Workshop)
        .join(Questionnaire, Questionnaire.workshop_id == Workshop.id)
        .where(
            Workshop.state.in_((WorkshopState.ANNOUNCED, WorkshopState.REPORTED)),
            Questionnaire.opens_at <= now,
            Questionnaire.closes_at > now,
            Workshop.last_day >= clock.local_date(now - _ASKED_WITHIN),
            Workshop.last_day <= clock.local_date(now),
            exists().where(
                Application.workshop_id == Workshop.id,
                Registration.application_id == Application.id,
                Registration.status == RegistrationStatus.CONFIRMED,
            ),
            ~exists().where(
                WorkshopLetter.workshop_id == Workshop.id,
                WorkshopLetter.kind == LetterKind.QUESTIONNAIRE,
            ),
        )
        .order_by(Workshop.id)
        .limit(_AT_ONCE)
    ).all()
    for workshop in workshops:
        if not _is_over(workshop, now) or not _first_to_ask(session, workshop):
            continue
        page = site_url(session) + _QUESTIONNAIRE.format(workshop.id)
        write_letter(
            session,
            workshop,
            LetterKind.QUESTIONNAIRE,
            subject=subject_of(workshop, "アンケートのお願い"),
            body=(
                f"「{workshop.title}」にご参加いただき、ありがとうございました。\n\n"
                "今後の催しをよくするため、アンケートにお答えください。お名前は聞きません。\n"
                f"{page}\n\n"
                "参加されなかった方は、このメールを読み捨ててください。"
            ),
            statuses=[RegistrationStatus.CONFIRMED],
            actor=system_actor("アンケートのお願い"),
            now=now,
        )
        asked += 1
    return asked


def _is_over(workshop: Workshop, now: datetime) -> bool:
    standing = [day for day in workshop.days if not day.stop_reason]
    return bool(standing) and all(day.ends_at <= now for day in standing)


def _first_to_ask(session: Session, workshop: Workshop) -> bool:
    """Whether no other worker has asked a moment ago; the workshop stays locked."""
    session.refresh(workshop, with_for_update={"key_share": True})
    return not session.scalar(
        select(
            exists().where(
                WorkshopLetter.workshop_id == workshop.id,
                WorkshopLetter.kind == LetterKind.QUESTIONNAIRE,
            )
        )
    )


def _coming(session: Session, now: datetime) -> Sequence[Workshop]:
    return session.scalars(
        select(Workshop)
        .where(
            Workshop.state == WorkshopState.ANNOUNCED,
            Workshop.reminder_days.is_not(None),
            exists().where(
                WorkshopDay.workshop_id == Workshop.id,
                WorkshopDay.stop_reason == "",
                WorkshopDay.starts_at > now,
                WorkshopDay.starts_at <= now + _LONGEST,
            ),
            exists().where(
                SeatPool.workshop_id == Workshop.id,
                SeatPool.kind != SeatKind.CHILDCARE,
                SeatPool.taken > 0,
            ),
        )
        .order_by(Workshop.first_day, Workshop.id)
    ).all()


def _pools(session: Session, workshop: Workshop) -> Sequence[SeatPool]:
    return session.scalars(
        select(SeatPool)
        .where(
            SeatPool.workshop_id == workshop.id,
            SeatPool.kind != SeatKind.CHILDCARE,
            SeatPool.taken > 0,
        )
        .order_by(SeatPool.id)
    ).all()


def _remind(
    session: Session,
    workshop: Workshop,
    pool: SeatPool,
    days: Sequence[WorkshopDay],
    *,
    moment: datetime,
    now: datetime,
) -> int:
    due = (
        Registration.pool_id == pool.id,
        Registration.status == RegistrationStatus.CONFIRMED,
        or_(Registration.reminded_at.is_(None), Registration.reminded_at < moment),
    )
    ids = session.scalars(
        select(Registration.id)
        .join(Application, Application.id == Registration.application_id)
        .where(*due, Application.has_mail)
        .order_by(Registration.id)
        .limit(_AT_ONCE)
    ).all()
    if not ids:
        return 0
    # Whoever's update takes a row writes to its sender: nobody is reminded twice, and nobody who
    # has just given the seat back.
    taken = session.execute(
        update(Registration)
        .where(Registration.id.in_(ids), *due)
        .values(reminded_at=now)
        .returning(Registration.application_id, Registration.seats)
        .execution_options(synchronize_session=False)
    ).all()
    session.expire_all()
    children = _children(session, workshop, pool, [row[0] for row in taken])
    rows, events = [], []
    for application_id, seats in sorted(taken):
        application = session.get_one(Application, application_id)
        text = reminder_text(
            session,
            workshop,
            pool,
            days,
            seats=seats,
            children=children[application_id],
            say=Speech(application.language),
        )
        row = _mail(session, workshop, application, text, now=now)
        if row is not None:
            rows.append(row)
        events.append(application_id)
    mail.send_prepared(session, rows)
    audit.record_many(
        session,
        [
            Event(
                action="workshops.application.reminded",
                actor=system_actor(_CLOCK),
                now=now,
                subject=f"application:{application_id}",
                department_id=workshop.department_id,
            )
            for application_id in events
        ],
    )
    return len(rows)


def _children(
    session: Session, workshop: Workshop, pool: SeatPool, application_ids: Collection[int]
) -> dict[int, int]:
    """Return how many children of each application are looked after on the pool's day."""
    found: dict[int, int] = defaultdict(int)
    for application_id, seats in session.execute(
        select(Registration.application_id, Registration.seats)
        .join(SeatPool, SeatPool.id == Registration.pool_id)
        .where(
            SeatPool.workshop_id == workshop.id,
            SeatPool.kind == SeatKind.CHILDCARE,
            Registration.status == RegistrationStatus.CONFIRMED,
            Registration.application_id.in_(application_ids),
            *(
                ()
                if pool.day_id is None
                else (or_(SeatPool.day_id.is_(None), SeatPool.day_id == pool.day_id),)
            ),
        )
    ):
        found[application_id] = max(found[application_id], seats)
    return found


def _mail(
    session: Session,
    workshop: Workshop,
    application: Application,
    text: str,
    *,
    now: datetime,
) -> dict[str, Any] | None:
    address = mail_address(session, application)
    try:
        mail.check_address(address)
    except InvalidInput:
        return None
    say = Speech(application.language)
    number = session.get_one(Receipt, application.receipt_id).number
    message = mail.NewMessage(
        kind=REMINDER_KIND,
        recipient=address,
        subject=checked_subject(
            say.gettext("「%(title)s」開催のお知らせ", title=title_in_subject(workshop))
        ),
        body=letter_body(
            text, workshop=workshop, number=number, link=link_of(session, number), say=say
        ),
    )
    return mail.prepare(keyring(session), message, now=now)
