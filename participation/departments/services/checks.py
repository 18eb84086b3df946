"""Rules that every change of a department keeps."""

from datetime import date
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core import fiscal_year
from participation.core.errors import InvalidInput
from participation.core.text import compare_key
from participation.departments import queries
from participation.departments.models import Department, DepartmentPeriod

_YEARS_BACK, _YEARS_AHEAD = 1, 2


def years_to_plan(today: date) -> range:
    """Return the fiscal years for which a department plans something new."""
    this_year = fiscal_year.fiscal_year_of(today)
    return range(this_year - _YEARS_BACK, this_year + _YEARS_AHEAD + 1)


def check_plan(department: Department, year: int, today: date) -> None:
    """Refuse to plan for a year far away, or for a department that exists no longer."""
    if year not in years_to_plan(today):
        raise InvalidInput("年度を選び直してください。", field="fiscal_year")
    if not department.exists_on(today):
        raise InvalidInput("今ある課を選んでください。", field="department_id")


def lock(session: Session, department: Department) -> None:
    """Hold the department's row, so that two changes of its periods queue up."""
    session.execute(select(Department.id).where(Department.id == department.id).with_for_update())
    session.refresh(department, ["periods"])


def check_days(valid_from: date, valid_to: date | None) -> None:
    """Refuse a last day before the first."""
    if valid_to is not None and valid_to < valid_from:
        raise InvalidInput("終わりの日は始まりの日以降にしてください。", field="valid_to")


def check_name_free(
    session: Session,
    name: str,
    valid_from: date,
    valid_to: date | None,
    *,
    but: Department | None,
) -> None:
    """Refuse a name that another department has on one of these days, and an empty one."""
    key = compare_key(name)
    if not key:
        raise InvalidInput("課の名称を入力してください。", field="name")
    for other in queries.find_by_name(session, name):
        if other is but:
            continue
        for period in other.periods:
            overlaps = (valid_to is None or period.valid_from <= valid_to) and (
                period.valid_to is None or valid_from <= period.valid_to
            )
            if overlaps and compare_key(period.name) == key:
                raise InvalidInput(
                    f"「{period.name}」は同じ時期に別の課（{other.code}）の名称として登録されています。",
                    field="name",
                )


def check_code_free(session: Session, code: str, *, but: Department | None) -> None:
    """Refuse a code that another department has."""
    other = queries.find_by_code(session, code)
    if other is not None and other is not but:
        raise InvalidInput(
            f"課コード「{code}」は使われています。別のコードにしてください。", field="code"
        )


def require_reason(reason: str) -> None:
    """Refuse an act that needs a reason and has none."""
    if not reason.strip():
        raise InvalidInput("理由を入力してください。", field="reason")


def check_names_apart(session: Session) -> None:
    """Refuse two departments of one name on one day, over all that is stored.

    For whoever changes several departments at once, among which names may wander.

    Raises:
        InvalidInput: naming the two.

    """
    session.flush()
    by_name: dict[str, list[DepartmentPeriod]] = {}
    for department in queries.all_departments(session):
        for period in department.periods:
            by_name.setdefault(compare_key(period.name), []).append(period)
    for periods in by_name.values():
        ordered = sorted(periods, key=lambda period: period.valid_from)
        for earlier, later in pairwise(ordered):
            if earlier.covers(later.valid_from) and earlier.department is not later.department:
                raise InvalidInput(
                    f"「{later.name}」が同じ時期に2つの課（{earlier.department.code}と"
                    f"{later.department.code}）の名称になっています。"
                )
