"""What the worker does for letters: one mail to each recipient, each once, whatever happens."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.errors import InvalidInput
from participation.core.speech import Speech
from participation.db.engine import writing
from participation.db.many_rows import insert_many
from participation.jobs.runner import JobRun
from participation.mail import services as mail
from participation.privacy.crypto import keyring
from participation.submissions.models import Receipt
from participation.workshops.letter_words import letter_body, letter_subject, letter_text
from participation.workshops.models import Application, LetterDelivery, Workshop, WorkshopLetter
from participation.workshops.queries.letters import letter_applications, still_without
from participation.workshops.services.links import link_of
from participation.workshops.services.seat_letters import mail_address

LETTER_KIND = "workshops.letter"
_AT_ONCE = 50
_LABEL = "メールを送信待ちに入れています"
_INSERT = insert(cast("Any", LetterDelivery.__table__))


def send_letter(run: JobRun) -> None:
    """Put a letter into the outbox for everybody it is for.

    Some at a time: their mails and the note that they have it stand or fall with one commit. Killed
    between two commits, the next run goes on with who has none; two runs at once cannot both commit
    the same one, since the note is the row's key.
    """
    session = run.session
    until = int(run.payload["until"])
    letter = session.get_one(WorkshopLetter, run.payload["letter"])
    if letter.finished_at is not None:
        return
    total = session.scalar(
        select(func.count()).select_from(
            letter_applications(letter).where(Application.id <= until).subquery()
        )
    )
    done = session.scalar(
        select(func.count())
        .select_from(LetterDelivery)
        .where(LetterDelivery.letter_id == letter.id)
    )
    total, done = total or 0, done or 0
    run.progress(done, max(total, done, 1), _LABEL)
    while batch := still_without(session, letter, until=until, limit=_AT_ONCE):
        deliveries, mails = _prepared(session, letter, batch)
        with writing(session):
            insert_many(session.connection(), _INSERT, deliveries)
            mail.send_prepared(session, mails)
            run.commit()
        done += len(deliveries)
        run.progress(done, max(total, done), _LABEL)
        letter = session.get_one(WorkshopLetter, run.payload["letter"])
    with writing(session):
        letter = session.get_one(WorkshopLetter, run.payload["letter"])
        letter.finished_at = clock.now()


def _prepared(
    session: Session, letter: WorkshopLetter, batch: Sequence[Application]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the notes and the encrypted mails for some applications; nothing is written."""
    keys, now = keyring(session), clock.now()
    workshop = session.get_one(Workshop, letter.workshop_id)
    numbers: dict[int, str] = dict(
        session.execute(
            select(Receipt.id, Receipt.number).where(
                Receipt.id.in_([one.receipt_id for one in batch])
            )
        ).all()
    )
    deliveries, mails = [], []
    for one in batch:
        address = _usable(mail_address(session, one))
        deliveries.append(
            {"letter_id": letter.id, "application_id": one.id, "mailed": bool(address)}
        )
        if not address:
            continue
        number, say = numbers[one.receipt_id], Speech(one.language)
        message = mail.NewMessage(
            kind=LETTER_KIND,
            recipient=address,
            subject=letter_subject(letter, say),
            body=letter_body(
                letter_text(letter, say),
                workshop=workshop,
                number=number,
                link=link_of(session, number),
                say=say,
            ),
        )
        mails.append(mail.prepare(keys, message, now=now))
    return deliveries, mails


def _usable(address: str) -> str:
    """Return the address, or nothing where mail would be refused: one must not stop the others."""
    try:
        mail.check_address(address)
    except InvalidInput:
        return ""
    return address
