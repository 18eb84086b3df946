"""What the worker does for clusters: as opinions come in, and all anew when somebody asks."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation.campaigns.services import clustering
from participation.core import clock
from participation.jobs.runner import JobRun


def group_opinions(run: JobRun) -> None:
    """Group all opinions of a campaign from the beginning."""
    clustering.group_anew(
        run.session,
        run.payload["campaign"],
        now=clock.now(),
        commit=run.commit,
        progress=run.progress,
    )


def group_new_opinions(session: Session, now: datetime) -> None:
    """Every minute: place what came in; in a large campaign only what equals a known text."""
    for campaign_id in clustering.waiting_campaigns(session):
        small = clustering.cluster_number(session, campaign_id) <= clustering.SMALL
        place = clustering.group_waiting if small else clustering.join_equal
        place(session, campaign_id, now=now, commit=session.commit)


def group_all_new_opinions(session: Session, now: datetime) -> None:
    """Every ten minutes: place what came in, in large campaigns too."""
    for campaign_id in clustering.waiting_campaigns(session):
        clustering.group_waiting(session, campaign_id, now=now, commit=session.commit)
