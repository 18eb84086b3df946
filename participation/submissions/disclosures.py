"""Who saw whose personal data, from the audit log: the first question after a leak (P18)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.submissions.models import Receipt

# Every act by which personal data of a sender reaches somebody's eyes.
DISCLOSING = (
    "submissions.attachment.downloaded",
    "submissions.sender.disclosed",
    "submissions.sender.exported",
    "workshops.senders.disclosed",
    "workshops.senders.exported",
)
_BATCH = 500


@dataclass(frozen=True)
class Disclosure:
    """One look at one sender's data."""

    at: datetime
    actor_id: int | None
    actor: str
    action: str
    number: str  # receipt number; empty when the receipt is gone
    reason: str


def disclosures(
    session: Session,
    *,
    since: datetime,
    until: datetime | None = None,
    actor_id: int | None = None,
) -> Iterator[Disclosure]:
    """Yield the looks since a moment, in their order.

    Args:
        session: any session.
        since: from when on.
        until: before when; None for now.
        actor_id: only those of one person.

    """
    last = 0
    while True:
        query = (
            select(AuditEvent)
            .where(
                AuditEvent.action.in_(DISCLOSING),
                AuditEvent.occurred_at >= since,
                AuditEvent.id > last,
            )
            .order_by(AuditEvent.id)
            .limit(_BATCH)
        )
        if until is not None:
            query = query.where(AuditEvent.occurred_at < until)
        if actor_id is not None:
            query = query.where(AuditEvent.actor_id == actor_id)
        events = session.scalars(query).all()
        if not events:
            return
        last = events[-1].id
        numbers = _numbers(session, [event.subject for event in events])
        for event in events:
            yield Disclosure(
                event.occurred_at,
                event.actor_id,
                event.actor_name,
                event.action,
                numbers.get(event.subject, ""),
                event.reason,
            )


def _numbers(session: Session, subjects: list[str]) -> dict[str, str]:
    ids = {
        int(number)
        for kind, _, number in (subject.partition(":") for subject in subjects)
        if kind == "receipt" and number.isdigit()
    }
    rows = session.execute(select(Receipt.id, Receipt.number).where(Receipt.id.in_(ids)))
    return {f"receipt:{receipt_id}": number for receipt_id, number in rows}
