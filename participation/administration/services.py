"""What administrators do about mail and jobs that failed."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.jobs import services as jobs
from participation.jobs.models import Job
from participation.mail import services as mail
from participation.mail.models import OutboxMessage


def retry_message(session: Session, message: OutboxMessage, *, actor: Actor, now: datetime) -> None:
    """Have a message that failed sent again.

    Raises:
        StateConflict: it has not failed.

    """
    before = {"state": message.state.value, "attempts": message.attempts}
    mail.retry(session, message, now=now)
    audit.record(
        session,
        "mail.message.retried",
        actor=actor,
        now=now,
        subject=f"message:{message.id}",
        before=before,
        after={"state": message.state.value, "attempts": message.attempts},
    )


def retry_job(session: Session, job: Job, *, actor: Actor, now: datetime) -> None:
    """Have a job that failed run again.

    Raises:
        StateConflict: it has not failed.

    """
    before = {"state": job.state.value, "attempts": job.attempts}
    jobs.retry(session, job, now=now)
    audit.record(
        session,
        "jobs.job.retried",
        actor=actor,
        now=now,
        subject=f"job:{job.id}",
        before=before,
        after={"state": job.state.value, "attempts": job.attempts},
    )
