"""Verifying the chain: what was changed, removed, inserted, reordered or cut off."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from participation.audit.services import GENESIS, chained_hash

# Raw rows: a value that somebody wrote past the application may not even be of its type.
_EVENTS = text(
    "SELECT id, occurred_at, actor_id, actor_name, action, subject, department_id,"
    ' "before", "after", reason, previous_hash, hash'
    " FROM audit_event WHERE id > :after ORDER BY id LIMIT :batch"
)
_HEAD = text("SELECT last_id, last_hash FROM audit_head")
_OCCURRED_AT, _BEFORE, _AFTER = 1, 7, 8
_BATCH = 5_000
_BEFORE_ALL = -(2**63)
_SHOWN_FAULTS = 100


@dataclass(frozen=True)
class Fault:
    """One place where the log is not what was written."""

    event_id: int
    finding: str  # Japanese


@dataclass
class Verification:
    """What a verification found. The log is sound when ``fault_count`` is 0."""

    events: int = 0
    anchors: int = 0
    last_id: int = 0
    last_hash: str = GENESIS
    fault_count: int = 0
    faults: list[Fault] = field(default_factory=list)  # the first hundred

    def add(self, event_id: int, finding: str) -> None:
        """Note one fault."""
        self.fault_count += 1
        if len(self.faults) < _SHOWN_FAULTS:
            self.faults.append(Fault(event_id, finding))


@dataclass(frozen=True)
class Anchor:
    """The head of the chain as it was written down outside the database."""

    id: int
    hash: str
    at: datetime


def verify(
    session: Session,
    anchors: tuple[Anchor, ...] = (),
    *,
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Check every event against its hash, its forerunner, the head and the anchors.

    Events that others append meanwhile are followed up to a head that agrees.

    Args:
        session: any session; memory does not grow with the log.
        anchors: heads written down outside, in any order.
        progress: called with the number of events checked, every few thousand.

    """
    result = Verification(anchors=len(anchors))
    waiting: dict[int, list[Anchor]] = {}
    for anchor in anchors:
        waiting.setdefault(anchor.id, []).append(anchor)
    _check_anchors(result, waiting, 0, GENESIS)
    start = _BEFORE_ALL
    while True:
        for row in _rows(session, start):
            _check_event(result, row)
            _check_anchors(result, waiting, result.last_id, result.last_hash)
            if progress is not None and result.events % _BATCH == 0:
                progress(result.events)
        head = session.execute(_HEAD).one_or_none()
        if head is None:
            result.add(result.last_id, "先頭の記録（audit_head）がありません。")
            break
        last_id, last_hash = head
        if last_id <= result.last_id or not _exists_after(session, result.last_id):
            _check_head(result, last_id, last_hash)
            break
        # Somebody appended between our last batch and the head: read on.
        start = result.last_id
    for anchor in sorted(
        (anchor for unmet in waiting.values() for anchor in unmet), key=lambda anchor: anchor.id
    ):
        result.add(
            anchor.id, "控えにある記録がありません。末尾が切り取られたか、抜き取られています。"
        )
    return result


def _rows(session: Session, after: int) -> Iterator[tuple[Any, ...]]:
    while True:
        batch = session.execute(_EVENTS, {"after": after, "batch": _BATCH}).all()
        yield from (tuple(row) for row in batch)
        if len(batch) < _BATCH:
            return
        after = batch[-1][0]


def _exists_after(session: Session, event_id: int) -> bool:
    found = session.execute(_EVENTS, {"after": event_id, "batch": 1}).first()
    return found is not None


def _check_event(result: Verification, row: tuple[Any, ...]) -> None:
    event_id, previous_hash, stored_hash = row[0], row[-2], row[-1]
    result.events += 1
    if event_id <= 0:
        result.add(event_id, "最初の記録より前に、記録が書き足されています。")
        return
    if event_id != result.last_id + 1:
        missing = event_id - result.last_id - 1
        result.add(event_id, f"この前の記録 {missing} 件が抜き取られています。")
    elif previous_hash != result.last_hash:
        result.add(
            event_id, "前の記録とつながりません。前後の記録が変更・挿入・入れ替えされています。"
        )
    computed = _hash(row)
    if computed is None:
        result.add(event_id, "内容を読めません。書き換えられています。")
    elif computed != stored_hash:
        result.add(event_id, "内容がハッシュ値と合いません。書き換えられています。")
    # On with what is stored, so that one change is one finding and not a million.
    result.last_id, result.last_hash = event_id, stored_hash


def _hash(row: tuple[Any, ...]) -> str | None:
    values = list(row[:-1])
    try:
        if isinstance(values[_OCCURRED_AT], str):  # SQLite
            values[_OCCURRED_AT] = datetime.fromisoformat(values[_OCCURRED_AT]).replace(tzinfo=UTC)
        for position in (_BEFORE, _AFTER):
            if isinstance(values[position], str | bytes):
                values[position] = json.loads(values[position])
        return chained_hash(tuple(values))
    except (ValueError, TypeError, AttributeError):
        return None


def _check_head(result: Verification, last_id: int, last_hash: str) -> None:
    if last_id > result.last_id:
        result.add(last_id, f"末尾の記録 {last_id - result.last_id} 件が切り取られています。")
    elif last_id < result.last_id:
        result.add(
            result.last_id, f"末尾に {result.last_id - last_id} 件の記録が書き足されています。"
        )
    elif last_hash != result.last_hash:
        result.add(last_id, "末尾の記録が、書いたときのものと違います。")


def _check_anchors(
    result: Verification, waiting: dict[int, list[Anchor]], event_id: int, stored_hash: str
) -> None:
    for anchor in waiting.pop(event_id, ()):
        if anchor.hash != stored_hash:
            result.add(event_id, "控えのハッシュ値と違います。ここまでの記録が作り直されています。")
