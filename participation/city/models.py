"""Tables of the city's profile."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base, Json


class City(Base):
    """The one city of this installation. What differs between cities is data here, not code."""

    __tablename__ = "city"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(60))  # 伊勢原市
    prefecture: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(6))  # 全国地方公共団体コード with check digit
    # Lines of the footer and of "how to reach us without this site": [{"label", "value"}].
    contact: Mapped[list[Any]] = mapped_column(Json, default=list)
    # The city's rules by key, e.g. {"campaign.minimum_days": 30}; see city.rules.
    rules: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    # Lists that the city decides, e.g. {"campaign.eligibility": ["市内に住所を有する方", …]};
    # see city.lists.
    lists: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    # Words of the yearly report that differ from the defaults; see city.wording.
    wording: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    updated_at: Mapped[datetime]


class ClosedDay(Base):
    """A day on which offices are closed beside weekends and national holidays (年末年始 …)."""

    __tablename__ = "closed_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(120))


class Place(Base):
    """A place where documents are shown or meetings held (閲覧場所・会場)."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    hours: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class SubjectArea(Base):
    """An area of interest (防災, 子育て …) that a public thing is about; see city.lists."""

    __tablename__ = "subject_area"
    __table_args__ = (Index("ix_subject_area_area", "area", "reference"),)

    reference: Mapped[str] = mapped_column(String(60), primary_key=True)  # workshop:12
    area: Mapped[str] = mapped_column(String(60), primary_key=True)
