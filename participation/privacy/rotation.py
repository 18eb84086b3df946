"""Changing keys: every encrypted value is written anew under the current key, in small steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_, update
from sqlalchemy.orm import Session

from participation.db.encryption import EncryptedColumn
from participation.privacy.crypto import DecryptionError, Keyring

_BATCH = 1_000


@dataclass
class Tally:
    """How far a rotation has come."""

    changed: int = 0
    unreadable: int = 0


def reencrypt(
    session: Session, keys: Keyring, place: EncryptedColumn, tally: Tally
) -> Iterator[None]:
    """Write the values of one column anew under the current key.

    Yields after each batch, for the caller to commit: a kill at any point leaves every
    value readable, under the old key or the new, and the next run goes on with those left. A
    value that changed meanwhile is not touched; a value that cannot be read is counted and left.

    Args:
        session: a session that the caller commits after every step.
        keys: the keyring with the old keys and the new.
        place: the column.
        tally: counted on with every batch.

    """
    table, column = place.table, place.column
    primary = list(table.primary_key.columns)
    current = keys.stored_prefix(keys.current_key_id)
    left = (
        select(*primary, place.row.label("row_"), column.label("stored_"))
        .where(column.is_not(None), ~column.startswith(current, autoescape=True))
        .order_by(*primary)
        .limit(_BATCH)
    )
    replace = (
        update(table)
        .where(*(key == bindparam(f"key_{key.name}") for key in primary))
        .where(column == bindparam("stored_"))
        .values({column: bindparam("value_")})
    )
    last: tuple[Any, ...] | None = None
    while True:
        query = left if last is None else left.where(tuple_(*primary) > last)
        batch = session.execute(query).all()
        if not batch:
            return
        changes = []
        for row in batch:
            try:
                value = _anew(keys, place, str(row.row_), row.stored_)
            except DecryptionError:
                tally.unreadable += 1
                continue
            identity = {f"key_{key.name}": row[n] for n, key in enumerate(primary)}
            changes.append({**identity, "stored_": row.stored_, "value_": value})
        if changes:
            session.connection().execute(replace, changes)
        tally.changed += len(changes)
        last = tuple(batch[-1][: len(primary)])
        yield


def values_under(
    session: Session, keys: Keyring, key_id: str, places: tuple[EncryptedColumn, ...]
) -> int:
    """Return how many stored values still need the key ``key_id``."""
    prefix = keys.stored_prefix(key_id)
    return sum(
        session.scalar(
            select(func.count())
            .select_from(place.table)
            .where(place.column.startswith(prefix, autoescape=True))
        )
        or 0
        for place in places
    )


def _anew(keys: Keyring, place: EncryptedColumn, row: str, stored: str) -> str:
    where = {"table": place.table.name, "column": place.column.name, "row": row}
    return keys.encrypt(keys.decrypt(stored, **where), **where)
