"""Appending to the audit log, in the transaction of the act itself."""

import enum
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent, AuditHead
from participation.core.actors import Actor
from participation.db.many_rows import insert_many

GENESIS = "0" * 64
_NAME_LENGTH = 200
_INSERT = insert(cast("Any", AuditEvent.__table__))
_HEAD: Any = AuditHead.__table__
_TAKE_NUMBERS = (
    update(_HEAD)
    .values(last_id=_HEAD.c.last_id + bindparam("count"))
    .returning(_HEAD.c.last_id, _HEAD.c.last_hash)
)
_MOVE_HEAD = update(_HEAD).values(last_hash=bindparam("hash"))
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def record(
    session: Session,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    department_id: int | None = None,
) -> AuditEvent:
    """Append one event to the chain and flush it; it stands or falls with the caller's commit.

    Args:
        session: the session of the act.
        action: ``feature.thing.verb``, e.g. ``reports.entry.updated``; see docs/audit.md.
        actor: who did it.
        now: when, an aware moment.
        subject: ``kind:id`` of the thing, e.g. ``entry:12``.
        before: old values, only those that changed; dates, enums and UUIDs are stored as text.
        after: new values.
        reason: what the person gave as the reason, where one is asked for.
        department_id: the department it concerns, for the viewer's filter.

    Returns:
        The stored event.

    Raises:
        TypeError: a value is of a type that is not stored, such as an ORM object.

    """
    # Whoever appends holds the head's row until the commit, so that the chain never forks; a
    # SELECT first would let two readers see one head.
    last_id, last_hash = session.execute(
        update(AuditHead)
        .values(last_id=AuditHead.last_id + 1)
        .returning(AuditHead.last_id, AuditHead.last_hash)
        .execution_options(synchronize_session=False)
    ).one()
    event = AuditEvent(
        id=last_id,
        occurred_at=now.astimezone(UTC),
        actor_id=actor.staff_id,
        actor_name=_text(actor.name)[:_NAME_LENGTH],
        action=action,
        subject=subject,
        department_id=department_id,
        before=_plain(before) if before is not None else None,
        after=_plain(after) if after is not None else None,
        reason=_text(reason),
        previous_hash=last_hash,
    )
    event.hash = event_hash(event)
    session.add(event)
    session.flush()
    session.execute(
        update(AuditHead).values(last_hash=event.hash).execution_options(synchronize_session=False)
    )
    return event


@dataclass(frozen=True)
class Event:
    """What ``record_many`` appends: the arguments of ``record``."""

    action: str
    actor: Actor
    now: datetime
    subject: str
    after: Mapping[str, Any] | None = None
    before: Mapping[str, Any] | None = None
    reason: str = ""
    department_id: int | None = None


def record_many(session: Session, events: Sequence[Event]) -> None:
    """Append ``events`` in their order, in three statements however many there are.

    The same chain as by ``record``; for acts of which many are stored in one transaction.

    Raises:
        TypeError: a value is of a type that is not stored.

    """
    if not events:
        return
    connection = session.connection()
    last_id, last_hash = connection.execute(_TAKE_NUMBERS, {"count": len(events)}).one()
    rows = []
    for number, event in enumerate(events, start=last_id - len(events) + 1):
        row = {
            "id": number,
            "occurred_at": event.now.astimezone(UTC),
            "actor_id": event.actor.staff_id,
            "actor_name": _text(event.actor.name)[:_NAME_LENGTH],
            "action": event.action,
            "subject": event.subject,
            "department_id": event.department_id,
            "before": _plain(event.before) if event.before is not None else None,
            "after": _plain(event.after) if event.after is not None else None,
            "reason": _text(event.reason),
            "previous_hash": last_hash,
        }
        last_hash = row["hash"] = chained_hash(tuple(row.values()))
        rows.append(row)
    insert_many(connection, _INSERT, rows)
    connection.execute(_MOVE_HEAD, {"hash": last_hash})


def hold_head(session: Session) -> None:
    """Take the chain's head without appending.

    Transactions that hold it commit one after the other, so what they number afterwards grows in
    the order of their commits.
    """
    session.execute(
        update(AuditHead)
        .values(last_id=AuditHead.last_id)
        .execution_options(synchronize_session=False)
    )


def event_hash(event: AuditEvent) -> str:
    """Return the SHA-256 over the canonical text of ``event``, its hash column left out."""
    return chained_hash(
        (
            event.id,
            event.occurred_at,
            event.actor_id,
            event.actor_name,
            event.action,
            event.subject,
            event.department_id,
            event.before,
            event.after,
            event.reason,
            event.previous_hash,
        )
    )


def chained_hash(values: tuple[Any, ...]) -> str:
    """Return the hash over an event's columns, in the order of ``event_hash``."""
    moment: datetime = values[1]
    text = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(_canonical([values[0], text, *values[2:]]).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return ``value`` as JSON that both databases give back unchanged.

    PostgreSQL's JSONB knows neither NUL nor the difference between 1.0 and 1.00, and no database
    stores half a surrogate pair; a value that came back different would look like tampering.
    """
    match value:
        case Mapping():
            return {_text(str(key)): _plain(inner) for key, inner in value.items()}
        case set() | frozenset():
            return sorted(_plain(inner) for inner in value)
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case enum.Enum():
            return _plain(value.value)
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> bool | int | str | None:
    match value:
        case None | bool() | int():
            return value
        case str():
            return _text(value)
        case date():  # a datetime as well
            return value.isoformat()
        case float() | uuid.UUID():
            return str(value)
    raise TypeError(f"{type(value).__name__} cannot stand in the audit log")


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
