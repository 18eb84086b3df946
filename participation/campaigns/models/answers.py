"""How the city answers: groups with their view, categories, amendments and the result."""

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from participation.campaigns.models.campaign import Outcome
from participation.db.base import Base, Json


class ResponseCategory(Base):
    """対応区分 of a campaign: an editable set of which some need an amendment."""

    __tablename__ = "response_category"
    __table_args__ = (UniqueConstraint("campaign_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(10))  # A
    label: Mapped[str] = mapped_column(String(200))  # 反映（案を修正）
    needs_amendment: Mapped[bool] = mapped_column(default=False)
    out_of_scope: Mapped[bool] = mapped_column(default=False)  # 対象外: counted apart


class OpinionGroup(Base):
    """Opinions that get one 要旨 and one 市の考え方 together."""

    __tablename__ = "opinion_group"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        Index("ix_opinion_group_position", "campaign_id", "position", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]  # never changes; how people refer to it while working
    position: Mapped[int]  # printed order
    heading: Mapped[str] = mapped_column(String(300), default="")  # 章・項目
    summary: Mapped[str] = mapped_column(Text, default="")  # 要旨
    view: Mapped[str] = mapped_column(Text, default="")  # 市の考え方
    category_id: Mapped[int | None] = mapped_column(ForeignKey("response_category.id"))
    assigned_to: Mapped[str] = mapped_column(String(120), default="")  # 係
    ready: Mapped[bool] = mapped_column(default=False)  # its writer says it is done
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))  # who wrote it last
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)  # counts changes, for the conflict page


class Amendment(Base):
    """修正: a place of the draft before and after, with the reason."""

    __tablename__ = "amendment"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        CheckConstraint("before <> '' OR after <> ''", name="changes_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]
    place: Mapped[str] = mapped_column(String(300))  # 12ページ 第2章
    passage_id: Mapped[int | None] = mapped_column(ForeignKey("passage.id"), index=True)
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class AmendmentSource(Base):
    """Which group of opinions an amendment answers."""

    __tablename__ = "amendment_source"

    amendment_id: Mapped[int] = mapped_column(ForeignKey("amendment.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("opinion_group.id"), primary_key=True)


class ResultState(enum.Enum):
    """State of a result (結果公表)."""

    DRAFT = "draft"  # 作成中
    SUBMITTED = "submitted"  # 決裁待ち
    RETURNED = "returned"  # 差戻し
    APPROVED = "approved"  # 決裁済: files are made, waits for its moment
    PUBLISHED = "published"
    DISCARDED = "discarded"


class CampaignResult(Base):
    """One publication of a campaign's result. Once published nothing of it moves again."""

    __tablename__ = "campaign_result"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        CheckConstraint("number = 1 OR correction <> ''", name="correction_has_reason"),
        CheckConstraint("approved_by IS NULL OR approved_by <> submitted_by", name="two_people"),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_when"),
        Index("ix_campaign_result_scheduled", "state", "scheduled_for"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]  # 1, and more for each correction
    state: Mapped[ResultState] = mapped_column(default=ResultState.DRAFT)
    introduction: Mapped[str] = mapped_column(Text, default="")
    correction: Mapped[str] = mapped_column(Text, default="")
    # What the campaign's own outcome becomes when this is published, and not before.
    outcome: Mapped[Outcome | None]
    outcome_note: Mapped[str] = mapped_column(Text, default="")
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    submitted_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    approved_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(Text, default="")
    scheduled_for: Mapped[datetime | None]  # published by the clock at this moment
    published_at: Mapped[datetime | None]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))  # that freezes and prints it
    snapshot_sha256: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)  # counts edits, for the conflict page


class ResultPart(Base):
    """The frozen words of a result in pages: 0 is the frame (counts, tables), then groups."""

    __tablename__ = "result_part"

    result_id: Mapped[int] = mapped_column(ForeignKey("campaign_result.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(Json)


class ResultOpinion(Base):
    """Where an opinion stands in a published result, for the sender's receipt page."""

    __tablename__ = "result_opinion"
    __table_args__ = (Index("ix_result_opinion_part", "result_id", "position"),)

    result_id: Mapped[int] = mapped_column(ForeignKey("campaign_result.id"), primary_key=True)
    opinion_id: Mapped[int] = mapped_column(ForeignKey("opinion.id"), primary_key=True)
    position: Mapped[int]  # of the part
    group_number: Mapped[int]  # printed number


class ResultFile(Base):
    """The PDF or a spreadsheet of a result, kept as bytes."""

    __tablename__ = "result_file"

    result_id: Mapped[int] = mapped_column(ForeignKey("campaign_result.id"), primary_key=True)
    format: Mapped[str] = mapped_column(String(20), primary_key=True)  # pdf, xlsx, csv, csv-cp932
    file_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    replaced: Mapped[str] = mapped_column(Text, default="")
