"""Tables of the guideline (指針), its items, the entries of the departments and the editions."""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.db.base import Base, Json


class GuidelineState(enum.Enum):
    """State of a version of the guideline."""

    DRAFT = "draft"  # 編集中
    ENACTED = "enacted"  # 施行


class Guideline(Base):
    """One version of the guideline. An enacted version is never edited: a new one is drafted.

    The version that holds for a fiscal year is the enacted one with the latest ``valid_from_year``
    not after it.
    """

    __tablename__ = "guideline"
    __table_args__ = (
        CheckConstraint("state = 'draft' OR valid_from_year IS NOT NULL", name="enacted_year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)  # 版
    title: Mapped[str] = mapped_column(String(300))  # of the yearly report
    category_note: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[GuidelineState] = mapped_column(default=GuidelineState.DRAFT)
    valid_from_year: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")  # what changed and why
    created_at: Mapped[datetime]
    enacted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)  # counts edits, for the conflict page

    categories: Mapped[list["GuidelineCategory"]] = relationship(
        order_by="GuidelineCategory.position", cascade="all, delete-orphan"
    )
    sections: Mapped[list["Section"]] = relationship(
        order_by="Section.position", cascade="all, delete-orphan"
    )
    items: Mapped[list["GuidelineItem"]] = relationship(
        order_by="GuidelineItem.position", cascade="all, delete-orphan"
    )


class GuidelineCategory(Base):
    """One 区分 (Ⅰ–Ⅴ) with its explanation."""

    __tablename__ = "guideline_category"
    __table_args__ = (UniqueConstraint("guideline_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guideline_id: Mapped[int] = mapped_column(ForeignKey("guideline.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(300))


class Section(Base):
    """A heading of any depth: section, sub-section, group, or however deep a city goes."""

    __tablename__ = "section"
    __table_args__ = (Index("ix_section_guideline_id", "guideline_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guideline_id: Mapped[int] = mapped_column(ForeignKey("guideline.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    position: Mapped[int]  # printed order over the whole guideline, parents before children
    mark: Mapped[str] = mapped_column(String(20), default="")
    title: Mapped[str] = mapped_column(String(300))

    parent: Mapped["Section | None"] = relationship(remote_side=[id])


class Item(Base):
    """The identity of an item (基本的な取り組み) through all versions; entries belong to it."""

    __tablename__ = "item"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)  # 1-1-1


class GuidelineItem(Base):
    """The words of an item in one version of the guideline."""

    __tablename__ = "guideline_item"
    __table_args__ = (UniqueConstraint("guideline_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guideline_id: Mapped[int] = mapped_column(ForeignKey("guideline.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"), index=True)
    position: Mapped[int]  # printed order over the whole guideline
    name: Mapped[str] = mapped_column(String(300))
    guideline_text: Mapped[str] = mapped_column(Text, default="")  # 指針の記載内容

    item: Mapped[Item] = relationship(lazy="joined")
    section: Mapped[Section] = relationship()
    categories: Mapped[list["ItemCategory"]] = relationship(
        order_by="ItemCategory.position", cascade="all, delete-orphan", lazy="selectin"
    )


class ItemCategory(Base):
    """One 区分 of an item with its 対応方針; an item has one or more."""

    __tablename__ = "item_category"
    __table_args__ = (UniqueConstraint("guideline_item_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guideline_item_id: Mapped[int] = mapped_column(ForeignKey("guideline_item.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(20))
    policy: Mapped[str] = mapped_column(String(300), default="")


class ItemAssignment(Base):
    """A department that is asked for an item every year."""

    __tablename__ = "item_assignment"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True)


class Round(Base):
    """The year's collection (照会): while it is open, departments write.

    The round of year n collects the results of n−1 and the plans of n.
    """

    __tablename__ = "round"

    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(unique=True)
    opened_at: Mapped[datetime]
    due_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    # Why it was opened again after a closing; the departments read it. Empty otherwise.
    reopen_reason: Mapped[str] = mapped_column(Text, default="")


class EntryKind(enum.Enum):
    """What an entry tells."""

    RESULT = "result"  # 取り組み実績
    PLAN = "plan"  # 取り組み予定


class EntryState(enum.Enum):
    """How far an entry has come."""

    DRAFT = "draft"  # 入力中
    SUBMITTED = "submitted"  # 課内確認
    APPROVED = "approved"  # 提出済
    CONFIRMED = "confirmed"  # 確認済
    RETURNED = "returned"  # 差戻し
    WITHDRAWN = "withdrawn"  # 取下げ


class Entry(Base):
    """What one department says about one item in one fiscal year, or its 「該当なし」."""

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint("NOT nothing_to_report OR text = ''", name="nothing_has_no_text"),
        CheckConstraint("nothing_to_report OR text <> ''", name="text_not_empty"),
        Index("ix_entry_year", "fiscal_year", "kind", "item_id", "department_id", "position"),
        Index("ix_entry_department_id", "department_id", "fiscal_year", "state"),
        # One 「該当なし」 an item, department, year and kind.
        Index(
            "uq_entry_nothing",
            "item_id",
            "department_id",
            "fiscal_year",
            "kind",
            unique=True,
            sqlite_where=sql("nothing_to_report AND state <> 'withdrawn'"),
            postgresql_where=sql("nothing_to_report AND state <> 'withdrawn'"),
        ),
        # One living entry an activity in each column.
        Index(
            "uq_entry_activity_ref",
            "activity_ref",
            "fiscal_year",
            "kind",
            unique=True,
            sqlite_where=sql("activity_ref <> '' AND state <> 'withdrawn'"),
            postgresql_where=sql("activity_ref <> '' AND state <> 'withdrawn'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    fiscal_year: Mapped[int]
    kind: Mapped[EntryKind]
    position: Mapped[int] = mapped_column(default=0)  # order within item, department, year, kind
    text: Mapped[str] = mapped_column(Text)
    # 該当なし. (NOTHING alone is a word of SQL.)
    nothing: Mapped[bool] = mapped_column("nothing_to_report", default=False)
    activity_type: Mapped[str] = mapped_column(String(60), default="")
    # The activity it was drafted from (core.activities.Activity.ref), so that none is told twice.
    activity_ref: Mapped[str] = mapped_column(String(60), default="", server_default="")
    state: Mapped[EntryState] = mapped_column(default=EntryState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)  # counts every change, for the conflict page
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))  # None: imported
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)

    item: Mapped[Item] = relationship()


class EntryEvent(Base):
    """One step in an entry's life, as its department and 市民協働課 see it."""

    __tablename__ = "entry_event"
    __table_args__ = (UniqueConstraint("entry_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    version: Mapped[int]  # of the entry after the step
    act: Mapped[str] = mapped_column(String(40))  # created, edited, submitted, approved, returned …
    text: Mapped[str] = mapped_column(Text)  # after the step
    state: Mapped[EntryState]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    actor_name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


class ImportState(enum.Enum):
    """State of an import."""

    READING = "reading"
    READY = "ready"  # previewed, waits for a yes
    REFUSED = "refused"  # has bad rows; nothing can be stored
    STORED = "stored"
    DISCARDED = "discarded"


class ImportBatch(Base):
    """One file of entries: read, previewed, then stored as a whole or not at all."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))  # limits rows
    state: Mapped[ImportState]
    entry_state: Mapped[EntryState]  # the state that new entries get
    file_name: Mapped[str] = mapped_column(String(255))
    encoding: Mapped[str] = mapped_column(String(20), default="")
    total_rows: Mapped[int] = mapped_column(default=0)
    new_rows: Mapped[int] = mapped_column(default=0)
    known_rows: Mapped[int] = mapped_column(default=0)
    bad_rows: Mapped[int] = mapped_column(default=0)
    # The first bad rows: [{"row", "column", "value", "reason"}]; all of them are counted.
    problems: Mapped[list[Any]] = mapped_column(Json, default=list)
    # The first new rows as they will be stored, for the preview.
    sample: Mapped[list[Any]] = mapped_column(Json, default=list)
    # Remarks on the file as a whole: other sheets that were not read, …
    notes: Mapped[list[Any]] = mapped_column(Json, default=list)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    actor_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]


class EditionState(enum.Enum):
    """State of an edition."""

    DRAFT = "draft"  # columns chosen, no PDF yet
    BUILDING = "building"
    BUILT = "built"
    FAILED = "failed"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Edition(Base):
    """One printing of the report (版). Once published nothing of it moves again."""

    __tablename__ = "edition"
    __table_args__ = (
        UniqueConstraint("fiscal_year", "number"),
        CheckConstraint("state <> 'published' OR pdf_sha256 <> ''", name="published_has_pdf"),
        CheckConstraint("number = 1 OR correction <> ''", name="correction_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int]  # of the plan column; names the report
    number: Mapped[int]  # 1, and more for each correction
    state: Mapped[EditionState] = mapped_column(default=EditionState.DRAFT)
    columns: Mapped[list[Any]] = mapped_column(Json)  # [["result", 2022], …, ["plan", 2024]]
    paper: Mapped[str] = mapped_column(String(2), default="A3")
    correction: Mapped[str] = mapped_column(Text, default="")  # 訂正理由
    # 正誤表: [{"item", "column", "department", "before", "after"}], made when the PDF is built.
    corrections: Mapped[list[Any]] = mapped_column(Json, default=list)
    snapshot_sha256: Mapped[str] = mapped_column(String(64), default="")
    pdf_file_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    pdf_sha256: Mapped[str] = mapped_column(String(64), default="")
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    created_at: Mapped[datetime]
    built_at: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    published_at: Mapped[datetime | None]


class EditionPart(Base):
    """The frozen words of an edition, in pages, so that reading one costs the same at any size.

    Part 0 is the frame with the table of contents, which says where each heading's items stand;
    the others have some rows of items each.
    """

    __tablename__ = "edition_part"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(Text)  # canonical JSON, see snapshot.py and contents.py


class EditionFile(Base):
    """The PDF or a spreadsheet of an edition, made by the worker when it is built.

    Kept as bytes, so that a download years later is the same and the web process only passes it on.
    """

    __tablename__ = "edition_file"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    format: Mapped[str] = mapped_column(String(20), primary_key=True)  # pdf, xlsx, csv, csv-cp932
    file_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    # Characters that the encoding or the typeface lacks, shown beside the download.
    replaced: Mapped[str] = mapped_column(Text, default="")
