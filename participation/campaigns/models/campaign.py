"""Campaigns: what is asked, when, how to answer, and what was said about it on the way."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.db.base import Base, Json
from participation.submissions.models import Channel


class Procedure(enum.Enum):
    """Which procedure it is."""

    COMMENT = "comment"  # パブリックコメント
    INSPECTION = "inspection"  # 縦覧


class CampaignState(enum.Enum):
    """How far a campaign has come; moved by the clock or by a person, never by opening a page."""

    PREPARING = "preparing"  # 準備中: seen by staff only
    PLANNED = "planned"  # 予定: announced
    OPEN = "open"  # 募集中
    CLOSED = "closed"  # 締切
    REVIEWING = "reviewing"  # 検討中
    PUBLISHED = "published"  # 結果公表
    CANCELLED = "cancelled"  # 中止


class SubjectType(enum.Enum):
    """What the draft is (実施要綱の対象)."""

    PLAN = "plan"  # 計画・方針
    BASIC_ORDINANCE = "basic_ordinance"  # 市政の基本方針を定める条例
    DUTY_ORDINANCE = "duty_ordinance"  # 義務を課し権利を制限する条例
    FACILITY = "facility"  # 大規模公共施設の基本計画
    OTHER = "other"


class Outcome(enum.Enum):
    """What became of the draft (行政手続法43条1項・4項)."""

    AMENDED = "amended"  # 修正して決定
    UNCHANGED = "unchanged"  # 原案のとおり決定
    NOT_ADOPTED = "not_adopted"  # 決定しないこととした
    RENEWED = "renewed"  # 改めて意見募集を行う


class CountingRule(enum.Enum):
    """What counts as one 件 (domain.md 1.7)."""

    EACH_OPINION = "each_opinion"  # every opinion
    PERSON_AND_GROUP = "person_and_group"  # opinions of one person in one group count once


class AnonymousPolicy(enum.Enum):
    """What an opinion without a name is worth."""

    COUNT = "count"  # answered and counted as any other
    REFERENCE = "reference"  # kept for reference, outside the counts


class Campaign(Base):
    """One call for opinions, or one inspection. Its title is never a key: titles recur."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("closes_on IS NULL OR closes_on >= opens_on", name="period"),
        CheckConstraint(
            "state IN ('preparing', 'planned', 'cancelled') OR closes_on IS NOT NULL",
            name="open_has_period",
        ),
        CheckConstraint("state <> 'published' OR outcome IS NOT NULL", name="published_outcome"),
        CheckConstraint("state <> 'cancelled' OR cancel_reason <> ''", name="cancelled_reason"),
        Index("ix_campaign_state", "state", "closes_on"),
        Index("ix_campaign_department_id", "department_id", "id"),
        Index("ix_campaign_fiscal_year", "fiscal_year", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    procedure: Mapped[Procedure] = mapped_column(default=Procedure.COMMENT)
    state: Mapped[CampaignState] = mapped_column(default=CampaignState.PREPARING)
    fiscal_year: Mapped[int]  # of the period, as planned
    title: Mapped[str] = mapped_column(String(300))
    plan_name: Mapped[str] = mapped_column(String(300), default="")  # the plan it belongs to
    plan_stage: Mapped[str] = mapped_column(String(60), default="")  # 骨子案, 案
    subject_type: Mapped[SubjectType] = mapped_column(default=SubjectType.PLAN)
    legal_basis: Mapped[str] = mapped_column(String(300), default="")  # 根拠法令
    purpose: Mapped[str] = mapped_column(Text, default="")  # 趣旨・目的・背景
    planned_period: Mapped[str] = mapped_column(String(120), default="")  # 「12月ごろ」
    announced_on: Mapped[date | None]  # 予告の日
    opens_on: Mapped[date | None]  # both ends are counted (行政手続法39条3項)
    closes_on: Mapped[date | None]  # as extended
    short_reason: Mapped[str] = mapped_column(Text, default="")  # why shorter than the rule
    result_due_on: Mapped[date | None]  # 結果公表の予定日
    published_until: Mapped[date | None]  # the result stays up at least until this day
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[Outcome | None]
    outcome_note: Mapped[str] = mapped_column(Text, default="")  # why, and what comes next
    # 問合せ先: 課の中の係, and how to reach it.
    section_name: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    fax: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    # What the form asks of the sender: [{"key": "name", "required": true}, …]; see fields.py.
    sender_fields: Mapped[list[Any]] = mapped_column(Json, default=list)
    accepts_attachments: Mapped[bool] = mapped_column(default=True)
    counting_rule: Mapped[CountingRule] = mapped_column(default=CountingRule.EACH_OPINION)
    anonymous_policy: Mapped[AnonymousPolicy] = mapped_column(default=AnonymousPolicy.COUNT)
    # Days after the result's publication on which senders are erased.
    retention_days: Mapped[int] = mapped_column(default=365)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)  # counts edits, for the conflict page

    eligibilities: Mapped[list["Eligibility"]] = relationship(
        order_by="Eligibility.position", cascade="all, delete-orphan"
    )
    channels: Mapped[list["CampaignChannel"]] = relationship(
        order_by="CampaignChannel.position", cascade="all, delete-orphan"
    )
    places: Mapped[list["ViewingPlace"]] = relationship(
        order_by="ViewingPlace.position", cascade="all, delete-orphan"
    )
    notices: Mapped[list["CampaignNotice"]] = relationship(
        order_by="CampaignNotice.id", cascade="all, delete-orphan"
    )


class Eligibility(Base):
    """A class of people who may submit (市内に住所を有する方 …); self-declared, never proven."""

    __tablename__ = "eligibility"
    __table_args__ = (UniqueConstraint("campaign_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(200))


class DeadlineRule(enum.Enum):
    """What must have happened by the last day; the page's words are made from it."""

    RECEIVED_BY_TIME = "received_by_time"  # received by a time of the last day
    OFFICE_HOURS = "office_hours"  # handed in while the office is open
    POSTMARK = "postmark"  # 消印有効
    MUST_ARRIVE = "must_arrive"  # 必着


class CampaignChannel(Base):
    """A way to submit, with its own deadline, so that 必着 and 消印有効 cannot contradict."""

    __tablename__ = "campaign_channel"
    __table_args__ = (
        UniqueConstraint("campaign_id", "channel"),
        CheckConstraint("rule <> 'postmark' OR channel = 'post'", name="postmark_is_post"),
        CheckConstraint("grace_days >= 0", name="grace"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    position: Mapped[int]
    channel: Mapped[Channel]
    rule: Mapped[DeadlineRule]
    closing_time: Mapped[str] = mapped_column(String(5), default="24:00")  # HH:MM, Japan
    destination: Mapped[str] = mapped_column(Text, default="")  # address, number, counter
    grace_days: Mapped[int] = mapped_column(default=0)  # for 消印有効: how long post is waited for


class ViewingPlace(Base):
    """Where the documents lie (閲覧場所), and from when until when."""

    __tablename__ = "viewing_place"
    __table_args__ = (UniqueConstraint("campaign_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(200), default="")
    hours: Mapped[str] = mapped_column(Text, default="")
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]


class NoticeKind(enum.Enum):
    """What a public notice in the life of a campaign is about."""

    EXTENDED = "extended"  # 期間の延長
    DOCUMENT = "document"  # 資料の差替え
    CANCELLED = "cancelled"  # 中止
    CORRECTED = "corrected"  # 結果の訂正
    OTHER = "other"


class CampaignNotice(Base):
    """A dated public event of a campaign, such as an extension."""

    __tablename__ = "campaign_notice"
    __table_args__ = (
        CheckConstraint(
            "kind <> 'extended' OR (old_closes_on IS NOT NULL AND new_closes_on IS NOT NULL)",
            name="extended_dates",
        ),
        Index("ix_campaign_notice_campaign_id", "campaign_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[NoticeKind]
    text: Mapped[str] = mapped_column(Text)
    old_closes_on: Mapped[date | None]
    new_closes_on: Mapped[date | None]
    at: Mapped[datetime]
