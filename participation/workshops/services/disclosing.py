"""Opening the names of many at once: one look, one audit event with its reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.submissions.models import Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.models import Workshop

SHOWN = "workshops.senders.disclosed"
EXPORTED = "workshops.senders.exported"
_IDS_A_QUERY = 500


def open_senders(
    session: Session,
    workshop: Workshop,
    receipt_ids: Sequence[int],
    *,
    action: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> dict[int, Mapping[str, str]]:
    """Return who sent some receipts, by receipt, and write down who looked at whom and why.

    Args:
        session: the session of the act; the caller commits before anything is shown.
        workshop: whose registrations; the caller has checked SENDER_DISCLOSE over it.
        receipt_ids: of what; erased senders are left out.
        action: ``SHOWN`` on a page, ``EXPORTED`` into a file.
        reason: why, in words.
        actor: who looks.
        now: when.

    Raises:
        InvalidInput: no reason.

    """
    if not reason.strip():
        raise InvalidInput("氏名・連絡先を見る理由を入力してください。", field="reason")
    wanted = sorted(set(receipt_ids))
    found: dict[int, Mapping[str, str]] = {}
    for start in range(0, len(wanted), _IDS_A_QUERY):
        for sender in session.scalars(
            select(Sender).where(
                Sender.receipt_id.in_(wanted[start : start + _IDS_A_QUERY]),
                Sender.contents.is_not(None),
            )
        ):
            found[sender.receipt_id] = contents_of(session, sender)
    audit.record(
        session,
        action,
        actor=actor,
        now=now,
        subject=f"workshop:{workshop.id}",
        # Which receipts: after a leak the question is whose names were seen (P18).
        after={"count": len(found), "receipts": sorted(found)},
        reason=reason.strip(),
        department_id=workshop.department_id,
    )
    return found
