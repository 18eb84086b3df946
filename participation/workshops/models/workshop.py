"""Workshops: what is held, on which days, who may come, and what was said about it on the way."""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.db.base import Base, Json
from participation.db.encryption import encrypted


class WorkshopState(enum.Enum):
    """How far a workshop has come; whether it is open or over follows from the clock."""

    PREPARING = "preparing"  # 準備中: seen by staff only
    ANNOUNCED = "announced"  # 公表: everybody sees it
    POSTPONED = "postponed"  # 延期: stays with its reason until new days are announced
    CANCELLED = "cancelled"  # 中止: stays with its reason
    REPORTED = "reported"  # 開催結果を公表


class SignUp(enum.Enum):
    """What one registers for."""

    WHOLE = "whole"  # once for all days (連続講座)
    EACH_DAY = "each_day"  # for the days that one chooses
    NONE = "none"  # 申込不要


class Workshop(Base):
    """One event of one or several days. Its title is never a key: titles recur every year."""

    __tablename__ = "workshop"
    __table_args__ = (
        CheckConstraint("largest_party >= 1", name="party"),
        CheckConstraint(
            "state NOT IN ('postponed', 'cancelled') OR stop_reason <> ''", name="stopped_reason"
        ),
        CheckConstraint("state = 'preparing' OR announced_on IS NOT NULL", name="announced"),
        Index("ix_workshop_state", "state", "last_day"),
        Index("ix_workshop_department_id", "department_id", "id"),
        Index("ix_workshop_fiscal_year", "fiscal_year", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    kind: Mapped[str] = mapped_column(String(40))  # key of the city's list; city/workshop_kinds.py
    state: Mapped[WorkshopState] = mapped_column(default=WorkshopState.PREPARING)
    fiscal_year: Mapped[int]  # of the first day, as planned
    # Of the days that stand, in Japan, for lists; None until there is a day.
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    title: Mapped[str] = mapped_column(String(300))
    title_kana: Mapped[str] = mapped_column(String(300), default="")  # for open data
    summary: Mapped[str] = mapped_column(Text, default="")  # one or two sentences
    description: Mapped[str] = mapped_column(Text, default="")  # Markdown
    plan_name: Mapped[str] = mapped_column(String(300), default="")  # the plan it belongs to
    related: Mapped[str] = mapped_column(String(60), default="")  # campaign:12
    # The kind's own fields that the page shows: {key: value}.
    extra: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    sign_up: Mapped[SignUp] = mapped_column(default=SignUp.WHOLE)
    how_else: Mapped[str] = mapped_column(Text, default="")  # other ways to register: 電話, FAX
    target: Mapped[str] = mapped_column(String(300), default="")  # 対象
    fee: Mapped[str] = mapped_column(String(120), default="")  # empty: 無料
    belongings: Mapped[str] = mapped_column(String(300), default="")  # 持ち物
    organiser: Mapped[str] = mapped_column(String(200), default="")  # empty: the city
    # People a registration may bring along, oneself included; 1: nobody.
    largest_party: Mapped[int] = mapped_column(default=1)
    # What the form asks: [{"key": "name", "required": true}, …]; submissions/sender_fields.py.
    sender_fields: Mapped[list[Any]] = mapped_column(Json, default=list)
    needs: Mapped[list[Any]] = mapped_column(Json, default=list)  # offered, keys of needs.py
    # Who comes first in a draw and on the waitlist: [{"rule": "first_time"},
    # {"rule": "eligibility", "ids": [3]}]; priority.py.
    priority: Mapped[list[Any]] = mapped_column(Json, default=list)
    offer_hours: Mapped[int] = mapped_column(default=48)  # to accept a seat from the waitlist
    reminder_days: Mapped[int | None] = mapped_column(default=3)  # before each day; None: none
    # Days after the last day on which senders are erased.
    retention_days: Mapped[int] = mapped_column(default=90)
    # 問合せ先: 課の中の係, and how to reach it.
    section_name: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    fax: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    announced_on: Mapped[date | None]
    stop_reason: Mapped[str] = mapped_column(Text, default="")  # of 延期 or 中止
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)  # counts edits, for the conflict page

    eligibilities: Mapped[list["WorkshopEligibility"]] = relationship(
        order_by="WorkshopEligibility.position", cascade="all, delete-orphan"
    )
    days: Mapped[list["WorkshopDay"]] = relationship(
        order_by="WorkshopDay.starts_at, WorkshopDay.id", cascade="all, delete-orphan"
    )
    notices: Mapped[list["WorkshopNotice"]] = relationship(
        order_by="WorkshopNotice.id", cascade="all, delete-orphan"
    )


class WorkshopEligibility(Base):
    """A class of people who may come (市内に在住する方 …); self-declared, never proven."""

    __tablename__ = "workshop_eligibility"
    __table_args__ = (UniqueConstraint("workshop_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(200))


class WorkshopDay(Base):
    """One meeting: its time, and where it is held; at a venue, online, or both."""

    __tablename__ = "workshop_day"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="time"),
        CheckConstraint("at_venue OR online", name="somewhere"),
        CheckConstraint("walk_ins >= 0 AND again >= 0 AND again <= walk_ins", name="walk_ins"),
        Index("ix_workshop_day_workshop_id", "workshop_id", "starts_at"),
        Index("ix_workshop_day_starts_at", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    heading: Mapped[str] = mapped_column(String(120), default="")  # 第1回「まちを歩く」
    at_venue: Mapped[bool] = mapped_column(default=True)
    online: Mapped[bool] = mapped_column(default=False)
    venue: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    access: Mapped[str] = mapped_column(Text, default="")  # how to get there, parking
    latitude: Mapped[str] = mapped_column(String(20), default="")  # degrees, as typed
    longitude: Mapped[str] = mapped_column(String(20), default="")
    # How to join online: told to who holds a seat, never published.
    online_access: Mapped[str | None] = mapped_column(Text, info=encrypted(row="id"))
    note: Mapped[str] = mapped_column(Text, default="")  # the day's programme
    stop_reason: Mapped[str] = mapped_column(Text, default="")  # this day alone is cancelled
    # People who came without a registration, and how many of them had been there on an earlier
    # day (延べ and 実人数).
    walk_ins: Mapped[int] = mapped_column(default=0)
    again: Mapped[int] = mapped_column(default=0)


class WorkshopNoticeKind(enum.Enum):
    """What a public notice in the life of a workshop is about."""

    CHANGED = "changed"  # 日時・会場などの変更
    POSTPONED = "postponed"
    RESUMED = "resumed"  # new days after a postponement
    CANCELLED = "cancelled"
    OTHER = "other"


class WorkshopNotice(Base):
    """A dated public event of a workshop."""

    __tablename__ = "workshop_notice"
    __table_args__ = (Index("ix_workshop_notice_workshop_id", "workshop_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    kind: Mapped[WorkshopNoticeKind]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class WorkshopPoster(Base):
    """The printable poster of a workshop, as last printed; printed anew when its words change."""

    __tablename__ = "workshop_poster"

    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), default="")  # SHA-256 of its words
    file_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))  # that prints it
