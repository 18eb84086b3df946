"""Acts on a department's life: another name from a day, a correction, its end."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from participation import audit
from participation.core import wareki
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.departments import queries
from participation.departments.models import Department, DepartmentPeriod
from participation.departments.services.checks import check_name_free, lock, require_reason

ONE_DAY = timedelta(days=1)


def rename_department(
    session: Session,
    department: Department,
    *,
    name: str,
    division: str,
    valid_from: date,
    actor: Actor,
    now: datetime,
) -> DepartmentPeriod:
    """Give the department a new name or 部 from ``valid_from`` on; before that it keeps the old.

    Raises:
        InvalidInput: the day lies in an earlier period, nothing changes, or the name is taken.
        StateConflict: the department is closed by then.

    """
    lock(session, department)
    last = department.periods[-1]
    if valid_from <= last.valid_from:
        raise InvalidInput(
            f"いまの名称は{wareki.format_date(last.valid_from)}からです。"
            "それより後の日を指定してください。名称の誤りを直すときは「訂正」を使ってください。",
            field="valid_from",
        )
    if last.valid_to is not None and last.valid_to < valid_from:
        raise StateConflict(
            f"この課は{wareki.format_date(last.valid_to)}で廃止されています。"
            "新しい課を作り、この課の後継として登録してください。"
        )
    if (name, division) == (last.name, last.division):
        raise InvalidInput(
            "名称も部も変わっていません。新しい名称か部を入力してください。", field="name"
        )
    check_name_free(session, name, valid_from, last.valid_to, but=department)
    period = DepartmentPeriod(
        name=name, division=division, valid_from=valid_from, valid_to=last.valid_to
    )
    last.valid_to = valid_from - ONE_DAY
    department.periods.append(period)
    session.flush()
    audit.record(
        session,
        "departments.department.renamed",
        actor=actor,
        now=now,
        subject=f"department:{department.id}",
        department_id=department.id,
        before={"name": last.name, "division": last.division},
        after={"name": name, "division": division, "valid_from": valid_from.isoformat()},
    )
    return period


def correct_period(
    session: Session,
    period: DepartmentPeriod,
    *,
    name: str,
    division: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Put right a name or 部 that was recorded wrongly, for the whole of its period.

    Raises:
        InvalidInput: no reason, or the name is taken.

    """
    require_reason(reason)
    check_name_free(session, name, period.valid_from, period.valid_to, but=period.department)
    before = {"name": period.name, "division": period.division}
    after = {"name": name, "division": division}
    if before == after:
        return
    period.name, period.division = name, division
    session.flush()
    audit.record(
        session,
        "departments.department.corrected",
        actor=actor,
        now=now,
        subject=f"department:{period.department_id}",
        department_id=period.department_id,
        before=before,
        after=after,
        reason=reason,
    )


def close_department(
    session: Session, department: Department, *, last_day: date, actor: Actor, now: datetime
) -> None:
    """Let the department end with ``last_day``; its entries and its names stay.

    Raises:
        InvalidInput: the day lies before the current name's first day.
        StateConflict: it has an end already.

    """
    lock(session, department)
    last = department.periods[-1]
    if last.valid_to is not None:
        raise StateConflict(f"この課は{wareki.format_date(last.valid_to)}での廃止が登録済みです。")
    if last_day < last.valid_from:
        raise InvalidInput(
            f"いまの名称は{wareki.format_date(last.valid_from)}からです。"
            "その日以降を廃止日にしてください。",
            field="last_day",
        )
    last.valid_to = last_day
    session.flush()
    audit.record(
        session,
        "departments.department.closed",
        actor=actor,
        now=now,
        subject=f"department:{department.id}",
        department_id=department.id,
        before={"valid_to": None},
        after={"valid_to": last_day.isoformat()},
    )


def reopen_department(
    session: Session, department: Department, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Take back an end that was recorded by mistake.

    Raises:
        InvalidInput: no reason, or the name is taken by now.
        StateConflict: it has no end, or another department has taken over from it.

    """
    lock(session, department)
    require_reason(reason)
    last = department.periods[-1]
    if last.valid_to is None:
        raise StateConflict("この課に廃止日は登録されていません。")
    if any(s.predecessor_id == department.id for s in queries.successions(session)):
        raise StateConflict("後継の課が登録されているため、廃止を取り消せません。")
    check_name_free(session, last.name, last.valid_from, None, but=department)
    before, last.valid_to = last.valid_to, None
    session.flush()
    audit.record(
        session,
        "departments.department.reopened",
        actor=actor,
        now=now,
        subject=f"department:{department.id}",
        department_id=department.id,
        before={"valid_to": before.isoformat()},
        after={"valid_to": None},
        reason=reason,
    )
