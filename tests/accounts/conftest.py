"""What the tests of accounts share: a clock to turn, people who are ready to sign in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.accounts import second_factor
from participation.accounts.models import StaffUser
from participation.accounts.services.appointments import AppointmentTerms
from participation.accounts.services.demonstration import create_ready_user
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.departments.models import Department
from tests.factories import post

PASSWORD = "asa-no-sanpo-kawara"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BEGIN = datetime(2026, 11, 22, 1, 0, 5, tzinfo=UTC)  # 10:00 in Japan


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.moment = BEGIN

    def forward(self, **delta: float) -> None:
        self.moment += timedelta(**delta)

    def code(self, steps: int = 0) -> str:
        return second_factor.code_at(SECRET, second_factor.current_step(self.moment) + steps)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(clock, "now", lambda: turned.moment)
    return turned


@dataclass(frozen=True)
class Person:
    """Numbers and words of a person, good after the session is gone."""

    id: int
    email: str
    name: str


MakePerson = Callable[..., Person]


@pytest.fixture
def person(app: Flask, session: Session, time: Clock) -> MakePerson:
    """Makes people who can sign in with PASSWORD and a code of SECRET."""

    def make(
        role: Role = Role.COORDINATOR,
        department: Department | None = None,
        *,
        email: str = "hanako@example.jp",
        name: str = "髙﨑 花子",
    ) -> Person:
        user: StaffUser = create_ready_user(
            session,
            name=name,
            email=email,
            password=PASSWORD,
            secret=SECRET,
            terms=AppointmentTerms(role, department.id if department else None, date(2026, 4, 1)),
            settings=app.extensions["settings"],
            actor=system_actor("tests"),
            now=time.moment,
        )
        made = Person(user.id, user.email, user.name)
        session.commit()
        return made

    return make


def sign_in_by_pages(client: FlaskClient, time: Clock, email: str, query: str = "") -> str:
    """Sign in as a person does; return where it led."""
    first = post(client, f"/staff/sign-in{query}", {"email": email, "password": PASSWORD})
    assert first.status_code == 303, first.text
    second = post(client, first.location, {"totp_code": time.code()})
    assert second.status_code == 303, second.text
    return str(second.location)
