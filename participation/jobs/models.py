"""The table of jobs: the truth about long work; the queue only carries hints to it."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base


class JobState(enum.Enum):
    """State of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One piece of long work, written in the transaction of the act that wants it.

    The queue (huey) deletes a task when it hands it out and enqueues on a connection of its own,
    so a task may be lost by a kill or sent before the commit. Therefore the row is the work, the
    task is only "look at row 12", the runner is idempotent, and a sweep finds rows that nobody
    looks at any more.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("done_units >= 0 AND total_units >= 0", name="units"),
        Index("ix_job_state", "state", "lease_until"),
        Index("ix_job_created_by", "created_by", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    # While running, renewed by the worker's heartbeat: a lease run out means the worker died.
    # While queued: not to be tried before then.
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    done_units: Mapped[int] = mapped_column(default=0)
    total_units: Mapped[int] = mapped_column(default=0)
    label: Mapped[str] = mapped_column(String(200), default="")
    error: Mapped[str] = mapped_column(Text, default="")
