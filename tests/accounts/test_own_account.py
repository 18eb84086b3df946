"""One's own account: nothing changes without the current password, nobody else's ever."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.accounts import second_factor
from participation.accounts.models import StaffSession, StaffUser
from participation.audit.models import AuditEvent
from participation.core.actors import Role
from participation.mail.models import OutboxMessage
from tests.accounts.conftest import PASSWORD, Clock, MakePerson, Person, sign_in_by_pages
from tests.factories import post, sign_in

NEW = "yuuhi-ga-oka-made"


@pytest.fixture
def me(client: FlaskClient, person: MakePerson, time: Clock) -> Person:
    made = person()
    sign_in_by_pages(client, time, made.email)
    return made


def change(client: FlaskClient, **more: str) -> tuple[int, str]:
    form = {"current": PASSWORD, "password": NEW, "password_again": NEW, **more}
    answer = post(client, "/staff/account/password", form)
    return answer.status_code, answer.text


def test_the_password_changes_and_other_browsers_are_out(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    other = client.application.test_client()
    time.forward(seconds=30)
    sign_in_by_pages(other, time, me.email)
    assert change(client)[0] == 303
    assert client.get("/staff/account").status_code == 200
    assert other.get("/staff/account").status_code == 303
    refused = post(other, "/staff/sign-in", {"email": me.email, "password": PASSWORD})
    assert refused.status_code == 422
    accepted = post(other, "/staff/sign-in", {"email": me.email, "password": NEW})
    assert accepted.status_code == 303
    assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 1
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "accounts.password.changed")
    ).one()
    assert (event.before, event.after, event.actor_id) == (None, None, me.id)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"current": "wrong"}, "現在のパスワードが正しくありません"),
        ({"password": "short", "password_again": "short"}, "12文字以上"),
        ({"password_again": "another"}, "同じパスワード"),
        ({"current": ""}, "入力してください"),
    ],
)
def test_what_changing_the_password_refuses(
    client: FlaskClient, me: Person, more: dict[str, str], said: str
) -> None:
    status, page = change(client, **more)
    assert status == 422
    assert said in page
    assert NEW not in page


def test_another_app_takes_over_with_its_first_code(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    assert client.get("/staff/account/app/code").status_code == 409
    wrong = post(client, "/staff/account/app", {"current": "wrong"})
    assert wrong.status_code == 422
    step = post(client, "/staff/account/app", {"current": PASSWORD})
    page = client.get(step.location).text
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    secret = found[1].replace(" ", "")
    # Until then the old one counts.
    time.forward(seconds=30)
    sign_in_by_pages(client.application.test_client(), time, me.email)
    assert post(client, step.location, {"totp_code": time.code()}).status_code == 422
    code = second_factor.code_at(secret, second_factor.current_step(time.moment))
    assert post(client, step.location, {"totp_code": code}).status_code == 303
    user = session.get(StaffUser, me.id)
    assert user is not None
    assert user.totp_pending is None
    assert user.totp_secret is not None
    assert secret not in user.totp_secret
    session.rollback()
    time.forward(seconds=30)
    other = client.application.test_client()
    post(other, "/staff/sign-in", {"email": me.email, "password": PASSWORD})
    assert post(other, "/staff/sign-in/code", {"totp_code": time.code()}).status_code == 422
    code = second_factor.code_at(secret, second_factor.current_step(time.moment))
    assert post(other, "/staff/sign-in/code", {"totp_code": code}).status_code == 303


def test_own_browsers_are_listed_and_ended(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    other = client.application.test_client()
    time.forward(seconds=30)
    agent = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/145.0"
    post(
        other,
        "/staff/sign-in",
        {"email": me.email, "password": PASSWORD},
        headers={"User-Agent": agent},
    )
    post(other, "/staff/sign-in/code", {"totp_code": time.code()}, headers={"User-Agent": agent})
    page = client.get("/staff/account").text
    assert "Firefox・Windows" in page
    assert "この端末" in page
    (number,) = re.findall(r"/staff/account/sessions/(\d+)/end", page)
    assert post(client, f"/staff/account/sessions/{number}/end").status_code == 303
    assert other.get("/staff/").status_code == 303
    assert client.get("/staff/").status_code == 200


def test_somebody_else_s_session_does_not_exist(
    client: FlaskClient, session: Session, me: Person, person: MakePerson
) -> None:
    other = person(Role.AUDITOR, email="other@example.jp")
    stranger = client.application.test_client()
    user = session.get(StaffUser, other.id)
    assert user is not None
    sign_in(stranger, session, user)
    theirs = session.scalars(select(StaffSession.id).where(StaffSession.user_id == other.id)).one()
    session.rollback()
    assert post(client, f"/staff/account/sessions/{theirs}/end").status_code == 404
    assert stranger.get("/staff/").status_code == 200


def test_posted_ids_are_not_looked_at(
    client: FlaskClient, session: Session, me: Person, person: MakePerson
) -> None:
    other = person(email="other@example.jp")
    before = session.get(StaffUser, other.id).password_hash  # type: ignore[union-attr]
    session.rollback()
    change(client, id=str(other.id), user_id=str(other.id), email=other.email)
    assert session.get(StaffUser, other.id).password_hash == before  # type: ignore[union-attr]
