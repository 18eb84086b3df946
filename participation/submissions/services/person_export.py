"""Everything that is held about one sender, for the sender (開示請求)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.submissions.holders import Holder
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Receipt, Sender
from participation.submissions.queries import attachments_of
from participation.submissions.services.sealed_files import attachment_name
from participation.submissions.services.senders import contents_of


def export_person(
    session: Session,
    receipt: Receipt,
    *,
    reason: str,
    holders: Mapping[str, Holder],
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Return what is held about the sender of one receipt as JSON values; it is on record.

    Args:
        session: the session of the act; the caller commits before it hands anything out.
        receipt: of what; the caller has made sure that the asker is its sender.
        reason: why, e.g. the number of the request.
        holders: what each kind of receipt's feature holds.
        actor: who takes it out.
        now: when.

    Raises:
        InvalidInput: no reason.

    """
    if not reason.strip():
        raise InvalidInput("書き出す理由を入力してください。", field="reason")
    sender = session.scalar(select(Sender).where(Sender.receipt_id == receipt.id))
    holder = holders.get(receipt.subject.partition(":")[0])
    held: dict[str, Any] = {
        "受付番号": receipt.number,
        "提出方法": CHANNEL_LABELS[receipt.channel],
        "受付日時": clock.local(receipt.received_at).isoformat(timespec="seconds"),
        "提出者": {} if sender is None else contents_of(session, sender),
        "消去の予定日": _day(sender.erase_on if sender else None),
        "消去した日時": clock.local(sender.erased_at).isoformat(timespec="seconds")
        if sender is not None and sender.erased_at is not None
        else None,
        "添付ファイル": [
            {
                "名前": attachment_name(session, file),
                "種類": file.media_type,
                "大きさ（バイト）": file.size,
            }
            for file in attachments_of(session, receipt.id)
        ],
        "内容": holder.export(session, receipt.id) if holder is not None else {},
    }
    audit.record(
        session,
        "submissions.sender.exported",
        actor=actor,
        now=now,
        subject=f"receipt:{receipt.id}",
        reason=reason.strip(),
    )
    return held


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()
