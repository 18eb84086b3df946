"""Reading jobs."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.jobs.models import Job, JobState


def get_job(session: Session, job_id: int) -> Job:
    """Return one job.

    Raises:
        NotFound: there is none of this number.

    """
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound("お探しの処理は見つかりませんでした。")
    return job


def is_under_way(session: Session, job_id: int | None, kind: str) -> bool:
    """Whether the job of this number is of ``kind`` and has yet to end; no number is no job."""
    job = session.get(Job, job_id) if job_id is not None else None
    return job is not None and job.kind == kind and job.state in {JobState.QUEUED, JobState.RUNNING}


def list_jobs(
    session: Session,
    *,
    limit: int,
    before: int | None = None,
    state: JobState | None = None,
    created_by: int | None = None,
) -> list[Job]:
    """Return jobs, newest first.

    Args:
        session: any session.
        limit: how many at most.
        before: only jobs with a smaller id.
        state: only jobs in this state.
        created_by: only jobs that this person asked for.

    """
    wanted = select(Job).order_by(Job.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(Job.id < before)
    if state is not None:
        wanted = wanted.where(Job.state == state)
    if created_by is not None:
        wanted = wanted.where(Job.created_by == created_by)
    return list(session.scalars(wanted))


def due_job_ids(session: Session, now: datetime, *, limit: int, after: int = 0) -> list[int]:
    """Return the ids, above ``after``, of jobs that somebody should run now, oldest first."""
    wanted = select(Job.id).where(is_due(now), Job.id > after).order_by(Job.id).limit(limit)
    return list(session.scalars(wanted))


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition: waiting and not put off, or its runner died."""
    return or_(
        and_(Job.state == JobState.QUEUED, or_(Job.lease_until.is_(None), Job.lease_until <= now)),
        and_(Job.state == JobState.RUNNING, Job.lease_until <= now),
    )
