"""Making receipts, with their senders and attachments: a few statements for any number."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from participation.db.many_rows import insert_many
from participation.privacy.crypto import Keyring
from participation.submissions.codes import new_number, secret_from, secret_hash
from participation.submissions.models import Attachment, Channel, Receipt, Sender
from participation.submissions.services.sealed_files import SealedFile, attachment_row
from participation.submissions.services.senders import sender_row

_KEYS_A_QUERY = 500
_RECEIPTS: Any = Receipt.__table__
_INSERT_SENDERS = insert(cast("Any", Sender.__table__))
_INSERT_ATTACHMENTS = insert(cast("Any", Attachment.__table__))
_INSERT_RECEIPTS = {
    name: make(_RECEIPTS)
    .on_conflict_do_nothing(index_elements=["idempotency_key"])
    .returning(_RECEIPTS.c.idempotency_key, _RECEIPTS.c.id, _RECEIPTS.c.number)
    for name, make in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


@dataclass(frozen=True)
class NewReceipt:
    """What is to be acknowledged."""

    subject: str  # campaign:12
    channel: Channel
    received_at: datetime
    idempotency_key: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    sender: Mapping[str, str] = field(default_factory=dict, repr=False)
    attachments: tuple[SealedFile, ...] = ()


@dataclass(frozen=True)
class StoredReceipt:
    """A receipt that stands in the database once the caller has committed."""

    id: int
    number: str
    again: bool  # this form had been stored before: nothing new was


def secret_of_form(keys: Keyring, idempotency_key: str) -> str:
    """Return the secret of the form with this key.

    It follows from the form's key and a key outside the database, so that the same form sent
    twice is answered with the same receipt although only a hash of the secret is stored.
    """
    return secret_from(keys.blind_index(idempotency_key, "receipt.secret"))


def stored_key(idempotency_key: str) -> str:
    """Return what the database keeps of a form's key: who reads it there can't send that form."""
    return hashlib.sha256(idempotency_key.encode()).hexdigest()


@dataclass(frozen=True)
class PreparedReceipt:
    """The rows of a receipt, all but what the database gives: made before any lock is held."""

    key: str  # as stored
    row: dict[str, Any]
    sender: dict[str, Any] | None
    attachments: list[dict[str, Any]]


def prepare_receipt(keys: Keyring, new: NewReceipt) -> PreparedReceipt:
    """Return the rows of a receipt, its sender and files encrypted."""
    key = stored_key(new.idempotency_key)
    return PreparedReceipt(
        key=key,
        row={
            "number": new_number(),
            "secret_hash": None if new.secret is None else secret_hash(new.secret),
            "idempotency_key": key,
            "subject": new.subject,
            "channel": new.channel,
            "received_at": new.received_at,
        },
        sender=sender_row(keys, new.sender) if new.sender else None,
        attachments=[attachment_row(keys, sealed) for sealed in new.attachments],
    )


def store_receipts(session: Session, receipts: Sequence[PreparedReceipt]) -> list[StoredReceipt]:
    """Store receipts, their senders and attachments; the same key twice is one receipt.

    Returns:
        One for each of ``receipts``, in their order; the second of an equal key has ``again``.

    """
    first = {receipt.key: receipt for receipt in reversed(receipts)}
    # In one order everywhere: two writers with the same keys must not wait for each other.
    stored = _insert_new(session, [first[key].row for key in sorted(first)])
    connection = session.connection()
    senders, files = [], []
    for key, fresh in stored.items():
        prepared = first[key]
        if prepared.sender is not None:
            senders.append({**prepared.sender, "receipt_id": fresh.id})
        files += [{**row, "receipt_id": fresh.id} for row in prepared.attachments]
    if senders:
        insert_many(connection, _INSERT_SENDERS, senders)
    if files:
        insert_many(connection, _INSERT_ATTACHMENTS, files)
    stored |= _known(session, [key for key in first if key not in stored])
    seen: set[str] = set()
    results = []
    for receipt in receipts:
        result = stored[receipt.key]
        if receipt.key in seen:
            result = StoredReceipt(result.id, result.number, again=True)
        seen.add(receipt.key)
        results.append(result)
    return results


def find_by_keys(session: Session, idempotency_keys: Sequence[str]) -> dict[str, StoredReceipt]:
    """Return the receipts of the forms with these keys, by key."""
    wanted = {stored_key(key): key for key in idempotency_keys}
    return {wanted[key]: found for key, found in _known(session, list(wanted)).items()}


def _known(session: Session, keys: list[str]) -> dict[str, StoredReceipt]:
    """Return what is stored by the stored keys."""
    found = {}
    for start in range(0, len(keys), _KEYS_A_QUERY):
        rows = session.execute(
            select(Receipt.id, Receipt.number, Receipt.idempotency_key).where(
                Receipt.idempotency_key.in_(keys[start : start + _KEYS_A_QUERY])
            )
        )
        for receipt_id, number, key in rows:
            found[key] = StoredReceipt(receipt_id, number, again=True)
    return found


def _insert_new(session: Session, rows: list[dict[str, Any]]) -> dict[str, StoredReceipt]:
    """Insert those whose key is new and return them by their key."""
    connection = session.connection()
    statement = _INSERT_RECEIPTS[connection.dialect.name]
    found = {}
    for start in range(0, len(rows), _KEYS_A_QUERY):
        for key, receipt_id, number in insert_many(
            connection, statement, rows[start : start + _KEYS_A_QUERY]
        ):
            found[key] = StoredReceipt(receipt_id, number, again=False)
    return found
