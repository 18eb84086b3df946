"""Documents of a campaign, their versions, and the paragraphs that residents comment on."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.db.base import Base


class DocumentKind(enum.Enum):
    """What a document is."""

    DRAFT = "draft"  # 案
    SUMMARY = "summary"  # 概要
    REFERENCE = "reference"  # 参考資料


class Document(Base):
    """A document of a campaign; what people read is its latest published version."""

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("campaign_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    position: Mapped[int]
    kind: Mapped[DocumentKind]
    title: Mapped[str] = mapped_column(String(300))

    versions: Mapped[list["DocumentVersion"]] = relationship(
        order_by="DocumentVersion.number", cascade="all, delete-orphan"
    )


class DocumentVersion(Base):
    """One version of a document: a file, a text to read as a page, or both."""

    __tablename__ = "document_version"
    __table_args__ = (
        UniqueConstraint("document_id", "number"),
        CheckConstraint("file_id IS NOT NULL OR source <> ''", name="has_content"),
        CheckConstraint("number = 1 OR note <> ''", name="change_is_told"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    number: Mapped[int]
    file_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    source: Mapped[str] = mapped_column(Text, default="")  # Markdown, as the department gave it
    note: Mapped[str] = mapped_column(Text, default="")  # what changed
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]  # seen by residents from then on; never changed again


class PassageKind(enum.Enum):
    """What a passage is in its document."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"


class Passage(Base):
    """A heading or paragraph with an id that stays: opinions and amendments point to it."""

    __tablename__ = "passage"
    __table_args__ = (
        UniqueConstraint("version_id", "anchor"),
        UniqueConstraint("version_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("document_version.id"))
    position: Mapped[int]
    anchor: Mapped[str] = mapped_column(String(20))  # p-3f9a…; kept over versions
    kind: Mapped[PassageKind]
    level: Mapped[int] = mapped_column(default=0)  # of a heading; 0 otherwise
    label: Mapped[str] = mapped_column(String(300), default="")  # 第2章 1 現状 第3段落: for people
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)  # cleaned; the only markup that is shown


class Lineage(enum.Enum):
    """What became of a passage in the next version."""

    KEPT = "kept"
    CHANGED = "changed"
    SPLIT = "split"  # one line for each part
    REMOVED = "removed"


class PassageLineage(Base):
    """From a passage of one version to what became of it in the next."""

    __tablename__ = "passage_lineage"
    __table_args__ = (
        UniqueConstraint("from_id", "to_id"),
        CheckConstraint("(relation = 'removed') = (to_id IS NULL)", name="removed_has_no_target"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("passage.id"), index=True)
    relation: Mapped[Lineage]
    confirmed: Mapped[bool] = mapped_column(default=False)  # a person looked at it
