"""Registrations: who asked for which seats, and who was there."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import (
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
from participation.submissions.models import Channel


class Application(Base):
    """One form (申込み): one person with companions, who may want several days.

    Names, contacts, children and needs stand encrypted with the receipt's sender.
    """

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("party >= 1", name="party"),
        Index("ix_application_workshop_id", "workshop_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"), unique=True)
    channel: Mapped[Channel]
    received_at: Mapped[datetime]
    party: Mapped[int]  # people, oneself included
    eligibility_id: Mapped[int | None] = mapped_column(ForeignKey("workshop_eligibility.id"))
    first_time: Mapped[bool] = mapped_column(default=False)  # self-declared, for priority
    has_mail: Mapped[bool] = mapped_column(default=False)  # or the desk must call
    # That of the form, one of web/language.py: its sender is written to in it.
    language: Mapped[str] = mapped_column(String(8), default="ja", server_default="ja")
    # Keyed hash of the token in the mail's link, by which a seat is given back or accepted.
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # In the QR code for the door: opens something for signed-in staff only.
    door_code: Mapped[str] = mapped_column(String(32), unique=True)
    network_key: Mapped[str | None] = mapped_column(String(64))  # keyed, erased after some days
    typed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))  # at the desk


class RegistrationStatus(enum.Enum):
    """What a registration is worth."""

    APPLIED = "applied"  # 抽選待ち
    CONFIRMED = "confirmed"  # 参加決定: holds its seats
    WAITLISTED = "waitlisted"  # キャンセル待ち
    OFFERED = "offered"  # 繰上げのご案内中: holds its seats until ``offered_until``
    CANCELLED = "cancelled"  # 取消し
    LOST = "lost"  # 落選 (no waitlist)
    LAPSED = "lapsed"  # the offer was not accepted in time


# Said word by word in partial indexes.
HOLDS_SEATS = "status IN ('confirmed', 'offered')"
STANDS = "status IN ('applied', 'confirmed', 'waitlisted', 'offered')"


class Registration(Base):
    """An application's claim on the seats of one pool."""

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint("seats >= 1", name="seats"),
        CheckConstraint("(status = 'offered') = (offered_until IS NOT NULL)", name="offer"),
        UniqueConstraint("application_id", "pool_id"),
        Index("ix_registration_queue", "pool_id", "status", "place", "id"),
        Index("ix_registration_offered_until", "offered_until"),
        # One seat a person, whatever the race (promise P3).
        Index(
            "uq_registration_person",
            "pool_id",
            "person_key",
            unique=True,
            sqlite_where=text(STANDS),
            postgresql_where=text(STANDS),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("seat_pool.id"))
    seats: Mapped[int]  # people, or children
    status: Mapped[RegistrationStatus]
    # Order on the waitlist: 0 and then by id, or the rank of a draw.
    place: Mapped[int] = mapped_column(default=0)
    offered_until: Mapped[datetime | None]
    # Equal for equal people of one workshop, by a keyed hash; None for 託児 and once erased.
    person_key: Mapped[str | None] = mapped_column(String(64))
    changed_at: Mapped[datetime]  # of the status
    reminded_at: Mapped[datetime | None]


class CheckInWay(enum.Enum):
    """How somebody was ticked off."""

    QR = "qr"
    HAND = "hand"  # on the screen
    LIST = "list"  # from a printed list, typed in later


class Attendance(Base):
    """An application was there on a day, with so many people."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("day_id", "application_id"),
        CheckConstraint("people >= 1", name="people"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day_id: Mapped[int] = mapped_column(ForeignKey("workshop_day.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    people: Mapped[int]
    way: Mapped[CheckInWay]
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))


class AttendeeSheet(Base):
    """A printed list of who comes on a day (名簿): sealed, and erased when its time is over."""

    __tablename__ = "attendee_sheet"
    __table_args__ = (
        Index("ix_attendee_sheet_day_id", "day_id", "id"),
        Index("ix_attendee_sheet_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    day_id: Mapped[int] = mapped_column(ForeignKey("workshop_day.id"))
    by_number: Mapped[bool] = mapped_column(default=False)  # else by the reading of the names
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))  # that prints it
    file_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    data_key: Mapped[str | None] = mapped_column(Text, info=encrypted(row="id"))
