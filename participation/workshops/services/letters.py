"""Writing to everybody registered: a letter is a row and a job, its mails come one by one.

The job (``jobs/letters.py``) decrypts the addresses; nothing here, and no job's payload, names
anybody.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.core.text import clean_input
from participation.jobs.services import enqueue
from participation.workshops.models import (
    LetterKind,
    RegistrationStatus,
    Workshop,
    WorkshopLetter,
)
from participation.workshops.queries.letters import newest_application

LETTER_JOB = "workshops.send_letter"
MAX_SUBJECT = 200
MAX_BODY = 10_000


def write_letter(
    session: Session,
    workshop: Workshop,
    kind: LetterKind,
    *,
    subject: str,
    body: str,
    day_id: int | None = None,
    statuses: Sequence[RegistrationStatus],
    online_only: bool = False,
    actor: Actor,
    now: datetime,
) -> WorkshopLetter:
    """Write to the registered: the worker puts one mail for each into the outbox.

    Args:
        session: the session of the act; the letter stands or falls with its commit.
        workshop: whose registered are written to.
        kind: why.
        subject: one line.
        body: plain text; the link to the application and the contact are added to it.
        day_id: only who wants to come on this day; None for everybody.
        statuses: only whose registration is worth one of these.
        online_only: only whose seat is online.
        actor: who writes.
        now: when; who registers later does not get it.

    Raises:
        InvalidInput: the subject is none or has a line break, the text is none or too long, or
            nobody is meant.

    """
    subject = checked_subject(subject)
    body = checked_body(body)
    if not statuses:
        raise InvalidInput("だれに送るかを、1つ以上選んでください。", field="statuses")
    letter = WorkshopLetter(
        workshop_id=workshop.id,
        kind=kind,
        subject=subject,
        body=body,
        day_id=day_id,
        statuses=[status.value for status in statuses],
        online_only=online_only,
        created_by=actor.staff_id,
        created_at=now,
    )
    session.add(letter)
    session.flush()
    job = enqueue(
        session,
        LETTER_JOB,
        {"letter": letter.id, "until": newest_application(session, workshop.id)},
        actor=actor,
        now=now,
        label="メールを準備しています",
    )
    letter.job_id = job.id
    audit.record(
        session,
        "workshops.letter.written",
        actor=actor,
        now=now,
        subject=f"workshop_letter:{letter.id}",
        after={
            "kind": kind,
            "title": subject,
            "text": body,
            "day_id": day_id,
            "statuses": letter.statuses,
        },
        department_id=workshop.department_id,
    )
    session.flush()
    return letter


def checked_subject(text: str) -> str:
    """Return a subject that can stand in a header: one line; 全角空白 becomes a plain blank.

    Raises:
        InvalidInput: it is none, too long, or has a line break or another control character.

    """
    line = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in text).strip(" ")
    if not line:
        raise InvalidInput("件名を入力してください。", field="subject")
    if not line.isprintable():
        raise InvalidInput(
            "件名に改行や制御文字は使えません。1行で入力してください。", field="subject"
        )
    if len(line) > MAX_SUBJECT:
        raise InvalidInput(f"件名は{MAX_SUBJECT}文字以内にしてください。", field="subject")
    return line


def checked_body(text: str) -> str:
    """Return the text of a letter.

    Raises:
        InvalidInput: it is none, or too long.

    """
    text = clean_input(text)
    if not text.strip():
        raise InvalidInput("本文を入力してください。", field="body")
    if len(text) > MAX_BODY:
        raise InvalidInput(f"本文は{MAX_BODY:,}文字以内にしてください。", field="body")
    return text
