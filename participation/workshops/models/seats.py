"""Seats: how many there are, how they are given out, and the record of a draw."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base, BigId, Json
from participation.db.encryption import encrypted


class SeatKind(enum.Enum):
    """What a seat is."""

    VENUE = "venue"  # 会場
    ONLINE = "online"  # オンライン
    CHILDCARE = "childcare"  # 託児: one for each child


class SeatMethod(enum.Enum):
    """How seats are given out."""

    FIRST_COME = "first_come"  # 先着
    LOTTERY = "lottery"  # 抽選
    INVITED = "invited"  # 無作為抽出: first come among who holds an invitation


class SeatPool(Base):
    """The seats of one kind, of one day or of the whole event (``day_id`` None).

    ``taken`` is the number of seats held: the sum over the registrations that are confirmed or
    offered. It changes only together with them, with the row locked (services/seating.py), and
    the database refuses more than there are (promise P3).
    """

    __tablename__ = "seat_pool"
    __table_args__ = (
        CheckConstraint("taken >= 0", name="taken"),
        CheckConstraint("capacity IS NULL OR taken <= capacity", name="capacity"),
        CheckConstraint("capacity IS NOT NULL OR method = 'first_come'", name="limited"),
        CheckConstraint("closes_at > opens_at", name="window"),
        CheckConstraint("kind <> 'childcare' OR method = 'first_come'", name="childcare_method"),
        CheckConstraint("(method = 'lottery') = (draw_commitment IS NOT NULL)", name="commitment"),
        CheckConstraint("drawn_at IS NULL OR method = 'lottery'", name="drawn"),
        UniqueConstraint("day_id", "kind"),
        Index(
            "uq_seat_pool_whole",
            "workshop_id",
            "kind",
            unique=True,
            sqlite_where=text("day_id IS NULL"),
            postgresql_where=text("day_id IS NULL"),
        ),
        Index("ix_seat_pool_workshop_id", "workshop_id", "id"),
        Index("ix_seat_pool_closes_at", "closes_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    day_id: Mapped[int | None] = mapped_column(ForeignKey("workshop_day.id"))
    kind: Mapped[SeatKind]
    method: Mapped[SeatMethod]
    capacity: Mapped[int | None]  # None: no limit
    taken: Mapped[int] = mapped_column(default=0)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]  # exclusive, as core.deadlines
    has_waitlist: Mapped[bool] = mapped_column(default=True)
    # 託児: age in whole months on the day, both ends counted; ``until_school``: 就学前.
    youngest_months: Mapped[int | None]
    oldest_months: Mapped[int | None]
    until_school: Mapped[bool] = mapped_column(default=False)
    # A draw's secret is made and its SHA-256 shown before anybody registers, so that nobody who
    # handles the event can choose the winners (docs/decisions/0018-lottery.md).
    draw_seed: Mapped[str | None] = mapped_column(Text, info=encrypted(row="id"))
    draw_commitment: Mapped[str | None] = mapped_column(String(64))
    drawn_at: Mapped[datetime | None]


class LotteryDraw(Base):
    """The record of a draw: all that somebody else needs to repeat it."""

    __tablename__ = "lottery_draw"

    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("seat_pool.id"), unique=True)
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    method: Mapped[str] = mapped_column(String(20))  # version of the procedure, lottery.py
    seed: Mapped[str] = mapped_column(String(64))  # revealed
    capacity: Mapped[int]
    priority: Mapped[list[Any]] = mapped_column(Json, default=list)  # the rules, with their words
    entries: Mapped[int]
    list_sha256: Mapped[str] = mapped_column(String(64))  # of the list as lottery.py writes it


class DrawEntry(Base):
    """One line of a draw's list, as it was drawn; names nobody."""

    __tablename__ = "draw_entry"
    __table_args__ = (UniqueConstraint("draw_id", "rank"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("lottery_draw.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    number: Mapped[str] = mapped_column(String(20))  # 受付番号
    seats: Mapped[int]
    tier: Mapped[int]  # 0 comes first, by the priority rules
    ticket: Mapped[str] = mapped_column(String(64))
    rank: Mapped[int]  # from 1
    won: Mapped[bool]


class WorkshopInvitation(Base):
    """A code that a person drawn from the register got by post (無作為抽出); good for one use."""

    __tablename__ = "workshop_invitation"
    __table_args__ = (UniqueConstraint("workshop_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    number: Mapped[int]  # on the letter; the addresses are not here
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)  # keyed
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), unique=True)
    created_at: Mapped[datetime]
