"""How long mail to residents stays in the outbox."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_
from sqlalchemy.orm import Session

from participation.db.scrubbing import scrub_after_commit
from participation.mail.models import MailState, OutboxMessage

# Sent mail is kept so long for questions about its delivery; what is never sent, no longer.
MAIL_DAYS = 30


def erase_old_mail(session: Session, of_kinds: ColumnElement[bool], now: datetime) -> int:
    """Erase mail that went out, or never will, some days ago; return how many. A sweep.

    Args:
        session: the session of the sweep.
        of_kinds: a condition over ``OutboxMessage.kind``.
        now: when.

    """
    before = now - timedelta(days=MAIL_DAYS)
    over: ColumnElement[bool] = or_(
        and_(OutboxMessage.state == MailState.SENT, OutboxMessage.sent_at < before),
        and_(OutboxMessage.state == MailState.FAILED, OutboxMessage.created_at < before),
    )
    gone = session.execute(
        delete(OutboxMessage).where(of_kinds, over).execution_options(synchronize_session=False)
    )
    count = int(gone.rowcount)  # type: ignore[attr-defined]
    if count:
        scrub_after_commit(session, OutboxMessage.__tablename__)
    return count
