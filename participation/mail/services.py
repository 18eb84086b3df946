"""Writing mail to the outbox, in the transaction of the act that wants it sent."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import insert
from sqlalchemy.orm import Session

from participation.core.errors import InvalidInput, StateConflict
from participation.db.many_rows import insert_many
from participation.mail.models import MailState, OutboxMessage
from participation.privacy.crypto import Keyring, keyring

TABLE = OutboxMessage.__tablename__
_INSERT = insert(cast("Any", OutboxMessage.__table__))
_LONGEST_ADDRESS = 254  # RFC 5321 with its angle brackets taken off
# One plain address: no display name, no list, nothing that a header or a mail server would parse.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}"
)


def send(
    session: Session,
    *,
    kind: str,
    recipient: str,
    subject: str,
    body: str,
    unsubscribe: str = "",
    now: datetime,
) -> OutboxMessage:
    """Write one message to one recipient; the worker sends it after the caller's commit.

    Args:
        session: the session of the act.
        kind: ``feature.purpose``, e.g. ``accounts.invitation``; shown in the outbox.
        recipient: one address.
        subject: one line.
        body: plain text; its links begin with ``settings.base_url``, never with the Host header.
        unsubscribe: where a POST ends the subscription that it belongs to, if it is of one.
        now: when.

    Raises:
        InvalidInput: the address is none, or there is a line break in a header.

    """
    new = NewMessage(kind, recipient, subject, body, unsubscribe)
    message = OutboxMessage(**prepare(keyring(session), new, now=now))
    session.add(message)
    session.flush()
    return message


@dataclass(frozen=True)
class NewMessage:
    """A message to be prepared: the arguments of ``send``."""

    kind: str
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    unsubscribe: str = field(default="", repr=False)


def prepare(keys: Keyring, new: NewMessage, *, now: datetime) -> dict[str, Any]:
    """Return the encrypted row of a message, for ``send_prepared``.

    Raises:
        InvalidInput: as ``send``.

    """
    check_address(new.recipient)
    if not new.subject.strip() or not new.subject.isprintable():
        raise InvalidInput(
            "件名に改行や制御文字は使えません。1行で入力してください。", field="subject"
        )
    if not new.unsubscribe.isprintable() or " " in new.unsubscribe:
        raise InvalidInput("配信を止めるアドレスに空白や改行は使えません。")
    message_id = uuid.uuid4()
    place = {"table": TABLE, "row": str(message_id)}
    return {
        "id": message_id,
        "kind": new.kind,
        "recipient": keys.encrypt(new.recipient, column="recipient", **place),
        "subject": keys.encrypt(new.subject, column="subject", **place),
        "body": keys.encrypt(new.body, column="body", **place),
        "unsubscribe": keys.encrypt(new.unsubscribe, column="unsubscribe", **place)
        if new.unsubscribe
        else None,
        "state": MailState.WAITING,
        "created_at": now,
        "next_attempt_at": now,
        "attempts": 0,
        "last_error": "",
    }


def send_prepared(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write prepared messages in one statement."""
    if rows:
        insert_many(session.connection(), _INSERT, rows)


def check_address(address: str) -> None:
    """Check that mail can be sent to ``address``.

    Raises:
        InvalidInput: it is no plain address.

    """
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise InvalidInput(
            "メールアドレスを確かめてください。1件だけ、半角で入力します。", field="email"
        )


def retry(session: Session, message: OutboxMessage, *, now: datetime) -> None:
    """Have a failed message sent again.

    Raises:
        StateConflict: it has not failed.

    """
    session.refresh(message, with_for_update=True)
    if message.state is not MailState.FAILED:
        raise StateConflict("このメールは送信に失敗していません。最新の状態を確かめてください。")
    message.state = MailState.WAITING
    message.attempts = 0
    message.next_attempt_at = now
    message.last_error = ""
    session.flush()
