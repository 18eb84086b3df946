"""Acts on successions: who takes over from whom (n:m), from which day."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.core import wareki
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.departments import queries
from participation.departments.models import Department, DepartmentSuccession
from participation.departments.services.checks import require_reason
from participation.departments.services.history import ONE_DAY, close_department


def record_succession(
    session: Session,
    *,
    predecessors: Sequence[Department],
    successors: Sequence[Department],
    effective_on: date,
    actor: Actor,
    now: datetime,
) -> list[DepartmentSuccession]:
    """Record that every successor takes over from every predecessor on ``effective_on``.

    A predecessor without an end ends on the day before. From that day on the successors' people
    have their rights over the predecessors' things too.

    Raises:
        InvalidInput: nobody on one side, one on both sides, a predecessor that lives on, a
            successor that does not exist then, or a circle.
        StateConflict: one of the pairs is recorded already.

    """
    if not predecessors or not successors:
        raise InvalidInput("前身の課と後継の課を、それぞれ1つ以上選んでください。")
    if {d.id for d in predecessors} & {d.id for d in successors}:
        raise InvalidInput("同じ課を前身と後継の両方に選ぶことはできません。")
    for successor in successors:
        if not successor.exists_on(effective_on):
            raise InvalidInput(
                f"{successor.name_on(effective_on)}は{wareki.format_date(effective_on)}に存在しません。"
                "後継の課の設置日を確かめてください。",
                field="successors",
            )
    known = queries.successions(session)
    edges = [(s.predecessor_id, s.successor_id) for s in known]
    made = []
    for predecessor in predecessors:
        _end_before(session, predecessor, effective_on, actor=actor, now=now)
        for successor in successors:
            if (predecessor.id, successor.id) in edges:
                raise StateConflict(
                    f"{predecessor.name_on(effective_on)}から{successor.name_on(effective_on)}への"
                    "引継ぎは登録済みです。"
                )
            if predecessor.id in queries.reachable_successors(edges, successor.id):
                raise InvalidInput(
                    f"{successor.name_on(effective_on)}は{predecessor.name_on(effective_on)}の前身として"
                    "登録されています。引継ぎが輪になるため登録できません。",
                    field="successors",
                )
            edges.append((predecessor.id, successor.id))
            succession = DepartmentSuccession(
                predecessor_id=predecessor.id,
                successor_id=successor.id,
                effective_on=effective_on,
            )
            session.add(succession)
            session.flush()
            made.append(succession)
            audit.record(
                session,
                "departments.succession.recorded",
                actor=actor,
                now=now,
                subject=f"department:{predecessor.id}",
                department_id=predecessor.id,
                after={
                    "predecessor": predecessor.id,
                    "successor": successor.id,
                    "effective_on": effective_on.isoformat(),
                },
            )
    return made


def remove_succession(
    session: Session,
    succession: DepartmentSuccession,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Take back a succession recorded by mistake; the predecessor's end stays as it is.

    Raises:
        InvalidInput: no reason.

    """
    require_reason(reason)
    audit.record(
        session,
        "departments.succession.removed",
        actor=actor,
        now=now,
        subject=f"department:{succession.predecessor_id}",
        department_id=succession.predecessor_id,
        before={
            "predecessor": succession.predecessor_id,
            "successor": succession.successor_id,
            "effective_on": succession.effective_on.isoformat(),
        },
        reason=reason,
    )
    session.delete(succession)
    session.flush()


def _end_before(
    session: Session, department: Department, day: date, *, actor: Actor, now: datetime
) -> None:
    last = department.periods[-1]
    if last.valid_to is None:
        close_department(session, department, last_day=day - ONE_DAY, actor=actor, now=now)
    elif last.valid_to >= day:
        raise InvalidInput(
            f"{last.name}は{wareki.format_date(last.valid_to)}まで存続します。"
            "引継ぎの日はその翌日以降にしてください。",
            field="effective_on",
        )
