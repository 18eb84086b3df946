"""The life of a thing: its steps from state to state, each change counted, flushed and recorded.

Counted in the version that editors have seen. Which states there are and which step leads where
stands with the thing itself.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

from participation.audit.services import record
from participation.core.actors import Actor
from participation.core.errors import StateConflict

State = TypeVar("State", bound=enum.Enum)


class Counted(Protocol):
    """A department's thing whose changes are counted."""

    version: int
    updated_at: datetime

    @property
    def id(self) -> int:
        """The number of its row."""

    @property
    def department_id(self) -> int:
        """Whose it is."""


class Living(Counted, Protocol[State]):
    """Such a thing that has states."""

    state: State


@dataclass(frozen=True)
class Step(Generic[State]):
    """One way from state to state."""

    verb: str  # of the audit log
    sources: frozenset[State]
    target: State
    not_now: str  # why it does not start from any other state


@dataclass(frozen=True)
class Life:
    """What is done to all things of one kind."""

    tag: str  # ``feature.thing`` of the audit log

    def move(
        self,
        session: Session,
        thing: Living[State],
        step: Step[State],
        *,
        actor: Actor,
        now: datetime,
        reason: str = "",
        before: Mapping[str, Any] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Take a step and record it.

        Raises:
            StateConflict: as for ``check``.

        """
        check(step, thing)
        was, thing.state = thing.state, step.target
        self.record(
            session,
            thing,
            step.verb,
            actor=actor,
            now=now,
            reason=reason,
            before={"state": was, **(before or {})},
            after={"state": step.target, **(more or {})},
        )

    def record(
        self,
        session: Session,
        thing: Counted,
        verb: str,
        *,
        actor: Actor,
        now: datetime,
        reason: str = "",
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Count the change, flush it and write it into the audit log."""
        count(session, thing, now)
        record(
            session,
            f"{self.tag}.{verb}",
            actor=actor,
            now=now,
            subject=f"{self.tag.rpartition('.')[2]}:{thing.id}",
            department_id=thing.department_id,
            before=before,
            after=after,
            reason=reason,
        )


def check(step: Step[State], thing: Living[State]) -> None:
    """Refuse a step that does not start from the state that the thing is in.

    Raises:
        StateConflict: so it is.

    """
    if thing.state not in step.sources:
        raise StateConflict(f"{step.not_now}最新の状態を確かめてください。")


def count(session: Session, thing: Counted, now: datetime) -> None:
    """Count a change: whoever edits at the same time has not seen it."""
    thing.version += 1
    thing.updated_at = now
    session.flush()


def differing(thing: object, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the attributes of ``thing`` that ``values`` would change: as they are, as to be."""
    after = {name: value for name, value in values.items() if getattr(thing, name) != value}
    return {name: getattr(thing, name) for name in after}, after
