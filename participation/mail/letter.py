"""A message in the clear, only ever in memory."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from participation.mail.models import OutboxMessage
from participation.privacy.crypto import keyring


@dataclass(frozen=True)
class Letter:
    """What a transport needs; its ``repr`` shows nothing of a person."""

    id: uuid.UUID
    created_at: datetime
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    unsubscribe: str = field(default="", repr=False)


def open_letter(session: Session, message: OutboxMessage) -> Letter:
    """Return ``message`` decrypted."""
    keys = keyring(session)
    place = {"table": OutboxMessage.__tablename__, "row": str(message.id)}
    return Letter(
        id=message.id,
        created_at=message.created_at,
        recipient=keys.decrypt(message.recipient, column="recipient", **place),
        subject=keys.decrypt(message.subject, column="subject", **place),
        body=keys.decrypt(message.body, column="body", **place),
        unsubscribe=keys.decrypt(message.unsubscribe, column="unsubscribe", **place)
        if message.unsubscribe
        else "",
    )


def masked_recipient(session: Session, message: OutboxMessage) -> str:
    """Return the address as far as an administrator needs it: ``a***@example.jp``."""
    address = keyring(session).decrypt(
        message.recipient,
        table=OutboxMessage.__tablename__,
        column="recipient",
        row=str(message.id),
    )
    local_part, _, domain = address.rpartition("@")
    return f"{local_part[:1]}***@{domain}"
