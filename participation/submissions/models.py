"""Tables of what every resident's form has: a receipt, a sender, attachments, a saved draft."""

import enum
import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base, BigId
from participation.db.encryption import encrypted


class Channel(enum.Enum):
    """By which way something reached the city (提出方法)."""

    WEB = "web"  # このサイト
    EMAIL = "email"  # 電子メール
    POST = "post"  # 郵送
    FAX = "fax"
    COUNTER = "counter"  # 持参・窓口


class Receipt(Base):
    """The city's word that it has something: a number, and the secret that only the sender has.

    ``subject`` says what it was sent to (``campaign:12``), as a reference and not as a key, since
    forms of several features share this table.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        CheckConstraint("channel <> 'web' OR secret_hash IS NOT NULL", name="web_has_secret"),
        Index("ix_receipt_subject", "subject", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)  # 受付番号
    # SHA-256 of a secret of 128 bits or more; None for what came on paper.
    secret_hash: Mapped[str | None] = mapped_column(String(64))
    # From the form: the same form sent twice is one submission.
    idempotency_key: Mapped[str] = mapped_column(String(64), unique=True)
    subject: Mapped[str] = mapped_column(String(60))
    channel: Mapped[Channel]
    received_at: Mapped[datetime]  # the server's clock when the request began; of paper: its entry


class Sender(Base):
    """Who sent it: the only place with personal data, encrypted as one text.

    Gone when its term ends (``contents`` empty, ``erased_at`` set); the row stays to say so.
    """

    __tablename__ = "sender"
    __table_args__ = (
        CheckConstraint("(contents IS NULL) = (erased_at IS NOT NULL)", name="erased"),
        Index("ix_sender_erase_on", "erase_on"),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"), unique=True)
    # JSON {"name": …, "address": …, …} of the fields that the form asked for.
    contents: Mapped[str | None] = mapped_column(Text, info=encrypted(row="id"))
    erase_on: Mapped[date | None]  # the day after which it is erased; None until a rule sets it
    erased_at: Mapped[datetime | None]


class Attachment(Base):
    """A file that came with it: the bytes are sealed under a key of their own.

    Erasing the key erases the file in every backup that lacks the key (``data_key`` None).
    """

    __tablename__ = "attachment"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"), index=True)
    file_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    data_key: Mapped[str | None] = mapped_column(Text, info=encrypted(row="id"))
    # The name that the sender's file had; often somebody's own name.
    name: Mapped[str | None] = mapped_column(Text, info=encrypted(row="id"))
    media_type: Mapped[str] = mapped_column(String(120))  # by its content
    size: Mapped[int]  # bytes before sealing


class SavedForm(Base):
    """A form that somebody put aside to go on later, behind a link with a secret."""

    __tablename__ = "saved_form"
    __table_args__ = (Index("ix_saved_form_expires_at", "expires_at"),)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    subject: Mapped[str] = mapped_column(String(60))
    contents: Mapped[str] = mapped_column(Text, info=encrypted(row="id"))  # JSON
    saved_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class UsedChallenge(Base):
    """A solved proof of work that was spent; the library alone would accept it again."""

    __tablename__ = "used_challenge"
    __table_args__ = (Index("ix_used_challenge_expires_at", "expires_at"),)

    signature: Mapped[str] = mapped_column(String(128), primary_key=True)
    expires_at: Mapped[datetime]
