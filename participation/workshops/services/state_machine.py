"""The states of a workshop and the steps between them: one table, and what every step does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import StateConflict
from participation.workshops.models import Workshop
from participation.workshops.models import WorkshopState as S


@dataclass(frozen=True)
class Step:
    """One way from state to state."""

    verb: str  # of the audit log
    sources: frozenset[S]
    target: S


ANNOUNCE = Step("made_public", frozenset({S.PREPARING}), S.ANNOUNCED)
POSTPONE = Step("postponed", frozenset({S.ANNOUNCED}), S.POSTPONED)
RESUME = Step("resumed", frozenset({S.POSTPONED}), S.ANNOUNCED)
CANCEL = Step("cancelled", frozenset({S.ANNOUNCED, S.POSTPONED}), S.CANCELLED)
# Once more for a corrected outcome.
REPORT = Step("result_published", frozenset({S.ANNOUNCED, S.REPORTED}), S.REPORTED)
STEPS = (ANNOUNCE, POSTPONE, RESUME, CANCEL, REPORT)
_NOT_NOW = {
    ANNOUNCE: "この催しはすでに公表されています。",
    POSTPONE: "延期できるのは、公表していて、開催結果をまだ公表していない催しです。",
    RESUME: "新しい日程を決められるのは、延期した催しです。",
    CANCEL: "中止できるのは、公表していて、開催結果をまだ公表していない催しです。",
    REPORT: "開催結果を公表できるのは、公表した催しです。",
}


def hold(session: Session, workshop: Workshop) -> None:
    """Lock the workshop's row until the commit and read it as it is now.

    The lock lets others insert rows that refer to it: whoever registers holds its pools, and would
    otherwise wait for this row while its holder waits for the pools.
    """
    session.refresh(workshop, with_for_update={"key_share": True})


def check(step: Step, workshop: Workshop) -> None:
    """Refuse a step that does not start from the state that the workshop is in.

    Raises:
        StateConflict: so it is.

    """
    if workshop.state not in step.sources:
        raise StateConflict(f"{_NOT_NOW[step]}最新の状態を確かめてください。")


def check_version(workshop: Workshop, version: int | None) -> None:
    """Refuse to go on with what somebody else has changed since it was looked at.

    Raises:
        StateConflict: so it is.

    """
    if version is not None and workshop.version != version:
        raise StateConflict(
            "確かめている間に、ほかの人がこの催しを変更しました。"
            "入力した内容と最新の内容を見比べて、もう一度保存してください。"
        )


def move(
    session: Session,
    workshop: Workshop,
    step: Step,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    before: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    """Take a step and record it."""
    check(step, workshop)
    was = workshop.state
    workshop.state = step.target
    record(
        session,
        workshop,
        step.verb,
        actor=actor,
        now=now,
        reason=reason,
        before={"state": was, **(before or {})},
        after={"state": step.target, **(more or {})},
    )


def record(
    session: Session,
    workshop: Workshop,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Count the change, flush it and write it into the audit log."""
    # Whoever edits at the same time has not seen this.
    workshop.version += 1
    workshop.updated_at = now
    session.flush()
    audit.record(
        session,
        f"workshops.workshop.{verb}",
        actor=actor,
        now=now,
        subject=f"workshop:{workshop.id}",
        department_id=workshop.department_id,
        before=before,
        after=after,
        reason=reason,
    )
