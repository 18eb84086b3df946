"""The approver's and the coordinator's part: approve, confirm, send back; never one's own words."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.core.errors import InvalidInput, PermissionDenied
from participation.core.text import clean_input
from participation.reports.queries import entries as queries
from participation.reports.services.batches import BatchResult, Selection, take_batch
from participation.reports.services.entry_steps import (
    APPROVE,
    CONFIRM,
    RETURN_BY_APPROVER,
    RETURN_BY_COORDINATOR,
    Step,
)
from participation.reports.services.return_mail import tell_of_returns

MAX_REASON = 1_000


def approve_entries(
    session: Session, selection: Selection, *, actor: Actor, now: datetime
) -> BatchResult:
    """Approve submitted entries of the own department; they go on to the coordinator.

    Whoever wrote or edited an entry's text, at any time, is skipped: the report needs two people.

    Raises:
        InvalidInput: nothing was selected.
        NotFound: an entry is out of the actor's reach.
        PermissionDenied: the actor is no person.
        StateConflict: the round is not open.

    """
    return _by_another_person(session, selection, APPROVE, actor=actor, now=now)


def confirm_entries(
    session: Session, selection: Selection, *, actor: Actor, now: datetime
) -> BatchResult:
    """Confirm approved entries for the report; possible after the round was closed as well.

    Raises:
        InvalidInput: nothing was selected.
        NotFound: an entry is out of the actor's reach.
        PermissionDenied: the actor is no person.

    """
    return _by_another_person(session, selection, CONFIRM, actor=actor, now=now)


def return_as_approver(
    session: Session, selection: Selection, *, reason: str, actor: Actor, now: datetime
) -> BatchResult:
    """Send entries back within the department, with the reason that the writer will read.

    Raises:
        InvalidInput: nothing was selected, or the reason is missing or too long.
        NotFound: an entry is out of the actor's reach.
        StateConflict: the round is not open.

    """
    return _return(session, selection, RETURN_BY_APPROVER, reason, actor=actor, now=now)


def return_as_coordinator(
    session: Session, selection: Selection, *, reason: str, actor: Actor, now: datetime
) -> BatchResult:
    """Send approved or confirmed entries back to their departments, with the reason.

    Raises:
        InvalidInput: nothing was selected, or the reason is missing or too long.
        NotFound: an entry is out of the actor's reach.
        StateConflict: the round is not open: the department could not answer.

    """
    return _return(session, selection, RETURN_BY_COORDINATOR, reason, actor=actor, now=now)


def checked_reason(reason: str) -> str:
    """Return the reason as it may be stored.

    Raises:
        InvalidInput: it is blank or longer than ``MAX_REASON``.

    """
    reason = clean_input(reason)
    if not reason.strip():
        raise InvalidInput("差し戻す理由を入力してください。", field="reason")
    if len(reason) > MAX_REASON:
        raise InvalidInput(f"理由は{MAX_REASON:,}文字以内にしてください。", field="reason")
    return reason


def _by_another_person(
    session: Session, selection: Selection, step: Step, *, actor: Actor, now: datetime
) -> BatchResult:
    if actor.is_system:
        raise PermissionDenied("確認は職員が画面で行います。コマンドからは行えません。")
    return take_batch(
        session,
        selection,
        step,
        actor=actor,
        now=now,
        objections=lambda ids: _own_words(session, ids, actor),
    )


def _own_words(session: Session, entry_ids: list[int], actor: Actor) -> dict[int, str]:
    """Return the objection of the two-person rule against the entries it holds for."""
    return {
        entry_id: "あなたが書いた文を含むため、ほかの人の確認が必要です。"
        for entry_id, authors in queries.author_ids(session, entry_ids).items()
        if actor.staff_id in authors
    }


def _return(
    session: Session,
    selection: Selection,
    step: Step,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> BatchResult:
    reason = checked_reason(reason)
    result = take_batch(session, selection, step, actor=actor, now=now, reason=reason)
    tell_of_returns(session, result.done, reason=reason, actor=actor, now=now)
    return result
