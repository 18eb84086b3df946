"""Sending what waits in the outbox, each message in transactions of its own."""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from participation.mail.letter import Letter, open_letter
from participation.mail.models import MailState, OutboxMessage
from participation.mail.transport import DeliveryError, Send, Transport, UnreachableError

MAX_ATTEMPTS = 8
_BATCH = 100
# While a message is being sent nobody else takes it; after a crash it is taken again then.
_CLAIM = timedelta(minutes=5)
_BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
_logger = logging.getLogger(__name__)


def deliver_waiting(session: Session, transport: Transport, *, now: datetime) -> int:
    """Send the messages that are due; return how many went out.

    Commits around every message: a crash between sending and storing that it was sent makes it
    go out again, with the same Message-ID, and nothing else ever does.
    """
    due = (
        select(OutboxMessage.id)
        .where(OutboxMessage.state == MailState.WAITING, OutboxMessage.next_attempt_at <= now)
        .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
        .limit(_BATCH)
    )
    waiting = list(session.scalars(due))
    session.commit()
    sent = 0
    while waiting:
        try:
            with transport.connect() as send:
                sent += _deliver_over(session, send, waiting, now=now)
        except UnreachableError as error:
            # One wait for a server that is down, not one for every message.
            for message_id in waiting:
                _note_failure(session, message_id, error, now=now)
            break
    return sent


def _deliver_over(session: Session, send: Send, waiting: list[uuid.UUID], *, now: datetime) -> int:
    """Send ``waiting`` from its front over one connection, up to the first error."""
    sent = 0
    while waiting:
        message_id = waiting.pop(0)
        letter = _claim(session, message_id, now=now)
        if letter is None:
            continue
        try:
            send(letter)
        except DeliveryError as error:
            # The connection is not trusted after an error; the rest goes over a new one.
            _note_failure(session, message_id, error, now=now)
            break
        _note_sent(session, message_id, now=now)
        sent += 1
    return sent


def _claim(session: Session, message_id: uuid.UUID, *, now: datetime) -> Letter | None:
    taken = session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.state == MailState.WAITING,
            OutboxMessage.next_attempt_at <= now,
        )
        .values(next_attempt_at=now + _CLAIM)
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[Any]", taken).rowcount != 1:
        session.rollback()
        return None
    letter = open_letter(
        session, session.get_one(OutboxMessage, message_id, populate_existing=True)
    )
    session.commit()
    return letter


def _note_sent(session: Session, message_id: uuid.UUID, *, now: datetime) -> None:
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(
            state=MailState.SENT,
            sent_at=now,
            attempts=OutboxMessage.attempts + 1,
            last_error="",
        )
        .execution_options(synchronize_session=False)
    )
    session.commit()


def _note_failure(
    session: Session, message_id: uuid.UUID, error: DeliveryError, *, now: datetime
) -> None:
    message = session.get(OutboxMessage, message_id, populate_existing=True, with_for_update=True)
    if message is None or message.state is not MailState.WAITING:
        session.rollback()
        return
    message.attempts += 1
    message.last_error = str(error)
    if error.permanent or message.attempts >= MAX_ATTEMPTS:
        message.state = MailState.FAILED
    else:
        message.next_attempt_at = now + _BACKOFF[min(message.attempts, len(_BACKOFF)) - 1]
    _logger.warning("message %s was not sent: %s", message_id, error)
    session.commit()
