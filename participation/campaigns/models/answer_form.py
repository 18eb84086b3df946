"""The printable answer form (意見等提出用紙) of a campaign, as last printed."""

import uuid

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base


class AnswerForm(Base):
    """One PDF a campaign; printed anew when its words change."""

    __tablename__ = "answer_form"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    # SHA-256 of the words that the file has; another digest of today's words asks for a new one.
    digest: Mapped[str] = mapped_column(String(64), default="")
    file_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))  # that prints it
