"""Invitations for who was drawn from the register (無作為抽出): codes that are shown once.

The addresses stay in the mail merge of the department; here are numbers and keyed hashes. A code
has 60 random bits, however many are out: of ten thousand one is met in 10^14 tries, and a network
that sends forms in a row has to compute or wait for each (submissions.floods).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.privacy.crypto import keyring
from participation.submissions.codes import new_numbers
from participation.workshops.models import (
    SeatMethod,
    SeatPool,
    Workshop,
    WorkshopInvitation,
    WorkshopState,
)
from participation.workshops.services import state_machine
from participation.workshops.services.invitation_codes import code_hash

MOST_AT_ONCE = 10_000
MOST = 50_000
_AT_ONCE = 500
_INSERT = insert(cast("Any", WorkshopInvitation.__table__))


@dataclass(frozen=True)
class Invitation:
    """A new invitation with its code, which nobody can read again later."""

    number: int
    code: str = field(repr=False)


@dataclass(frozen=True)
class Figures:
    """How many invitations there are, and how many were used."""

    made: int
    used: int


def figures_of(session: Session, workshop_id: int) -> Figures:
    """Return the figures of an event's invitations."""
    row = session.execute(
        select(func.count(), func.count(WorkshopInvitation.application_id)).where(
            WorkshopInvitation.workshop_id == workshop_id
        )
    ).one()
    return Figures(row[0], row[1])


def has_invited_seats(session: Session, workshop_id: int) -> bool:
    """Whether an event has seats for the invited."""
    found = session.scalar(
        select(func.count()).where(
            SeatPool.workshop_id == workshop_id, SeatPool.method == SeatMethod.INVITED
        )
    )
    return bool(found)


def make_invitations(
    session: Session, workshop: Workshop, count: int, *, seen: int, actor: Actor, now: datetime
) -> list[Invitation]:
    """Make invitations, numbered on from the last.

    Args:
        session: the session of the act; the caller commits before it hands the codes out.
        workshop: for which event.
        count: how many.
        seen: how many there were when the form was opened, so that a button pressed twice makes
            them once.
        actor: who makes them.
        now: when.

    Raises:
        InvalidInput: too many, or none.
        StateConflict: no seats are for the invited, the event is over, or others were made since.

    """
    state_machine.hold(session, workshop)
    if workshop.state not in {
        WorkshopState.PREPARING,
        WorkshopState.ANNOUNCED,
        WorkshopState.POSTPONED,
    }:
        raise StateConflict("この催しでは、もう招待コードを作れません。")
    if not has_invited_seats(session, workshop.id):
        raise StateConflict(
            "招待コードで申し込む定員がありません。「日程と定員」で、決め方を"
            "「無作為抽出でご案内した方」にした定員を先に作ってください。"
        )
    made = figures_of(session, workshop.id).made
    if made != seen:
        raise StateConflict(
            f"招待コードは、すでに{made:,}件作られています。件数を確かめて、もう一度操作してください。"
        )
    if not 1 <= count <= MOST_AT_ONCE:
        raise InvalidInput(f"件数は1から{MOST_AT_ONCE:,}までにしてください。", field="count")
    if made + count > MOST:
        raise InvalidInput(f"1つの催しで作れるのは{MOST:,}件までです。", field="count")
    invitations = [
        Invitation(number, code) for number, code in enumerate(new_numbers(count), start=made + 1)
    ]
    keys = keyring(session)
    rows = [
        {
            "workshop_id": workshop.id,
            "number": one.number,
            "code_hash": code_hash(keys, one.code),
            "application_id": None,
            "created_at": now,
        }
        for one in invitations
    ]
    for start in range(0, count, _AT_ONCE):
        session.execute(_INSERT, rows[start : start + _AT_ONCE])
    audit.record(
        session,
        "workshops.invitations.issued",
        actor=actor,
        now=now,
        subject=f"workshop:{workshop.id}",
        after={"count": count, "number": made + 1},
        department_id=workshop.department_id,
    )
    return invitations
