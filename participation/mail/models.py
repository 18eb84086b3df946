"""The table of outgoing mail."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base
from participation.db.encryption import encrypted


class MailState(enum.Enum):
    """State of a message."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class OutboxMessage(Base):
    """One message to one recipient; address and text are encrypted (privacy.crypto)."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_state", "state", "next_attempt_at"),
        Index("ix_outbox_message_created_at", "created_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(80))  # accounts.invitation
    recipient: Mapped[str] = mapped_column(Text, info=encrypted(row="id"))
    subject: Mapped[str] = mapped_column(Text, info=encrypted(row="id"))
    body: Mapped[str] = mapped_column(Text, info=encrypted(row="id"))
    # Where one click ends the subscription that this letter belongs to (RFC 8058); it is a key.
    unsubscribe: Mapped[str | None] = mapped_column(Text, info=encrypted(row="id"))
    state: Mapped[MailState] = mapped_column(default=MailState.WAITING)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(500), default="")
