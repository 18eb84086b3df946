"""The life of an entry as a table of steps, and the one way in which a step is taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from participation.audit.services import record
from participation.core.actors import Actor
from participation.core.errors import NotFound, StateConflict
from participation.policy import Permission, reaches
from participation.reports.labels import STATE
from participation.reports.models import Entry, EntryEvent, EntryKind, EntryState, Round
from participation.reports.queries import entries as queries


@dataclass(frozen=True)
class Step:
    """One kind of step: who may take it, from where it leads where."""

    act: str  # EntryEvent.act; audit action reports.entry.<act>
    permission: Permission
    sources: frozenset[EntryState]
    target: EntryState | None  # None: the state stays
    needs_open_round: bool = True


def _step(
    act: str,
    permission: Permission,
    sources: tuple[EntryState, ...],
    target: EntryState | None,
    *,
    needs_open_round: bool = True,
) -> Step:
    return Step(act, permission, frozenset(sources), target, needs_open_round)


_DRAFT, _SUBMITTED, _APPROVED = EntryState.DRAFT, EntryState.SUBMITTED, EntryState.APPROVED
_CONFIRMED, _RETURNED, _WITHDRAWN = (
    EntryState.CONFIRMED,
    EntryState.RETURNED,
    EntryState.WITHDRAWN,
)
_WRITE, _APPROVE = Permission.ENTRY_WRITE, Permission.ENTRY_APPROVE
_CONFIRM = Permission.ENTRY_CONFIRM

# The only steps there are. 確認済 is reached only through 課内確認 and 提出済, by three people's
# hands of which the first is never one of the others (approvals.py).
EDIT = _step("edited", _WRITE, (_DRAFT, _RETURNED), None)
MOVE = _step("moved", _WRITE, (_DRAFT, _RETURNED, _SUBMITTED), None)
SUBMIT = _step("submitted", _WRITE, (_DRAFT, _RETURNED), _SUBMITTED)
PULL_BACK = _step("pulled_back", _WRITE, (_SUBMITTED,), _DRAFT)
WITHDRAW = _step("withdrawn", _WRITE, (_DRAFT, _RETURNED, _SUBMITTED), _WITHDRAWN)
RESTORE = _step("restored", _WRITE, (_WITHDRAWN,), _DRAFT)
APPROVE = _step("approved", _APPROVE, (_SUBMITTED,), _APPROVED)
RETURN_BY_APPROVER = _step("returned", _APPROVE, (_SUBMITTED, _APPROVED), _RETURNED)
CONFIRM = _step("confirmed", _CONFIRM, (_APPROVED,), _CONFIRMED, needs_open_round=False)
RETURN_BY_COORDINATOR = _step("returned", _CONFIRM, (_APPROVED, _CONFIRMED), _RETURNED)

STEPS = (
    EDIT,
    MOVE,
    SUBMIT,
    PULL_BACK,
    WITHDRAW,
    RESTORE,
    APPROVE,
    RETURN_BY_APPROVER,
    CONFIRM,
    RETURN_BY_COORDINATOR,
)


class EntryConflict(StateConflict):
    """Somebody else changed the entry after it was shown; nothing was stored."""

    def __init__(self, entry_id: int) -> None:
        super().__init__(
            "表示した後に、ほかの人がこの記載を変更しました。"
            "最新の内容を確かめてから、もう一度操作してください。"
        )
        self.entry_id = entry_id


def hold_round(session: Session, kind: EntryKind, year: int, *, must_be_open: bool = True) -> None:
    """Take the lock under which all steps of one round follow each other.

    Everything that is read after this is as the last step left it, so that 「該当なし」 and a text
    can't be stored at the same moment, and no step slips in after the closing. On SQLite the
    transaction itself is that lock (BEGIN IMMEDIATE).

    Raises:
        StateConflict: the round is not open, and ``must_be_open``.

    """
    number = queries.round_year_of(kind, year)
    found = session.scalars(
        select(Round)
        .where(Round.fiscal_year == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if must_be_open and (found is None or found.closed_at is not None):
        state = "まだ始まっていません" if found is None else "締め切られています"
        raise StateConflict(
            f"この年度の照会は{state}。入力や変更が必要なときは、とりまとめ担当課にご連絡ください。"
        )


def check_reach(actor: Actor, permission: Permission, department_id: int) -> None:
    """Refuse an actor without ``permission`` over the department, as if the thing did not exist.

    Raises:
        NotFound: always the same words, whatever the reason.

    """
    if not reaches(actor, permission, department_id):
        raise NotFound("お探しのものは見つかりませんでした。")


def hold_entry(session: Session, entry: Entry, step: Step, actor: Actor) -> None:
    """Lock the entry's round and read the entry as it is now.

    Raises:
        NotFound: the entry is out of the actor's reach.
        StateConflict: the round is not open, and the step needs that.

    """
    check_reach(actor, step.permission, entry.department_id)
    hold_round(session, entry.kind, entry.fiscal_year, must_be_open=step.needs_open_round)
    session.refresh(entry)


def take_step(
    session: Session,
    entry: Entry,
    step: Step,
    *,
    actor: Actor,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Take one step: conditional update, event, audit. The caller holds the round.

    Args:
        session: the session of the act.
        entry: the entry as it was just read.
        step: one of ``STEPS``.
        actor: who takes it.
        now: when.
        values: columns that change besides the state.
        reason: the person's reason where the step asks for one.

    Raises:
        NotFound: the entry is out of the actor's reach.
        StateConflict: the entry is not in a state from which this step leads on.
        EntryConflict: another process took a step since the entry was read.

    """
    check_reach(actor, step.permission, entry.department_id)
    if entry.state not in step.sources:
        raise StateConflict(refusal(entry.state))
    values = dict(values or {})
    target = step.target or entry.state
    after = {**values, **({"state": target} if target is not entry.state else {})}
    before = {name: getattr(entry, name) for name in after}
    changes = {**after, "version": entry.version + 1, "updated_at": now}
    # The version in the condition lets only one of two processes win.
    result = session.execute(
        update(Entry)
        .where(Entry.id == entry.id, Entry.version == entry.version)
        .values(**changes)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise EntryConflict(entry.id)
    for name, value in changes.items():
        set_committed_value(entry, name, value)
    note_step(
        session, entry, step.act, actor=actor, now=now, reason=reason, before=before, after=after
    )


def note_step(
    session: Session,
    entry: Entry,
    act: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add the event of a step to the entry's history, and the same to the audit log."""
    session.add(
        EntryEvent(
            entry_id=entry.id,
            version=entry.version,
            act=act,
            text=entry.text,
            state=entry.state,
            actor_id=actor.staff_id,
            actor_name=actor.name,
            reason=reason,
            at=now,
        )
    )
    record(
        session,
        f"reports.entry.{act}",
        actor=actor,
        now=now,
        subject=f"entry:{entry.id}",
        before=_plain(before),
        after=_plain(after),
        reason=reason,
        department_id=entry.department_id,
    )


def unseen_change(session: Session, entry: Entry, version: int) -> bool:
    """Whether the words or the state differ from what somebody saw at ``version``.

    A step that left both as they were (a colleague moved a line) is no reason for a conflict.
    """
    if version == entry.version:
        return False
    seen = queries.event_at(session, entry.id, version)
    return seen is None or seen.text != entry.text or seen.state is not entry.state


def refusal(state: EntryState) -> str:
    """Return why an entry in ``state`` doesn't take a step, and what to do instead."""
    advice = {
        EntryState.DRAFT: "先に課内確認へ提出してください。",
        EntryState.SUBMITTED: "変更するときは、先に提出を取り消すか、課長が差し戻してください。",
        EntryState.APPROVED: "変更するときは、課長に差戻しを依頼してください。",
        EntryState.CONFIRMED: "変更するときは、とりまとめ担当課に差戻しを依頼してください。",
        EntryState.RETURNED: "内容を直して、もう一度課内確認へ提出してください。",
        EntryState.WITHDRAWN: "使うときは、先に取下げから復元してください。",
    }[state]
    return f"この記載は今「{STATE[state]}」のため、この操作はできません。{advice}"


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not values:
        return None
    return {
        name: value.value if isinstance(value, EntryState | EntryKind) else value
        for name, value in values.items()
    }
