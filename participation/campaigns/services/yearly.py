"""Having the year's lists printed."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import YearlyList, YearlyListFile
from participation.core import fiscal_year
from participation.core.actors import Actor
from participation.jobs.models import Job
from participation.jobs.services import enqueue

PRINT_JOB = "campaigns.print_yearly_list"


def request_print(
    session: Session, year: int, kind: YearlyList, *, actor: Actor, now: datetime
) -> Job:
    """Have the worker print a list as it stands when it gets to it; residents get the newest."""
    asked = YearlyListFile(fiscal_year=year, kind=kind, created_at=now)
    session.add(asked)
    session.flush()
    job = enqueue(
        session,
        PRINT_JOB,
        {"file": asked.id},
        actor=actor,
        now=now,
        label=f"{fiscal_year.label(year)}の意見募集の一覧（PDF）",
    )
    asked.job_id = job.id
    session.flush()
    audit.record(
        session,
        "campaigns.list.made",
        actor=actor,
        now=now,
        subject=f"campaign_list:{year}",
        after={"kind": kind, "fiscal_year": year},
    )
    return job
