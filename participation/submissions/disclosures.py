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
        for event in events:
            # A list with names is one event; what is asked afterwards is whose they were.
            for number in _numbers(session, _receipts(event)) or [""]:
                yield Disclosure(
                    event.occurred_at,
                    event.actor_id,
                    event.actor_name,
                    event.action,
                    number,
                    event.reason,
                )


def _receipts(event: AuditEvent) -> list[int]:
    """Return the receipts that an event is about: one in its subject, or a list of them."""
    kind, _, number = event.subject.partition(":")
    if kind == "receipt":
        return [int(number)] if number.isdigit() else []
    return [int(one) for one in (event.after or {}).get("receipts", ())]


def _numbers(session: Session, ids: list[int]) -> list[str]:
    found: list[str] = []
    for start in range(0, len(ids), _BATCH):
        found += session.scalars(
            select(Receipt.number)
            .where(Receipt.id.in_(ids[start : start + _BATCH]))
            .order_by(Receipt.id)
        ).all()
    return found
