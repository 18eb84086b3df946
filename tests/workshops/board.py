"""The registration board as staff open it, and a registration with a name to look for."""

from sqlalchemy.orm import Session

from participation.core.actors import Role
from participation.departments.models import Department
from participation.submissions.models import Receipt
from participation.workshops.models import (
    Application,
    Registration,
    SeatPool,
)
from tests.factories import make_department, make_user, sign_in
from tests.workshops.arrange import make_registration

SECRET = "秘密の名"


def enter(client, session: Session, workshop, role: Role = Role.CONTRIBUTOR, *, own=True) -> str:
    department = (
        session.get_one(Department, workshop.department_id) if own else make_department(session)
    )
    session.commit()
    sign_in(client, session, make_user(session, role, department))
    return f"/staff/workshops/{workshop.id}/registrations"


def token_of(page: str) -> str:
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def number_of(session: Session, one: Registration) -> str:
    application = session.get_one(Application, one.application_id)
    return session.get_one(Receipt, application.receipt_id).number


def named(session: Session, pool: SeatPool, **more) -> Registration:
    more.setdefault("sender", {"name": SECRET, "phone": "0463-94-4711", "needs": "wheelchair"})
    return make_registration(session, pool, **more)
