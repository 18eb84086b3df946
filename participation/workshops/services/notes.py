"""What the desk writes down about an application: in its history, for everybody who calls next."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.core.text import clean_input
from participation.workshops.models import Application, Workshop

LONGEST_NOTE = 500


def add_note(
    session: Session,
    workshop: Workshop,
    application: Application,
    text: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Write a note into the history of an application, which keeps it as long as the audit log.

    Raises:
        InvalidInput: it is empty or too long.

    """
    text = clean_input(text).strip()
    if not text:
        raise InvalidInput("メモを入力してください。", field="note")
    if len(text) > LONGEST_NOTE:
        raise InvalidInput(f"メモは{LONGEST_NOTE}文字以内にしてください。", field="note")
    audit.record(
        session,
        "workshops.application.noted",
        actor=actor,
        now=now,
        subject=f"application:{application.id}",
        reason=text,
        department_id=workshop.department_id,
    )
