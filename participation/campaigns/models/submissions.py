"""Submissions and the opinions in them: what people sent, never changed afterwards."""

import enum
import uuid
from datetime import date, datetime
from typing import Any

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

from participation.db.base import Base, BigId, Json
from participation.db.encryption import encrypted
from participation.submissions.models import Channel

# Said again in queries word by word: SQLite uses a partial index only then.
MARKED = (
    "late OR anonymous OR out_of_scope OR duplicate_of_id IS NOT NULL"
    " OR rerouted_to <> '' OR flag_note <> '' OR channel <> 'web'"
)


class Submission(Base):
    """One 通: what one sender sent at one time by one channel."""

    __tablename__ = "submission"
    __table_args__ = (
        CheckConstraint("duplicate_of_id IS NULL OR duplicate_of_id <> id", name="not_of_itself"),
        CheckConstraint("checked_by IS NULL OR checked_by <> typed_by", name="second_look"),
        Index("ix_submission_campaign_id", "campaign_id", "id"),
        Index("ix_submission_person", "campaign_id", "person_key"),
        Index("ix_submission_burst", "campaign_id", "received_at", "id"),
        # Whatever is not plainly from the web: few enough for every filter of the staff's list.
        Index(
            "ix_submission_marked",
            "campaign_id",
            "received_at",
            "id",
            sqlite_where=text(MARKED),
            postgresql_where=text(MARKED),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"), unique=True)
    channel: Mapped[Channel]
    received_at: Mapped[datetime]  # web: as the receipt; else the entry at the desk
    arrived_on: Mapped[date]  # 到達日
    postmark_on: Mapped[date | None]  # 消印日
    late: Mapped[bool] = mapped_column(default=False)  # 期限後: kept, outside the counts
    anonymous: Mapped[bool] = mapped_column(default=False)
    out_of_scope: Mapped[bool] = mapped_column(default=False)  # 対象外: counted apart
    # Same person, same text, other channel: both 通 are kept, one 件 is counted.
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"), index=True)
    rerouted_to: Mapped[str] = mapped_column(String(200), default="")  # 市長への手紙 …
    flag_note: Mapped[str] = mapped_column(Text, default="")  # why a flag was set
    eligibility_id: Mapped[int | None] = mapped_column(ForeignKey("eligibility.id"))
    # Equal for equal senders of one campaign, by a keyed hash; random once the sender is erased.
    person_key: Mapped[str | None] = mapped_column(String(64))
    # Keyed hash of the sender's network, erased after some days (domain.md 1.10).
    network_key: Mapped[str | None] = mapped_column(String(64))
    typed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))  # at the desk
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))  # second look
    checked_at: Mapped[datetime | None]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_import.id"), index=True)


class TextCluster(Base):
    """Texts of a campaign that are equal or nearly so; answered once, counted both ways."""

    __tablename__ = "text_cluster"
    __table_args__ = (Index("ix_text_cluster_size", "campaign_id", "opinions", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    # The opinion whose text stands for the cluster: the one that most of the others are like.
    representative_id: Mapped[int] = mapped_column(BigInteger)
    opinions: Mapped[int] = mapped_column(default=1)
    distinct_texts: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]


class Opinion(Base):
    """One opinion of a submission. ``text`` and ``reason`` are as sent and never change."""

    __tablename__ = "opinion"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        Index("ix_opinion_campaign_id", "campaign_id", "id"),
        Index("ix_opinion_text_key", "campaign_id", "text_key"),
        # Holds all that the counts (queries/counts.py) ask of an opinion.
        Index(
            "ix_opinion_group_id",
            "group_id",
            "campaign_id",
            "id",
            "split",
            "out_of_scope",
            "submission_id",
        ),
        Index("ix_opinion_cluster_id", "cluster_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    number: Mapped[int]  # within the submission, from 1
    place: Mapped[str] = mapped_column(Text, default="")  # 該当箇所, as typed
    passage_id: Mapped[int | None] = mapped_column(ForeignKey("passage.id"), index=True)
    text: Mapped[str] = mapped_column(Text)  # 意見
    reason: Mapped[str] = mapped_column(Text, default="")  # 理由
    # SHA-256 of the text in its compared form (NFKC, no blanks): equal texts have equal keys.
    text_key: Mapped[str] = mapped_column(String(64))
    cluster_id: Mapped[int | None] = mapped_column(ForeignKey("text_cluster.id"))
    similarity: Mapped[int | None]  # to the cluster's representative, in thousandths
    group_id: Mapped[int | None] = mapped_column(ForeignKey("opinion_group.id"))
    # An opinion that a person split: the parts stand beside it and it is counted no more.
    split_from_id: Mapped[int | None] = mapped_column(ForeignKey("opinion.id"), index=True)
    split: Mapped[bool] = mapped_column(default=False)
    out_of_scope: Mapped[bool] = mapped_column(default=False)
    assigned_to: Mapped[str] = mapped_column(String(120), default="")  # 係


class OpinionMask(Base):
    """A span of an opinion that the public text leaves out, checked by a second person."""

    __tablename__ = "opinion_mask"
    __table_args__ = (
        CheckConstraint("start >= 0 AND stop > start", name="span"),
        CheckConstraint("field IN ('text', 'reason', 'place')", name="field"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("checked_by IS NULL OR checked_by <> made_by", name="second_person"),
        Index("ix_opinion_mask_opinion_id", "opinion_id", "field", "start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    opinion_id: Mapped[int] = mapped_column(ForeignKey("opinion.id"))
    field: Mapped[str] = mapped_column(String(10))
    start: Mapped[int]  # in characters
    stop: Mapped[int]  # exclusive
    reason: Mapped[str] = mapped_column(Text)
    made_by: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    made_at: Mapped[datetime]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    checked_at: Mapped[datetime | None]


class ImportKind(enum.Enum):
    """What a file holds."""

    SUBMISSIONS = "submissions"
    ANSWERS = "answers"


class ImportState(enum.Enum):
    """State of an import."""

    READING = "reading"
    READY = "ready"  # previewed, waits for a yes
    REFUSED = "refused"  # has bad rows; nothing can be stored
    STORED = "stored"
    DISCARDED = "discarded"


class CampaignImport(Base):
    """One file for a campaign: read, previewed, then stored as a whole or not at all."""

    __tablename__ = "campaign_import"
    __table_args__ = (Index("ix_campaign_import_campaign_id", "campaign_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[ImportKind]
    state: Mapped[ImportState]
    # Sealed under ``data_key``: a file of submissions names people. Gone once stored or discarded.
    file_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    data_key: Mapped[str | None] = mapped_column(Text, info=encrypted(row="id"))
    file_name: Mapped[str] = mapped_column(String(255))
    total_rows: Mapped[int] = mapped_column(default=0)
    new_rows: Mapped[int] = mapped_column(default=0)
    changed_rows: Mapped[int] = mapped_column(default=0)
    same_rows: Mapped[int] = mapped_column(default=0)
    bad_rows: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[Any]] = mapped_column(Json, default=list)  # the first bad rows
    # For the preview, without personal data: the first new rows, or cells before and after.
    sample: Mapped[list[Any]] = mapped_column(Json, default=list)
    notes: Mapped[list[Any]] = mapped_column(Json, default=list)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    created_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]
