"""Reads about departments: by day, by name, and who has taken over from whom."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.core.text import compare_key
from participation.departments.models import Department, DepartmentPeriod, DepartmentSuccession


def get_department(session: Session, department_id: int) -> Department:
    """Return one department.

    Raises:
        NotFound: there is none of this number.

    """
    department = session.get(Department, department_id)
    if department is None:
        raise NotFound("お探しの課は見つかりませんでした。課の一覧から選んでください。")
    return department


def all_departments(session: Session) -> list[Department]:
    """Return every department there ever was, in the order of the organisation chart."""
    return list(session.scalars(select(Department).order_by(Department.position, Department.id)))


def departments_on(session: Session, day: date) -> list[Department]:
    """Return the departments that exist on ``day``, in the order of the organisation chart."""
    return list(
        session.scalars(
            select(Department)
            .where(
                Department.periods.any(
                    (DepartmentPeriod.valid_from <= day)
                    & (DepartmentPeriod.valid_to.is_(None) | (DepartmentPeriod.valid_to >= day))
                )
            )
            .order_by(Department.position, Department.id)
        )
    )


def find_by_code(session: Session, code: str) -> Department | None:
    """Return the department with ``code``, compared as stored."""
    return session.scalars(select(Department).where(Department.code == code)).one_or_none()


def find_by_name(session: Session, name: str, day: date | None = None) -> list[Department]:
    """Return the departments called ``name`` on ``day``, or ever when no day is given.

    Names are compared after NFKC, which a database cannot do; a city has few departments.
    """
    key = compare_key(name)
    return [
        department
        for department in all_departments(session)
        if any(
            compare_key(period.name) == key and (day is None or period.covers(day))
            for period in department.periods
        )
    ]


def names(session: Session, ids: Collection[int], day: date) -> dict[int, str]:
    """Return the name that each department had on ``day`` (the nearest one known, else)."""
    if not ids:
        return {}
    found = session.scalars(select(Department).where(Department.id.in_(set(ids))))
    return {department.id: department.name_on(day) for department in found}


def successions(session: Session) -> list[DepartmentSuccession]:
    """Return every recorded succession, oldest first."""
    return list(
        session.scalars(
            select(DepartmentSuccession).order_by(
                DepartmentSuccession.effective_on, DepartmentSuccession.id
            )
        )
    )


def predecessor_closure(
    session: Session, ids: Collection[int], on: date
) -> dict[int, frozenset[int]]:
    """Return for each department itself and all whose work it has taken over by ``on``.

    Goes through any number of reorganisations; a succession counts from its own day on.
    """
    pairs = session.execute(
        select(DepartmentSuccession.successor_id, DepartmentSuccession.predecessor_id).where(
            DepartmentSuccession.effective_on <= on
        )
    )
    taken_over: dict[int, list[int]] = {}
    for successor, predecessor in pairs:
        taken_over.setdefault(successor, []).append(predecessor)
    return {department: _reachable(department, taken_over) for department in ids}


def reachable_successors(edges: Iterable[tuple[int, int]], start: int) -> frozenset[int]:
    """Return ``start`` and everything after it in ``edges`` of (predecessor, successor)."""
    following: dict[int, list[int]] = {}
    for predecessor, successor in edges:
        following.setdefault(predecessor, []).append(successor)
    return _reachable(start, following)


def _reachable(start: int, edges: dict[int, list[int]]) -> frozenset[int]:
    reached = {start}
    waiting = [start]
    while waiting:
        for following in edges.get(waiting.pop(), ()):
            if following not in reached:
                reached.add(following)
                waiting.append(following)
    return frozenset(reached)
