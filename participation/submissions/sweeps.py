"""Duties of the worker: what is kept for a time only."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation.core.actors import system_actor
from participation.db.scrubbing import scrub_after_commit
from participation.submissions.holders import holders
from participation.submissions.models import SavedForm
from participation.submissions.services.challenges import forget_old
from participation.submissions.services.erasure import erase_due
from participation.submissions.services.saved_forms import erase_expired


def erase_what_is_over(session: Session, now: datetime) -> None:
    """Erase saved forms and spent challenges whose time is over."""
    if erase_expired(session, now):
        scrub_after_commit(session, SavedForm.__tablename__)
    forget_old(session, now)


def erase_due_senders(session: Session, now: datetime) -> int:
    """Erase senders whose day has passed, a batch in each transaction, so that nobody waits."""
    actor = system_actor("submissions erase-expired")
    erased = 0
    while count := erase_due(session, holders=holders(), actor=actor, now=now):
        session.commit()
        erased += count
    return erased
