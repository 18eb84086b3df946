"""Duties of the worker for submissions: what is kept for a time only."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from participation.campaigns.services import retention
from participation.campaigns.services.submission_import import discard_undecided

NETWORK_KEPT_FOR = timedelta(days=retention.NETWORK_DAYS)


def forget_networks(session: Session, now: datetime) -> None:
    """Erase the keyed hashes of networks whose time is over, some thousands a transaction."""
    while retention.forget_networks(session, now):
        session.commit()


def keep_terms(session: Session, now: datetime) -> None:
    """Date what has no day of erasure yet; erase old mail and files that nobody decided on."""
    retention.date_what_came_later(session, now)
    retention.erase_old_mail(session, now)
    discard_undecided(session, now)
