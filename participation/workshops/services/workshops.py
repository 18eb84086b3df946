"""Making a workshop, with what the city and its department give to a new one."""

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from participation import audit
from participation.audit.models import AuditEvent
from participation.city import queries as city
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.core.text import clean_input
from participation.departments.models import Department
from participation.departments.services.checks import check_plan
from participation.submissions.sender_fields import default_fields
from participation.workshops.models import SignUp, Workshop

MAX_TITLE = 300


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
    if not title or len(title) > MAX_TITLE:
        raise InvalidInput(f"題名を{MAX_TITLE}文字以内で入力してください。", field="title")
    if not city.kind_of(session, kind).active:
        raise InvalidInput("種類を選び直してください。", field="kind")
    check_plan(department, year, today)
    workshop = Workshop(
        id=_number(session),
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


def _number(session: Session) -> int | None:
    """Return a number that no deleted event had; None where the database sees to that itself.

    SQLite would give the number of the last one, once it is deleted, to the next: an entry of the
    report, an address that was sent around and the log would then speak of another event.
    """
    if session.get_bind().dialect.name != "sqlite":
        return None
    number = (session.scalar(select(func.max(Workshop.id))) or 0) + 1
    while session.scalar(select(exists().where(AuditEvent.subject == f"workshop:{number}"))):
        number += 1
    return number
