"""After the day: what came of it, pictures and materials, questions to who was there, letters."""

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, Uuid, false
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base, BigId, Json


class WorkshopOutcome(Base):
    """What was said, and what came of it (開催結果).

    The words are those that are worked on; residents see ``published``, which changes only when
    somebody other than the last editor publishes again.
    """

    __tablename__ = "workshop_outcome"

    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"), primary_key=True)
    said: Mapped[str] = mapped_column(Text, default="")  # 出された意見; Markdown
    became: Mapped[str] = mapped_column(Text, default="")  # 市の考え方と反映; Markdown
    # Where it is taken up: [{"reference": "campaign:12", "label": "…"}]; or a label alone.
    links: Mapped[list[Any]] = mapped_column(Json, default=list)
    edited_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    # As residents see it: {"said": …, "became": …, "links": […]}; None: not published. Beside it
    # "titles": {file: title} of published files that were given another title since.
    published: Mapped[dict[str, Any] | None] = mapped_column(Json)
    published_at: Mapped[datetime | None]  # first
    # Why it was changed afterwards, the latest last: [{"at": …, "reason": …}].
    corrections: Mapped[list[Any]] = mapped_column(Json, default=list)
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class WorkshopFileKind(enum.Enum):
    """What a file is."""

    PHOTO = "photo"  # re-encoded: without place, camera or time
    MATERIAL = "material"  # 配布資料・かわら版


class WorkshopFile(Base):
    """A photograph or a document of a workshop."""

    __tablename__ = "workshop_file"
    __table_args__ = (Index("ix_workshop_file_workshop_id", "workshop_id", "kind", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    kind: Mapped[WorkshopFileKind]
    file_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("stored_file.id"))
    title: Mapped[str] = mapped_column(String(200))  # of a photo: what it shows (alt text)
    position: Mapped[int]
    published_at: Mapped[datetime | None]  # None: seen by staff only


class Questionnaire(Base):
    """A few questions to who was there (アンケート); answers name nobody."""

    __tablename__ = "questionnaire"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="window"),)

    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"), primary_key=True)
    introduction: Mapped[str] = mapped_column(Text, default="")
    # [{"key": "q1", "label": …, "type": "one|several|scale|text", "choices": […],
    #   "required": false}]; fixed once the first answer is in.
    questions: Mapped[list[Any]] = mapped_column(Json, default=list)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class QuestionnaireAnswer(Base):
    """One person's answers; the same form sent twice is one."""

    __tablename__ = "questionnaire_answer"
    __table_args__ = (Index("ix_questionnaire_answer_workshop_id", "workshop_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.workshop_id"))
    idempotency_key: Mapped[str] = mapped_column(String(64), unique=True)  # hashed
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # {"q1": …}
    typed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))  # from paper
    at: Mapped[datetime]


class LetterKind(enum.Enum):
    """Why everybody registered is written to."""

    TYPED = "typed"  # by the department
    CHANGED = "changed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    QUESTIONNAIRE = "questionnaire"  # once the event is over


class WorkshopLetter(Base):
    """A mail to the registered, one recipient a message; sent by a job, each once."""

    __tablename__ = "workshop_letter"
    __table_args__ = (Index("ix_workshop_letter_workshop_id", "workshop_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    kind: Mapped[LetterKind]
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    day_id: Mapped[int | None] = mapped_column(ForeignKey("workshop_day.id"))  # only these
    statuses: Mapped[list[Any]] = mapped_column(Json, default=list)  # values of RegistrationStatus
    # Only who has a seat of this kind: how to join is of no use to who comes to the venue.
    online_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    created_at: Mapped[datetime]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    finished_at: Mapped[datetime | None]


class LetterDelivery(Base):
    """A letter went into the outbox for an application, or could not, for want of an address."""

    __tablename__ = "letter_delivery"

    letter_id: Mapped[int] = mapped_column(ForeignKey("workshop_letter.id"), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    mailed: Mapped[bool]  # False: to be called
