"""What a department plans for a fiscal year: the departments and years that a form offers."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.core import fiscal_year
from participation.core.actors import Actor
from participation.departments.queries import departments_on
from participation.departments.services.checks import years_to_plan
from participation.policy import Permission, reaches


def offer_plan(
    form: Any, session: Session, *, actor: Actor, permission: Permission, today: date
) -> None:
    """Fill ``department_id`` and ``fiscal_year``: the departments of today, the years around it."""
    form.department_id.choices = [
        SelectChoice(one.id, one.name_on(today))
        for one in departments_on(session, today)
        if reaches(actor, permission, one.id)
    ]
    form.fiscal_year.choices = [
        SelectChoice(year, fiscal_year.western_label(year)) for year in years_to_plan(today)
    ]
    if not form.is_submitted():
        form.fiscal_year.data = fiscal_year.fiscal_year_of(today)
