"""Who sent it: stored encrypted, shown with a reason and an audit event, erased at its term."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound
from participation.privacy.crypto import Keyring, keyring
from participation.submissions.models import Attachment, Sender

_BATCH = 500


def sender_row(keys: Keyring, sender: Mapping[str, str]) -> dict[str, Any]:
    """Return the row of a sender, encrypted, all but its receipt."""
    row_id = uuid.uuid4()
    text = json.dumps(dict(sender), ensure_ascii=False)
    return {
        "id": row_id,
        "contents": keys.encrypt(
            text, table=Sender.__tablename__, column="contents", row=str(row_id)
        ),
    }


def disclose(
    session: Session,
    receipt_id: int,
    *,
    actor: Actor,
    now: datetime,
    reason: str,
    department_id: int | None = None,
) -> dict[str, str]:
    """Return who sent it, and write into the audit log that ``actor`` saw it and why.

    Args:
        session: the session of the act; the caller commits, or the view is not on record.
        receipt_id: of what.
        actor: who looks; the caller has checked the right (SENDER_DISCLOSE).
        now: when.
        reason: why, in words.
        department_id: of the thing that was sent, for the audit viewer's filter.

    Returns:
        Field key to value; empty for an anonymous sender.

    Raises:
        InvalidInput: no reason.
        NotFound: it has been erased.

    """
    if not reason.strip():
        raise InvalidInput("提出者の情報を見る理由を入力してください。", field="reason")
    sender = session.scalar(select(Sender).where(Sender.receipt_id == receipt_id))
    if sender is not None and sender.contents is None:
        raise NotFound("提出者の情報は、保存期間が終わったため消去されています。")
    found = {} if sender is None else contents_of(session, sender)
    audit.record(
        session,
        "submissions.sender.disclosed",
        actor=actor,
        now=now,
        subject=f"receipt:{receipt_id}",
        after={"fields": sorted(found)},
        reason=reason.strip(),
        department_id=department_id,
    )
    return found


def contents_of(session: Session, sender: Sender) -> dict[str, str]:
    """Return the fields of a sender without any audit event; {} once erased.

    For the service's own use (a comparison, the sender's own receipt page); people get
    ``disclose``.
    """
    if sender.contents is None:
        return {}
    text = keyring(session).decrypt(
        sender.contents, table=Sender.__tablename__, column="contents", row=str(sender.id)
    )
    found: dict[str, str] = json.loads(text)
    return found


def erase(session: Session, receipt_ids: Sequence[int], *, now: datetime) -> int:
    """Erase senders and the keys and names of their attachments; return how many senders.

    The files themselves can be read by nobody any more, in no backup that lacks the keys. The
    caller's act records one audit event.
    """
    erased = 0
    for start in range(0, len(receipt_ids), _BATCH):
        ids = receipt_ids[start : start + _BATCH]
        erased += len(
            session.scalars(
                update(Sender)
                .where(Sender.receipt_id.in_(ids), Sender.contents.is_not(None))
                .values(contents=None, erased_at=now)
                .returning(Sender.id)
                .execution_options(synchronize_session=False)
            ).all()
        )
        session.execute(
            update(Attachment)
            .where(Attachment.receipt_id.in_(ids))
            .values(data_key=None, name=None)
            .execution_options(synchronize_session=False)
        )
    session.expire_all()
    return erased
