"""The command group users."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.accounts.models import Appointment, StaffUser
from participation.accounts.services import demonstration
from participation.accounts.services.appointments import AppointmentTerms
from participation.core.actors import Role, system_actor
from participation.core.errors import PermissionDenied
from participation.core.settings import Settings
from tests.accounts.conftest import Clock, MakePerson
from tests.factories import make_department, post

DEMO = Path(__file__).parents[2] / "participation" / "demo" / "people.json"


@pytest.fixture
def run(app: Flask, session: Session, time: Clock):  # type: ignore[no-untyped-def]
    def invoke(*arguments: str) -> Result:
        session.rollback()
        result = app.test_cli_runner().invoke(args=["users", *arguments])
        session.rollback()
        return result

    return invoke


def test_the_first_administrator_comes_by_command(run, session: Session) -> None:  # type: ignore[no-untyped-def]
    done = run("invite", "a@example.jp", "--name", "管理 太郎", "--role", "administrator")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("http://localhost/staff/invitation/")
    again = run("invite", "a@example.jp", "--name", "x", "--role", "administrator")
    assert again.exit_code == 0
    assert again.stdout != done.stdout
    assert len(session.scalars(select(StaffUser)).all()) == 1


def test_appoint_list_transfer_end_disable(run, session: Session, person: MakePerson) -> None:  # type: ignore[no-untyped-def]
    made = person(Role.AUDITOR)
    make_department(session, "市民協働課")
    other = make_department(session, "青少年課")
    code = other.code
    arguments = ["--role", "contributor", "--department", "市民協働課"]
    number = run("appoint", made.email, *arguments).stdout.strip()
    listed = run("list", "--state", "active").stdout.splitlines()
    assert f"{number}\t{made.email}\t{made.name}\tcontributor\t市民協働課" in listed
    moved = run("transfer", number, "--department", code).stdout.strip()
    listed = run("list").stdout
    assert f"{moved}\t{made.email}\t{made.name}\tcontributor\t青少年課" in listed
    assert f"{number}\t" not in listed
    assert run("end", moved, "--reason", "異動", "--last-day", "2027-03-31").exit_code == 0
    appointment = session.get(Appointment, int(moved))
    assert appointment is not None
    assert appointment.valid_to == date(2027, 3, 31)
    assert run("disable", made.email, "--reason", "退職").exit_code == 0
    assert run("list", "--state", "disabled").stdout == f"\t{made.email}\t{made.name}\t\t\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["appoint", "nobody@example.jp", "--role", "auditor"], "職員はいません"),
        (["invite", "b@example.jp", "--name", "x", "--role", "approver"], "課の指定が必要"),
        (
            ["invite", "b@example.jp", "--name", "x", "--role", "approver", "--department", "無"],
            "「無」という課は",
        ),
        (["end", "999", "--reason", "x"], "見つかりません"),
        (["demo-code", "nobody@example.jp"], "職員はいません"),
    ],
)
def test_a_refusal_is_a_sentence_and_a_status(run, arguments: list[str], said: str) -> None:  # type: ignore[no-untyped-def]
    result = run(*arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stdout == ""


def test_the_demo_s_people_can_sign_in_with_what_is_printed(
    run,  # type: ignore[no-untyped-def]
    app: Flask,
    session: Session,
    time: Clock,
) -> None:
    wanted = json.loads(DEMO.read_text())
    for name in {person["department"] for person in wanted if person["department"]}:
        make_department(session, name)
    for _ in range(2):
        done = run("create-demo", str(DEMO))
        assert done.exit_code == 0, done.output
    assert len(session.scalars(select(StaffUser)).all()) == len(wanted)
    shown = run("show-demo").stdout
    assert demonstration.PASSWORD in shown
    for person in wanted:
        assert person["email"] in shown
    client = app.test_client()
    email = wanted[0]["email"]
    (line,) = [line for line in shown.splitlines() if email in line]
    code = line.split("認証コード ")[1][:6]
    form = {"email": email, "password": demonstration.PASSWORD}
    session.rollback()
    post(client, "/staff/sign-in", form)
    assert post(client, "/staff/sign-in/code", {"totp_code": code}).status_code == 303
    # The code is used up; the command gives the next one.
    following = run("demo-code", email).stdout.strip()
    assert following != code
    other = app.test_client()
    post(other, "/staff/sign-in", form)
    assert post(other, "/staff/sign-in/code", {"totp_code": following}).status_code == 303
    assert run("demo-code", email).exit_code == 1
    time.forward(seconds=60)
    assert run("demo-code", email).exit_code == 0


def test_nothing_of_the_demo_works_in_production(
    session: Session, time: Clock, person: MakePerson, tmp_path: Path
) -> None:
    made = person()
    env = {
        "PARTICIPATION_ENV": "production",
        "DATA_DIR": str(tmp_path / "data"),
        "SECRET_KEY": "s" * 40,
        "BASE_URL": "https://example.jp",
        "TRUSTED_HOSTS": "example.jp",
        "FIELD_KEYS_FILE": str(tmp_path / "keys.json"),
        "MAIL_URL": "folder:///tmp/mail",
        "MAIL_SENDER": "a@example.jp",
    }
    settings = Settings.from_env(env, root=tmp_path)
    user = session.get(StaffUser, made.id)
    assert user is not None
    with pytest.raises(PermissionDenied):
        demonstration.usable_code(session, user, settings=settings, now=time.moment)
    with pytest.raises(PermissionDenied):
        demonstration.demo_people(session, settings=settings)
    with pytest.raises(PermissionDenied):
        demonstration.create_ready_user(
            session,
            name="x",
            email="x@example.jp",
            password=demonstration.PASSWORD,
            terms=AppointmentTerms(Role.AUDITOR, None, date(2026, 4, 1)),
            settings=settings,
            actor=system_actor("tests"),
            now=time.moment,
        )


def test_codes_of_the_command_are_those_of_the_secret(run, person: MakePerson, time: Clock) -> None:  # type: ignore[no-untyped-def]
    made = person()
    assert run("demo-code", made.email).stdout.strip() == time.code()
