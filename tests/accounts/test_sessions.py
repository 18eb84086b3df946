"""Sessions run out, are seen at most once a minute, and give the rights of this moment."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from participation.accounts import login
from participation.accounts.models import StaffSession, StaffUser
from participation.accounts.queries import actor_of
from participation.accounts.services import appointments, people, sessions
from participation.core.actors import Role, system_actor
from participation.db.extension import db
from participation.departments import services as departments
from tests.accounts.conftest import Clock, MakePerson, sign_in_by_pages
from tests.factories import make_department, make_user, post

SYSTEM = system_actor("tests")


@pytest.fixture
def signed_in(client: FlaskClient, person: MakePerson, time: Clock) -> int:
    made = person()
    sign_in_by_pages(client, time, made.email)
    return made.id


def test_half_an_hour_idle_ends_it(client: FlaskClient, signed_in: int, time: Clock) -> None:
    time.forward(minutes=29, seconds=59)
    assert client.get("/staff/").status_code == 200
    time.forward(minutes=29, seconds=59)
    assert client.get("/staff/").status_code == 200
    time.forward(minutes=30)
    assert client.get("/staff/").status_code == 303


def test_twelve_hours_end_it_however_busy(client: FlaskClient, signed_in: int, time: Clock) -> None:
    for _ in range(12 * 3 - 1):
        time.forward(minutes=20)
        assert client.get("/staff/").status_code == 200
    time.forward(minutes=20)
    assert client.get("/staff/").status_code == 303


def test_use_is_written_at_most_once_a_minute(
    client: FlaskClient, signed_in: int, time: Clock, session: Session, queries: list[str]
) -> None:
    begin = time.moment
    time.forward(seconds=59)
    queries.clear()
    client.get("/staff/")
    assert not [q for q in queries if q.startswith("UPDATE")]
    time.forward(seconds=1)
    client.get("/staff/")
    assert len([q for q in queries if q.startswith("UPDATE staff_session")]) == 1
    seen = session.scalars(
        select(StaffSession.last_seen_at).where(StaffSession.ended_at.is_(None))
    ).one()
    assert seen == begin + timedelta(minutes=1)


def test_reading_goes_on_while_nothing_can_be_written(
    client: FlaskClient, signed_in: int, time: Clock
) -> None:
    time.forward(minutes=2)
    engine = db.engine

    def full(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE"):
            raise OperationalError(statement, {}, Exception("database or disk is full"))

    event.listen(engine, "before_cursor_execute", full)
    try:
        assert client.get("/staff/").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", full)


def test_a_broken_database_gives_the_page_that_says_so(
    client: FlaskClient, signed_in: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asks who is signed in as well; it must not fail on the same fault again."""
    asked = []

    def down(*_: object) -> None:
        asked.append(1)
        raise OperationalError("SELECT", {}, Exception("down"))

    monkeypatch.setattr(login.queries, "find_session", down)
    answer = client.get("/staff/")
    assert answer.status_code == 503
    assert len(asked) == 1


def test_signing_in_costs_few_queries(
    client: FlaskClient, session: Session, queries: list[str], person: MakePerson, time: Clock
) -> None:
    made = person(Role.CONTRIBUTOR, make_department(session))
    sign_in_by_pages(client, time, made.email)
    queries.clear()
    client.get("/staff/permissions")
    # Session, person, appointments, living departments, successions; then the city.
    assert len(queries) <= 6


def test_rights_end_at_the_next_request(
    client: FlaskClient, session: Session, time: Clock, person: MakePerson
) -> None:
    made = person(Role.ADMINISTRATOR)
    make_able(session, make_user(session, Role.ADMINISTRATOR), time)
    sign_in_by_pages(client, time, made.email)
    assert client.get("/staff/people").status_code == 200
    user = session.get(StaffUser, made.id)
    assert user is not None
    appointments.end_appointment(
        session, user.appointments[0], reason="異動", actor=SYSTEM, now=time.moment
    )
    session.commit()
    assert client.get("/staff/people").status_code == 403
    assert client.get("/staff/account").status_code == 403


def make_able(session: Session, user: StaffUser, time: Clock) -> None:
    user.password_hash, user.totp_confirmed_at = "x", time.moment
    session.commit()


def test_a_transfer_takes_the_old_rights_at_once(
    client: FlaskClient, session: Session, time: Clock, person: MakePerson
) -> None:
    made = person(Role.COORDINATOR)
    sign_in_by_pages(client, time, made.email)
    assert client.get("/staff/departments").status_code == 200
    user = session.get(StaffUser, made.id)
    assert user is not None
    appointments.transfer(
        session,
        user.appointments[0],
        terms=appointments.AppointmentTerms(
            Role.CONTRIBUTOR, make_department(session).id, date(2026, 11, 22)
        ),
        reason="人事異動",
        actor=SYSTEM,
        now=time.moment,
    )
    session.commit()
    assert client.get("/staff/departments").status_code == 403
    assert client.get("/staff/").status_code == 200


def test_a_disabled_person_is_out_at_the_next_request(
    client: FlaskClient, session: Session, time: Clock, signed_in: int
) -> None:
    user = session.get(StaffUser, signed_in)
    assert user is not None
    people.disable_person(session, user, reason="退職", actor=SYSTEM, now=time.moment)
    session.commit()
    assert client.get("/staff/").status_code == 303
    assert session.scalars(select(StaffSession).where(StaffSession.ended_at.is_(None))).all() == []


def test_a_right_begins_and_ends_at_midnight_in_japan(
    session: Session, time: Clock, person: MakePerson
) -> None:
    user = session.get(StaffUser, person().id)
    assert user is not None
    user.appointments[0].valid_from = date(2026, 11, 23)
    user.appointments[0].valid_to = date(2026, 11, 23)
    time.moment = time.moment.replace(hour=14, minute=59, second=59)
    assert not actor_of(session, user, time.moment).grants
    time.forward(seconds=1)
    assert actor_of(session, user, time.moment).grants
    time.forward(hours=23, minutes=59, seconds=59)
    assert actor_of(session, user, time.moment).grants
    time.forward(seconds=1)
    assert not actor_of(session, user, time.moment).grants


def test_rights_follow_the_successor(session: Session, time: Clock) -> None:
    old = make_department(session, "環境美化センター")
    new = make_department(session, "清掃リサイクル課", since=date(2026, 11, 23))
    before = make_user(session, Role.CONTRIBUTOR, old, email="a@example.jp")
    after = make_user(session, Role.CONTRIBUTOR, new, email="b@example.jp")
    coordinator = make_user(session, Role.COORDINATOR, old, email="c@example.jp")
    departments.record_succession(
        session,
        predecessors=[old],
        successors=[new],
        effective_on=date(2026, 11, 23),
        actor=SYSTEM,
        now=time.moment,
    )
    eve, day = time.moment, time.moment + timedelta(days=1)
    assert [g.department_ids for g in actor_of(session, before, eve).grants] == [{old.id}]
    assert actor_of(session, after, eve).grants == ()
    assert actor_of(session, before, day).grants == ()
    assert [g.department_ids for g in actor_of(session, after, day).grants] == [{old.id, new.id}]
    assert actor_of(session, coordinator, day).has_role(Role.COORDINATOR)


def test_people_without_a_right_get_a_page_not_a_fault(
    client: FlaskClient, session: Session, time: Clock, signed_in: int
) -> None:
    user = session.get(StaffUser, signed_in)
    assert user is not None
    session.delete(user.appointments[0])
    session.commit()
    assert client.get("/staff/").status_code == 403
    assert post(client, "/staff/sign-out").status_code == 303


def test_old_rows_are_erased(
    client: FlaskClient, session: Session, time: Clock, signed_in: int
) -> None:
    post(client.application.test_client(), "/staff/sign-in", {"email": "a@b.jp", "password": "x"})
    assert sessions.erase_old(session, time.moment) == 0
    time.forward(days=2)
    assert sessions.erase_old(session, time.moment) == 1  # the failure
    time.forward(days=40)
    assert sessions.erase_old(session, time.moment) == 2  # both steps' sessions
    assert session.scalars(select(StaffSession)).all() == []


def test_json_is_answered_in_json(client: FlaskClient) -> None:
    answer = client.get("/staff/", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["error"]


def test_only_active_appointments_count(session: Session, time: Clock) -> None:
    today = date(2026, 11, 22)
    rows = [
        (today, None, None, True),
        (today + timedelta(days=1), None, None, False),
        (date(2020, 4, 1), today, None, True),
        (date(2020, 4, 1), today - timedelta(days=1), None, False),
        (today, None, time.moment, False),
    ]
    for first, last, ended, expected in rows:
        user = make_user(session, Role.AUDITOR)
        (appointment,) = user.appointments
        appointment.valid_from, appointment.valid_to = first, last
        appointment.ended_at = ended
        assert bool(actor_of(session, user, time.moment).grants) == expected
