"""Files of all opinions of a campaign, made by the worker for one person and kept for a day.

No row points to such a file but its job's, so that it goes with what a form left behind
(files.services.sweep_abandoned).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign
from participation.core.actors import Actor
from participation.core.errors import NotFound
from participation.files.models import StoredFile
from participation.files.services import ORPHAN_AGE
from participation.jobs.models import Job, JobState
from participation.jobs.services import enqueue

EXPORT_JOB = "campaigns.export_opinions"
KEPT = ORPHAN_AGE
_UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class OpinionFile:
    """A file that somebody asked for."""

    job: Job
    format: str  # xlsx, csv, csv-cp932
    stored: StoredFile | None  # None until it is made
    replaced: str  # characters that its encoding lacks

    @property
    def is_under_way(self) -> bool:
        """Whether the worker has yet to make it."""
        return self.job.state in _UNDER_WAY

    @property
    def has_failed(self) -> bool:
        """Whether it could not be made; the job says why."""
        return self.job.state is JobState.FAILED


def request_file(
    session: Session, campaign: Campaign, file_format: str, *, actor: Actor, now: datetime
) -> Job:
    """Have the worker make a file of all opinions; the same one asked for twice is made once.

    Args:
        session: the session of the act.
        campaign: whose opinions.
        file_format: one of ``answer_sheet.FORMATS``; the caller has checked it.
        actor: for whom.
        now: when.

    """
    # Of two clicks the second waits here; nobody's opinion does.
    session.execute(
        select(Campaign.id).where(Campaign.id == campaign.id).with_for_update(key_share=True)
    )
    for job in _jobs(session, campaign, actor=actor, now=now):
        if job.payload["format"] == file_format and job.state in _UNDER_WAY:
            return job
    return enqueue(
        session,
        EXPORT_JOB,
        {"campaign": campaign.id, "format": file_format, "staff_id": actor.staff_id},
        actor=actor,
        now=now,
        label="意見のファイルを作成しています",
    )


def files_of(
    session: Session, campaign: Campaign, *, actor: Actor, now: datetime
) -> list[OpinionFile]:
    """Return what an actor asked for within the last day, newest first."""
    found = [_file(session, job) for job in _jobs(session, campaign, actor=actor, now=now)]
    return [one for one in found if one.stored or one.is_under_way or one.has_failed]


def get_file(
    session: Session, campaign: Campaign, job_id: int, *, actor: Actor, now: datetime
) -> StoredFile:
    """Return the file that a job made for an actor.

    Raises:
        NotFound: the actor asked for none, it is yet to be made, or its day is over.

    """
    for job in _jobs(session, campaign, actor=actor, now=now):
        if job.id == job_id and (stored := _file(session, job).stored) is not None:
            return stored
    raise NotFound(
        "このファイルはまだできていないか、保存期間が終わりました。もう一度作成してください。"
    )


def is_made(session: Session, job_id: int) -> bool:
    """Whether an earlier run has made the file of a job."""
    return "file" in session.get_one(Job, job_id).payload


def keep_file(
    session: Session, job_id: int, stored: StoredFile, *, replaced: tuple[str, ...]
) -> None:
    """Let the file of a job be fetched."""
    job = session.get_one(Job, job_id)
    job.payload = {**job.payload, "file": str(stored.id), "replaced": "".join(replaced)}
    session.flush()


def _jobs(session: Session, campaign: Campaign, *, actor: Actor, now: datetime) -> list[Job]:
    asked = session.scalars(
        select(Job)
        .where(
            Job.created_by == actor.staff_id,
            Job.kind == EXPORT_JOB,
            Job.created_at > now - KEPT,
        )
        .order_by(Job.id.desc())
    )
    return [job for job in asked if job.payload["campaign"] == campaign.id]


def _file(session: Session, job: Job) -> OpinionFile:
    payload: dict[str, Any] = job.payload
    stored = session.get(StoredFile, uuid.UUID(payload["file"])) if "file" in payload else None
    return OpinionFile(job, payload["format"], stored, payload.get("replaced", ""))
