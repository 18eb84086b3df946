"""Tables of following: who wants to hear of what, and what each was told."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base, BigId
from participation.db.encryption import encrypted


class Rhythm(enum.Enum):
    """How often a follower is written to."""

    DAILY = "daily"
    WEEKLY = "weekly"


class Follower(Base):
    """An address that asked for notices: counts once confirmed, and is deleted when it leaves."""

    __tablename__ = "follower"
    __table_args__ = (
        Index("ix_follower_next_at", "next_at"),
        Index("ix_follower_asked_at", "asked_at"),
        # One confirmed follower an address; unconfirmed ones may wait beside it.
        Index(
            "uq_follower_address",
            "address_key",
            unique=True,
            sqlite_where=text("confirmed_at IS NOT NULL"),
            postgresql_where=text("confirmed_at IS NOT NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    address: Mapped[str] = mapped_column(Text, info=encrypted(row="id"))
    address_key: Mapped[str] = mapped_column(String(64))  # keyed hash of the address
    # Keyed hash of the token in its letters: confirms, changes and ends the subscription.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    rhythm: Mapped[Rhythm] = mapped_column(default=Rhythm.DAILY)
    language: Mapped[str] = mapped_column(String(8), default="ja")
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]  # double opt-in
    # Everything up to this number of the news was told, or came before the confirmation.
    told_until: Mapped[int] = mapped_column(BigInteger, default=0)
    next_at: Mapped[datetime | None]  # of the next digest; None before the confirmation
    letter_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)  # the mail that asks to confirm


class Follow(Base):
    """One thing that a follower wants to hear of."""

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("follower_id", "topic"),
        CheckConstraint("topic <> ''", name="topic"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    follower_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("follower.id"))
    # all, department:3, kind:workshop, kind:workshop.town_meeting, area:防災, thing:workshop:12
    topic: Mapped[str] = mapped_column(String(120))


class Digest(Base):
    """One letter to a follower, by the window of news that it covers; windows follow on."""

    __tablename__ = "digest"
    __table_args__ = (
        UniqueConstraint("follower_id", "after_id"),
        CheckConstraint("until_id > after_id", name="window"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    follower_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("follower.id"))
    after_id: Mapped[int] = mapped_column(BigInteger)  # exclusive
    until_id: Mapped[int] = mapped_column(BigInteger)  # inclusive
    items: Mapped[int]  # 0: nothing of the window was followed, no letter was written
    letter_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)  # the mail, while it is kept
    at: Mapped[datetime]
