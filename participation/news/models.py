"""The table of what became public."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base, BigId


class NewsEvent(enum.Enum):
    """What happened."""

    ANNOUNCED = "announced"  # 予告・案内
    OPENED = "opened"  # 募集開始・申込受付開始
    CHANGED = "changed"  # 変更・お知らせ
    EXTENDED = "extended"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    DECIDED = "decided"  # 結果の公表


class NewsItem(Base):
    """One public happening, written in the transaction that makes it public; never changed.

    The numbers grow in the order of the commits: the writer holds the head of the audit chain
    (``news.services.publish``). So a reader who remembers the last number misses nothing.
    """

    __tablename__ = "news_item"
    __table_args__ = (
        Index("ix_news_item_reference", "reference", "id"),
        Index("ix_news_item_department_id", "department_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event: Mapped[NewsEvent]
    reference: Mapped[str] = mapped_column(String(60))  # workshop:12
    kind: Mapped[str] = mapped_column(String(60))  # workshop.town_meeting, campaign.comment
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    title: Mapped[str] = mapped_column(String(300))  # as it was
    text: Mapped[str] = mapped_column(Text, default="")  # one or two sentences, plain
    at: Mapped[datetime]
