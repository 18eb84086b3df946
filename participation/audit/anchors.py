"""Anchors: the head of the chain, written down in a file outside the database."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent, AuditHead
from participation.audit.services import GENESIS
from participation.audit.verification import Anchor
from participation.core.errors import DomainError, StateConflict


class AnchorFileError(DomainError):
    """The file of anchors cannot be read."""


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """Return the anchors of a file, oldest first; none when there is no file yet.

    Raises:
        AnchorFileError: a line is not an anchor.

    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise AnchorFileError(f"控えのファイル {path} を読めません。") from error
    return tuple(_anchor(path, number, line) for number, line in enumerate(lines, 1) if line)


def write_anchor(session: Session, path: Path, *, now: datetime) -> Anchor:
    """Append the head of the chain to ``path`` and sync it to the disk.

    Args:
        session: any session.
        path: best on another host, or on a medium that can only be appended to.
        now: when.

    Returns:
        The anchor; the last one again when nothing has happened since.

    Raises:
        AnchorFileError: the file cannot be read.
        StateConflict: the log no longer agrees with its head or the last anchor: it was tampered
            with, and a new anchor would cover that up.

    """
    known = read_anchors(path)
    head = session.scalars(select(AuditHead)).one()
    ends = [(head.last_id, head.last_hash), *((anchor.id, anchor.hash) for anchor in known[-1:])]
    if not all(_is_stored(session, *end) for end in ends):
        raise StateConflict(
            "監査記録が末尾の記録または前回の控えと合わないため、新しい控えは書きません。"
            "audit verify で確かめ、システム管理者に知らせてください。"
        )
    if ends[0] == ends[-1] and known:
        return known[-1]
    anchor = Anchor(head.last_id, head.last_hash, now.astimezone(UTC))
    line = json.dumps({"id": anchor.id, "hash": anchor.hash, "at": anchor.at.isoformat()})
    path.parent.mkdir(parents=True, exist_ok=True)
    # One write of one line: two writers at once leave two lines, not a torn one.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return anchor


def _is_stored(session: Session, event_id: int, event_hash: str) -> bool:
    if event_id == 0:
        return event_hash == GENESIS
    found = session.scalar(select(AuditEvent.hash).where(AuditEvent.id == event_id))
    return found == event_hash


def _anchor(path: Path, number: int, line: str) -> Anchor:
    try:
        raw = json.loads(line)
        return Anchor(int(raw["id"]), str(raw["hash"]), datetime.fromisoformat(raw["at"]))
    except (ValueError, KeyError, TypeError) as error:
        raise AnchorFileError(f"控えのファイル {path} の {number} 行目を読めません。") from error
