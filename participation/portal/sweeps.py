"""Duties of the worker for followers: letters at seven, and what is kept for a time only."""

import logging
from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from participation.core.errors import DomainError
from participation.core.settings import Settings
from participation.db.engine import writing
from participation.mail.models import OutboxMessage
from participation.mail.retention import erase_old_mail
from participation.portal import letters
from participation.portal.services import digests, leaving
from participation.privacy.crypto import DecryptionError

# One run; the next one, a minute later, goes on.
_AT_ONCE = 1_000
_logger = logging.getLogger(__name__)


def send_digests(session: Session, now: datetime) -> int:
    """Write the letters that are due, each in a transaction of its own; return how many."""
    settings: Settings = current_app.extensions["settings"]
    due = digests.due_followers(session, now, limit=_AT_ONCE)
    if not due:
        return 0
    written = 0
    # Addresses are made as for a request to this site.
    with current_app.test_request_context(base_url=settings.base_url):
        compose = letters.digest(session)
        for follower_id in due:
            try:
                with writing(session):
                    written += digests.tell(session, follower_id, compose=compose, now=now)
                session.commit()
            except (DomainError, DecryptionError):
                session.rollback()
                _logger.exception("a follower could not be told")
    return written


def forget_what_is_over(session: Session, now: datetime) -> None:
    """Erase who did not confirm, what was told long ago, and old letters."""
    while leaving.forget_unconfirmed(session, now):
        session.commit()
    digests.forget_old(session, now)
    erase_old_mail(session, OutboxMessage.kind.like("portal.%"), now)
