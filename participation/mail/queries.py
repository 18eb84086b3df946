"""Reading the outbox, newest first."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.mail.letter import masked_recipient
from participation.mail.models import MailState, OutboxMessage


@dataclass(frozen=True)
class OutboxLine:
    """What an administrator sees of a message: neither its text nor the whole address."""

    id: uuid.UUID
    kind: str
    recipient: str  # a***@example.jp
    state: MailState
    created_at: datetime
    next_attempt_at: datetime
    attempts: int
    sent_at: datetime | None
    last_error: str

    @property
    def cursor(self) -> str:
        """Where the next page begins, see ``outbox_lines``."""
        return f"{self.created_at.isoformat()}~{self.id}"


def get_message(session: Session, message_id: uuid.UUID) -> OutboxMessage:
    """Return one message, still encrypted.

    Raises:
        NotFound: there is none.

    """
    message = session.get(OutboxMessage, message_id)
    if message is None:
        raise NotFound("お探しのメールは見つかりませんでした。")
    return message


def outbox_lines(
    session: Session, *, limit: int, state: MailState | None = None, before: str | None = None
) -> list[OutboxLine]:
    """Return messages, newest first.

    Args:
        session: any session of the app.
        limit: how many at most.
        state: only messages in this state.
        before: the ``cursor`` of the last line of the page before; one that cannot be read is
            taken as none.

    """
    wanted = (
        select(OutboxMessage)
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
        .limit(limit)
    )
    if state is not None:
        wanted = wanted.where(OutboxMessage.state == state)
    place = _place(before)
    if place is not None:
        wanted = wanted.where(tuple_(OutboxMessage.created_at, OutboxMessage.id) < place)
    return [
        OutboxLine(
            id=message.id,
            kind=message.kind,
            recipient=masked_recipient(session, message),
            state=message.state,
            created_at=message.created_at,
            next_attempt_at=message.next_attempt_at,
            attempts=message.attempts,
            sent_at=message.sent_at,
            last_error=message.last_error,
        )
        for message in session.scalars(wanted)
    ]


def count_failed(session: Session) -> int:
    """Return how many messages have failed and wait for somebody to look at them."""
    return session.scalar(select(func.count()).where(OutboxMessage.state == MailState.FAILED)) or 0


def _place(cursor: str | None) -> tuple[datetime, uuid.UUID] | None:
    moment, _, message_id = (cursor or "").partition("~")
    try:
        place = datetime.fromisoformat(moment), uuid.UUID(message_id)
    except ValueError:
        return None
    return place if place[0].tzinfo is not None else None
