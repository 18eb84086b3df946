"""The life of a job's row: asked for, claimed, kept alive, finished, failed, tried again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Update, event, update
from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.core.errors import StateConflict
from participation.jobs.models import Job, JobState
from participation.jobs.queries import is_due
from participation.jobs.queue import JobQueue

MAX_ATTEMPTS = 5
_RETRY_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600))
_PENDING = "jobs_to_hint"

BROKE_OFF = (
    "処理が途中で何度も止まったため、中止しました。"
    "もう一度試しても止まるときは、システム管理者にご連絡ください。"
)


@dataclass(frozen=True)
class Claim:
    """One run's hold on a job. It fences: a run that lost its lease cannot touch the job again."""

    job_id: int
    attempt: int
    started_at: datetime


def enqueue(
    session: Session,
    kind: str,
    payload: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    label: str = "",
) -> Job:
    """Ask for long work; it stands or falls with the caller's commit.

    After the commit the queue gets a hint. When the queue is down the hint is dropped and the
    worker's sweep finds the row: asking for work never fails because of the queue.

    Args:
        session: the session of the act.
        kind: the name under which the feature registered its runner, ``reports.build_edition``.
        payload: plain JSON values; ids rather than content, never personal data.
        actor: who wants it.
        now: when.
        label: what people read while it waits, in Japanese.

    """
    job = Job(
        kind=kind,
        payload=dict(payload),
        state=JobState.QUEUED,
        created_at=now,
        created_by=actor.staff_id,
        label=label,
    )
    session.add(job)
    session.flush()
    _hint_after_commit(session, job.id)
    return job


def claim(session: Session, job_id: int, *, now: datetime, lease: timedelta) -> Claim | None:
    """Take a due job; None when it is not due or somebody else was faster.

    One conditional UPDATE decides, so that of two workers exactly one gets it. The caller commits
    before it runs anything. A job whose runs all broke off becomes failed here.
    """
    taken = _changed(
        session,
        update(Job)
        .where(Job.id == job_id, is_due(now), Job.attempts < MAX_ATTEMPTS)
        .values(
            state=JobState.RUNNING,
            attempts=Job.attempts + 1,
            lease_until=now + lease,
            started_at=now,
            error="",
        ),
    )
    if taken:
        job = session.get_one(Job, job_id, populate_existing=True)
        return Claim(job_id, job.attempts, now)
    _changed(
        session,
        update(Job)
        .where(Job.id == job_id, is_due(now), Job.attempts >= MAX_ATTEMPTS)
        .values(state=JobState.FAILED, finished_at=now, lease_until=None, error=BROKE_OFF),
    )
    return None


def renew(session: Session, claim: Claim, *, until: datetime) -> bool:
    """Put off the end of a run's lease; False when the run lost its job."""
    return _changed(session, _held(claim).values(lease_until=until))


def report_progress(session: Session, claim: Claim, *, done: int, total: int, label: str) -> bool:
    """Store how far a run has come; False when the run lost its job."""
    values: dict[str, Any] = {"done_units": max(done, 0), "total_units": max(total, 0)}
    if label:
        values["label"] = label[:200]
    return _changed(session, _held(claim).values(**values))


def finish(session: Session, claim: Claim, *, now: datetime) -> bool:
    """Mark a run's job as done, in the transaction of its work; False when it lost the job."""
    return _changed(
        session,
        _held(claim).values(state=JobState.DONE, finished_at=now, lease_until=None, error=""),
    )


def fail(session: Session, claim: Claim, *, reason: str, now: datetime) -> bool:
    """Mark a run's job as failed for good; ``reason`` is Japanese and says what to do."""
    return _changed(
        session,
        _held(claim).values(state=JobState.FAILED, finished_at=now, lease_until=None, error=reason),
    )


def put_off(session: Session, claim: Claim, *, reason: str, now: datetime) -> bool:
    """Have a run's job tried again after a while, or fail it when it was tried often enough."""
    if claim.attempt >= MAX_ATTEMPTS:
        return fail(session, claim, reason=reason, now=now)
    delay = _RETRY_DELAYS[min(claim.attempt, len(_RETRY_DELAYS)) - 1]
    return _changed(
        session,
        _held(claim).values(state=JobState.QUEUED, lease_until=now + delay, error=reason),
    )


def hand_back(session: Session, claim: Claim, *, now: datetime) -> bool:
    """Give a job back untried, because the worker was told to stop."""
    return _changed(
        session,
        _held(claim).values(state=JobState.QUEUED, lease_until=now, attempts=Job.attempts - 1),
    )


def retry(session: Session, job: Job, *, now: datetime) -> None:
    """Put a failed job back in the queue with all its attempts.

    Raises:
        StateConflict: it has not failed.

    """
    again = _changed(
        session,
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.FAILED)
        .values(
            state=JobState.QUEUED,
            attempts=0,
            lease_until=now,
            finished_at=None,
            done_units=0,
            total_units=0,
            error="",
        ),
    )
    if not again:
        raise StateConflict(
            "この処理は失敗していないため、やり直せません。最新の状態を確かめてください。"
        )
    session.refresh(job)
    _hint_after_commit(session, job.id)


def _held(claim: Claim) -> Update:
    return update(Job).where(
        Job.id == claim.job_id,
        Job.state == JobState.RUNNING,
        Job.attempts == claim.attempt,
        Job.started_at == claim.started_at,
    )


def _changed(session: Session, statement: Update) -> bool:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount == 1


def _hint_after_commit(session: Session, job_id: int) -> None:
    queue: JobQueue | None = session.info.get("job_queue")
    if queue is None:
        return
    waiting: list[int] | None = session.info.get(_PENDING)
    if waiting is None:
        waiting = session.info[_PENDING] = []
        event.listen(session, "after_commit", _send_hints)
        event.listen(session, "after_rollback", _drop_hints)
    waiting.append(job_id)


def _send_hints(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint; the commit is still to come
    queue: JobQueue = session.info["job_queue"]
    waiting: list[int] = session.info[_PENDING]
    ids, waiting[:] = tuple(waiting), []
    for job_id in ids:
        queue.hint(job_id)


def _drop_hints(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info[_PENDING].clear()
