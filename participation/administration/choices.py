"""What select fields offer: departments, roles, people's states."""

from datetime import date

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core import wareki
from participation.core.actors import Role
from participation.departments import queries as departments
from participation.departments.models import Department
from participation.policy.labels import ROLE_LABELS


def department_label(department: Department, today: date) -> str:
    """Return its name, with the day from which it exists when that is still to come."""
    first = department.periods[0].valid_from
    if first <= today:
        return department.name_on(today)
    day = wareki.format_date(first, weekday=False)
    return str(_("%(name)s（%(day)sから）", name=department.name_on(first), day=day))


def department_choices(session: Session, today: date, *, none: str) -> list[tuple[str, str]]:
    """Return the departments that exist today or will, after the line ``none`` for no choice."""
    living = [
        department
        for department in departments.all_departments(session)
        if department.periods[-1].valid_to is None or department.periods[-1].valid_to >= today
    ]
    return [
        ("", none),
        *((str(department.id), department_label(department, today)) for department in living),
    ]


def role_choices() -> list[tuple[str, str]]:
    """Return every role."""
    return [(role.value, _(ROLE_LABELS[role])) for role in Role]
