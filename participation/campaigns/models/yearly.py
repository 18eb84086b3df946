"""The year's lists of campaigns as printed files."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base


class YearlyList(enum.Enum):
    """Which of the two lists of a year."""

    PLANNED = "planned"  # 実施予定
    HELD = "held"  # 実施状況


class YearlyListFile(Base):
    """A printed list (PDF) as of the moment at which it was asked for; residents get the newest."""

    __tablename__ = "yearly_list_file"
    __table_args__ = (Index("ix_yearly_list_file_list", "fiscal_year", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int]
    kind: Mapped[YearlyList]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    # None until the worker has set it.
    file_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    replaced: Mapped[str] = mapped_column(Text, default="")  # characters the typeface lacks
    created_at: Mapped[datetime]
