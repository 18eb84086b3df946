"""Names with markup in them stay names on every page that shows them."""

from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.accounts.services import people
from participation.city import services as city
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.departments import services as departments
from tests.factories import make_department, make_user, sign_in

HOSTILE = "<script>alert(1)</script>'\"&{{7*7}}"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SYSTEM = system_actor("tests")


@pytest.fixture
def paths(client: FlaskClient, session: Session) -> list[str]:
    """Put the name wherever a name can be; return every page that shows one of them."""
    old = make_department(session, HOSTILE, division=HOSTILE)
    new = make_department(session, HOSTILE + "2", division=HOSTILE)
    administrator = make_user(session, Role.ADMINISTRATOR, new, name=HOSTILE)
    other = make_user(session, Role.CONTRIBUTOR, old, name=HOSTILE)
    gone = make_user(session, Role.AUDITOR, name=HOSTILE)
    people.disable_person(session, gone, reason=HOSTILE, actor=SYSTEM, now=NOW)
    city.update_city(
        session,
        name=HOSTILE[:60],
        prefecture="例県",
        code="131016",
        contact=[(HOSTILE, HOSTILE)],
        seen=None,
        actor=SYSTEM,
        now=NOW,
    )
    city.update_wording(session, {"item": HOSTILE}, seen=NOW, actor=SYSTEM, now=NOW)
    city.add_closed_day(session, date(2026, 12, 29), HOSTILE, actor=SYSTEM, now=NOW)
    place = city.save_place(
        session,
        None,
        name=HOSTILE,
        address=HOSTILE,
        hours=HOSTILE,
        position=1,
        active=True,
        actor=SYSTEM,
        now=NOW,
    )
    departments.record_succession(
        session,
        predecessors=[old],
        successors=[new],
        effective_on=clock.local_date(clock.now()),
        actor=SYSTEM,
        now=NOW,
    )
    session.commit()
    found = [
        "/staff/",
        "/staff/account",
        "/staff/people",
        f"/staff/people/{other.id}",
        f"/staff/people/{gone.id}",
        f"/staff/people/{other.id}/edit",
        f"/staff/people/{other.id}/disable",
        f"/staff/people/{other.id}/appoint",
        f"/staff/appointments/{other.appointments[0].id}/transfer",
        "/staff/departments",
        f"/staff/departments/{old.id}",
        f"/staff/departments/{new.id}",
        f"/staff/departments/{new.id}/rename",
        f"/staff/departments/{old.id}/move-people",
        "/staff/departments/succession",
        "/staff/city",
        "/staff/city/edit",
        "/staff/city/wording",
        "/staff/city/closed-days",
        f"/staff/city/places/{place.id}",
    ]
    sign_in(client, session, administrator)
    session.rollback()
    return found


def test_they_stay_names(client: FlaskClient, paths: list[str]) -> None:
    for path in paths:
        page = client.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path
        assert "alert(1)" in page.text, path
