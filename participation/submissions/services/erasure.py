"""Erasing who sent what: on the day a rule set, or earlier at a person's request.

What was said stays, since the city must show what it answered; who said it goes, everywhere at
once: the sender, the names, keys and bytes of attachments, and what a feature keeps to recognise
a person. Backups lose it as they grow old, and at once when the keys are rotated and the old ones
destroyed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.db.scrubbing import scrub_after_commit
from participation.files.services import erase_bytes
from participation.submissions.holders import Holder
from participation.submissions.models import Attachment, Receipt, Sender
from participation.submissions.services import senders

BATCH = 1_000
_IDS_A_QUERY = 500
_TABLES = (Sender.__tablename__, Attachment.__tablename__)


def erase_due(
    session: Session,
    *,
    holders: Mapping[str, Holder],
    actor: Actor,
    now: datetime,
    limit: int = BATCH,
) -> int:
    """Erase up to ``limit`` senders whose day has passed; return how many.

    The caller commits and calls again until nothing is left.

    Args:
        session: the session of the act.
        holders: how each kind of receipt's feature forgets.
        actor: the worker or the command.
        now: when; a sender is erased once its ``erase_on`` lies before today in Japan.
        limit: at most so many in one transaction.

    """
    today = clock.local_date(now)
    due = list(
        session.scalars(
            select(Sender.receipt_id)
            .where(Sender.erase_on < today, Sender.contents.is_not(None))
            .order_by(Sender.erase_on, Sender.receipt_id)
            .limit(limit)
        )
    )
    if not due:
        return 0
    _erase(session, due, holders=holders, now=now)
    audit.record(
        session,
        "submissions.sender.erased",
        actor=actor,
        now=now,
        subject="sender:due",
        after={"count": len(due), "until": today},
    )
    return len(due)


def erase_receipt(
    session: Session,
    receipt: Receipt,
    *,
    reason: str,
    holders: Mapping[str, Holder],
    actor: Actor,
    now: datetime,
) -> None:
    """Erase the sender of one receipt before its day.

    Raises:
        InvalidInput: no reason.
        StateConflict: there is nothing left to erase.

    """
    if not reason.strip():
        raise InvalidInput("消去する理由を入力してください。", field="reason")
    if not _holds_something(session, receipt.id):
        raise StateConflict("この受付番号の個人情報は、ないか、すでに消去されています。")
    _erase(session, [receipt.id], holders=holders, now=now)
    audit.record(
        session,
        "submissions.sender.erased",
        actor=actor,
        now=now,
        subject=f"receipt:{receipt.id}",
        reason=reason.strip(),
    )


def _holds_something(session: Session, receipt_id: int) -> bool:
    sender = select(Sender.id).where(Sender.receipt_id == receipt_id, Sender.contents.is_not(None))
    file = select(Attachment.id).where(
        Attachment.receipt_id == receipt_id, Attachment.data_key.is_not(None)
    )
    return session.scalar(sender) is not None or session.scalar(file) is not None


def _erase(
    session: Session,
    receipt_ids: Sequence[int],
    *,
    holders: Mapping[str, Holder],
    now: datetime,
) -> None:
    by_kind: dict[str, list[int]] = defaultdict(list)
    for start in range(0, len(receipt_ids), _IDS_A_QUERY):
        ids = receipt_ids[start : start + _IDS_A_QUERY]
        rows = session.execute(select(Receipt.id, Receipt.subject).where(Receipt.id.in_(ids)))
        for receipt_id, subject in rows:
            by_kind[subject.partition(":")[0]].append(receipt_id)
        files = session.scalars(
            select(Attachment.file_id).where(
                Attachment.receipt_id.in_(ids), Attachment.data_key.is_not(None)
            )
        )
        for file_id in files.all():
            erase_bytes(session, file_id)
    for kind, ids in by_kind.items():
        if kind in holders:
            holders[kind].forget(session, ids)
    senders.erase(session, receipt_ids, now=now)
    scrub_after_commit(session, *_TABLES)
