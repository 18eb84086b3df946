"""Making a workshop, with what the city and its department give to a new one."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.city import queries as city
from participation.core import clock, fiscal_year
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.core.text import clean_input
from participation.departments.models import Department
from participation.submissions.sender_fields import default_fields
from participation.workshops.models import SignUp, Workshop

MAX_TITLE = 300
YEARS_BACK, YEARS_AHEAD = 1, 2


def create_workshop(
    session: Session,
    *,
    department: Department,
    title: str,
    kind: str,
    sign_up: SignUp,
    year: int,
    actor: Actor,
    now: datetime,
) -> Workshop:
    """Make a workshop that only staff can see yet.

    Args:
        session: the session of the act.
        department: whose it is; its telephone and addresses are proposed as the contact.
        title: what it is called; titles recur and are no key.
        kind: key of one of the city's kinds that is in use.
        sign_up: what one registers for.
        year: the fiscal year in which it is planned, until it has a day.
        actor: who makes it.
        now: when.

    Raises:
        InvalidInput: the title is missing, the kind is none, the year is far away, or the
            department exists no longer.

    """
    title = clean_input(title).strip()
    today = clock.local_date(now)
    this_year = fiscal_year.fiscal_year_of(today)
    if not title or len(title) > MAX_TITLE:
        raise InvalidInput(f"題名を{MAX_TITLE}文字以内で入力してください。", field="title")
    if not city.kind_of(session, kind).active:
        raise InvalidInput("種類を選び直してください。", field="kind")
    if not this_year - YEARS_BACK <= year <= this_year + YEARS_AHEAD:
        raise InvalidInput("年度を選び直してください。", field="fiscal_year")
    if not department.exists_on(today):
        raise InvalidInput("今ある課を選んでください。", field="department_id")
    workshop = Workshop(
        department_id=department.id,
        kind=kind,
        fiscal_year=year,
        title=title,
        sign_up=sign_up,
        phone=department.telephone,
        fax=department.fax,
        email=department.email,
        sender_fields=default_fields(),
        retention_days=city.rule(session, "workshop.retention_days"),
        created_at=now,
        updated_at=now,
    )
    session.add(workshop)
    session.flush()
    audit.record(
        session,
        "workshops.workshop.created",
        actor=actor,
        now=now,
        subject=f"workshop:{workshop.id}",
        department_id=department.id,
        after={"title": title, "kind": kind, "sign_up": sign_up, "fiscal_year": year},
    )
    return workshop
