"""Acts on the chart of departments: create one, put its whole history, change its contact."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation import audit
from participation.audit.life import differing
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.departments import queries
from participation.departments.models import Department, DepartmentPeriod
from participation.departments.services.checks import (
    check_code_free,
    check_days,
    check_name_free,
    lock,
)


@dataclass(frozen=True)
class PeriodTerms:
    """Name, 部 and days (both included) of a period."""

    name: str
    division: str
    valid_from: date
    valid_to: date | None = None

    def plain(self) -> dict[str, Any]:
        """Return plain values for the audit log."""
        return {
            **asdict(self),
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
        }


def create_department(
    session: Session,
    *,
    name: str,
    valid_from: date,
    actor: Actor,
    now: datetime,
    code: str = "",
    division: str = "",
    valid_to: date | None = None,
    telephone: str = "",
    fax: str = "",
    email: str = "",
    position: int | None = None,
) -> Department:
    """Make a department that has ``name`` from ``valid_from`` on.

    Args:
        session: the session of the act.
        name: the name as the city writes it.
        valid_from: the first day, included.
        actor: who does it.
        now: when.
        code: the city's own code, unique; made up (D001) when left out.
        division: the 部 above it.
        valid_to: the last day, included, for one that is gone already.
        telephone: as printed.
        fax: as printed.
        email: the department's address.
        position: place in the organisation chart; the last when left out.

    Raises:
        InvalidInput: the name is empty or taken on one of these days, the code is taken, or the
            days are the wrong way round.

    """
    check_days(valid_from, valid_to)
    check_name_free(session, name, valid_from, valid_to, but=None)
    code = code.strip() or _free_code(session)
    check_code_free(session, code, but=None)
    department = Department(
        code=code,
        telephone=telephone,
        fax=fax,
        email=email,
        position=_last_position(session) + 10 if position is None else position,
        periods=[
            DepartmentPeriod(name=name, division=division, valid_from=valid_from, valid_to=valid_to)
        ],
    )
    session.add(department)
    session.flush()
    terms = PeriodTerms(name, division, valid_from, valid_to)
    _record(
        session, "created", department, after={"code": code, **terms.plain()}, actor=actor, now=now
    )
    return department


def update_contact(
    session: Session,
    department: Department,
    *,
    code: str,
    telephone: str,
    fax: str,
    email: str,
    position: int,
    actor: Actor,
    now: datetime,
) -> int:
    """Change what has no history: code, ways to reach it, place in the organisation chart.

    Returns:
        1 when something changed, else 0.

    Raises:
        InvalidInput: another department has this code.

    """
    new = {
        "code": code.strip() or department.code,
        "telephone": telephone,
        "fax": fax,
        "email": email,
        "position": position,
    }
    before, after = differing(department, new)
    if not after:
        return 0
    check_code_free(session, str(new["code"]), but=department)
    for key, value in after.items():
        setattr(department, key, value)
    session.flush()
    _record(session, "updated", department, before=before, after=after, actor=actor, now=now)
    return 1


def put_department(
    session: Session,
    *,
    code: str,
    telephone: str,
    fax: str,
    email: str,
    periods: Sequence[PeriodTerms],
    actor: Actor,
    now: datetime,
) -> tuple[Department, int]:
    """Make the department with ``code`` be as told, with its whole history.

    For loading a profile; call ``check_names_apart`` after the last one.

    Args:
        session: the session of the act.
        code: which department; made when there is none.
        telephone: as printed.
        fax: as printed.
        email: the department's address.
        periods: every period, oldest first, none overlapping.
        actor: who does it.
        now: when.

    Returns:
        The department and how many things changed.

    Raises:
        InvalidInput: a stored period is missing in ``periods``: loading a file must not undo a
            change of name that was made since.

    """
    department = queries.find_by_code(session, code)
    if department is None:
        department = Department(
            code=code,
            telephone=telephone,
            fax=fax,
            email=email,
            position=_last_position(session) + 10,
            periods=[DepartmentPeriod(**asdict(terms)) for terms in periods],
        )
        session.add(department)
        session.flush()
        _record(
            session,
            "created",
            department,
            after={"code": code, "periods": [terms.plain() for terms in periods]},
            actor=actor,
            now=now,
        )
        return department, 1
    lock(session, department)
    position = department.position
    changed = update_contact(
        session,
        department,
        code=code,
        telephone=telephone,
        fax=fax,
        email=email,
        position=position,
        actor=actor,
        now=now,
    )
    return department, changed + _put_periods(session, department, periods, actor=actor, now=now)


def _put_periods(
    session: Session,
    department: Department,
    periods: Sequence[PeriodTerms],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    stored = [
        PeriodTerms(period.name, period.division, period.valid_from, period.valid_to)
        for period in department.periods
    ]
    if stored == list(periods):
        return 0
    wanted = {terms.valid_from: terms for terms in periods}
    for period in department.periods:
        terms = wanted.pop(period.valid_from, None)
        if terms is None:
            raise InvalidInput(
                f"{department.code}: {period.valid_from}からの名称「{period.name}」が"
                "ファイルにありません。ファイルに書き足してから読み込んでください。"
            )
        period.name, period.division = terms.name, terms.division
        period.valid_to = terms.valid_to
    for terms in wanted.values():
        department.periods.append(DepartmentPeriod(**asdict(terms)))
    session.flush()
    session.refresh(department, ["periods"])
    _record(
        session,
        "history_put",
        department,
        before={"periods": [terms.plain() for terms in stored]},
        after={"periods": [terms.plain() for terms in periods]},
        actor=actor,
        now=now,
    )
    return 1


def _record(
    session: Session,
    what: str,
    department: Department,
    *,
    after: dict[str, Any],
    actor: Actor,
    now: datetime,
    before: dict[str, Any] | None = None,
) -> None:
    audit.record(
        session,
        f"departments.department.{what}",
        actor=actor,
        now=now,
        subject=f"department:{department.id}",
        department_id=department.id,
        before=before,
        after=after,
    )


def _free_code(session: Session) -> str:
    taken = set(session.scalars(select(Department.code)))
    number = len(taken) + 1
    while f"D{number:03}" in taken:
        number += 1
    return f"D{number:03}"


def _last_position(session: Session) -> int:
    return session.scalar(select(func.max(Department.position))) or 0
