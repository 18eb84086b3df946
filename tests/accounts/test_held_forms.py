"""What was typed when the session had run out is kept for its person, and only for them."""

import html
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from participation.accounts.models import HeldForm, StaffUser
from participation.accounts.services import held_forms, people
from participation.core.actors import Role, system_actor
from participation.departments.models import Department
from tests.accounts.conftest import PASSWORD, Clock, MakePerson, Person, sign_in_by_pages
from tests.factories import csrf, make_user, post

PATH = "/staff/departments/new"
TEXT = "市民協働課<script>\n  二行目"
FORM = {"name": TEXT, "division": "市民生活部", "valid_from": "2026-12-01", "code": "K01"}


@pytest.fixture
def me(client: FlaskClient, person: MakePerson, time: Clock) -> Person:
    made = person(Role.ADMINISTRATOR)
    sign_in_by_pages(client, time, made.email)
    return made


def held(session: Session) -> list[HeldForm]:
    session.rollback()
    return list(session.scalars(select(HeldForm).order_by(HeldForm.id)))


def fields_of(page: str, path: str) -> dict[str, str]:
    """The fields of the form on ``page`` that goes to ``path``, as a browser would send them."""
    (form,) = re.findall(
        rf'<form[^>]*action="{re.escape(path)}"[^>]*>(.*?)</form>', page, re.DOTALL
    )
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    # A browser drops the one line break after <textarea>.
    areas = re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL)
    return {name: html.unescape(value) for name, value in [*fields.items(), *areas]}


def test_the_form_comes_back_and_is_sent_again(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    time.forward(minutes=31)
    answer = post(client, PATH, {**FORM, "name": "協働推進課"})
    assert answer.status_code == 303
    assert answer.location == "/staff/sign-in?next=/staff/held"
    assert "保管しています" in client.get(answer.location).text
    assert session.scalars(select(Department)).all() == []
    session.rollback()
    query = answer.location.removeprefix("/staff/sign-in")
    assert sign_in_by_pages(client, time, me.email, query) == "/staff/held"
    page = client.get("/staff/held").text
    assert "協働推進課" in page
    fields = fields_of(page, PATH)
    assert fields["code"] == "K01"
    done = client.post(PATH, data=fields)
    assert done.status_code == 303
    (made,) = session.scalars(select(Department)).all()
    assert (made.code, made.periods[0].name) == ("K01", "協働推進課")
    assert held(session) == []


def test_a_refused_one_stays(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    time.forward(minutes=31)
    post(client, PATH, {**FORM, "valid_from": "nonsense"})
    sign_in_by_pages(client, time, me.email)
    fields = fields_of(client.get("/staff/held").text, PATH)
    assert client.post(PATH, data=fields).status_code == 422
    assert len(held(session)) == 1


@pytest.mark.parametrize("csrf_token", ["right", "wrong", "missing"])
def test_it_is_kept_whatever_became_of_the_token(
    client: FlaskClient, session: Session, me: Person, time: Clock, csrf_token: str
) -> None:
    time.forward(hours=13)
    if csrf_token == "right":
        post(client, PATH, FORM)
    else:
        client.delete_cookie("site")
        client.post(PATH, data={**FORM, **({"csrf_token": "x"} if csrf_token == "wrong" else {})})
    (row,) = held(session)
    assert row.path == PATH


def test_hostile_text_stays_text_and_comes_back_whole(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    time.forward(minutes=31)
    typed = '\n"></textarea><script>alert(1)</script>\n 末尾の空白 '
    post(client, f"{PATH}?x=%22%3E%3Cscript%3E", {**FORM, "name": typed})
    sign_in_by_pages(client, time, me.email)
    page = client.get("/staff/held").text
    assert "<script>alert" not in page
    (row,) = held_forms.held_forms(session, me.id, time.moment)
    assert dict(row.fields)["name"] == typed
    session.rollback()


def test_what_is_stored_is_encrypted_and_holds_no_secret(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    time.forward(minutes=31)
    post(client, PATH, {**FORM, "password": PASSWORD, "totp_code": "123456", "current": PASSWORD})
    (row,) = session.execute(text("SELECT * FROM held_form")).all()
    assert "市民協働課" not in str(row)
    (content,) = held_forms.held_forms(session, me.id, time.moment)
    assert {name for name, _ in content.fields} == set(FORM)
    session.rollback()


def test_nobody_else_sees_it(
    client: FlaskClient, session: Session, me: Person, person: MakePerson, time: Clock
) -> None:
    time.forward(minutes=31)
    post(client, PATH, FORM)
    number = held(session)[0].id
    session.rollback()
    other = person(Role.ADMINISTRATOR, email="other@example.jp")
    sign_in_by_pages(client, time, other.email)
    page = client.get("/staff/held").text
    assert "市民協働課" not in page
    assert "保管している入力はありません" in page
    assert post(client, f"/staff/held/{number}/discard").status_code == 404
    assert len(held(session)) == 1


def test_it_can_be_thrown_away(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    time.forward(minutes=31)
    post(client, PATH, FORM)
    number = held(session)[0].id
    session.rollback()
    sign_in_by_pages(client, time, me.email)
    assert "保管している入力" in client.get("/staff/").text
    assert post(client, f"/staff/held/{number}/discard").status_code == 303
    assert held(session) == []


def test_after_a_day_it_is_gone(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    time.forward(minutes=31)
    post(client, PATH, FORM)
    assert held_forms.held_forms(session, me.id, time.moment + timedelta(hours=24)) == []
    assert held_forms.erase_old(session, time.moment + timedelta(hours=23, minutes=59)) == 0
    assert held_forms.erase_old(session, time.moment + timedelta(hours=24)) == 1


@pytest.mark.parametrize(
    "spoil", ["no cookie", "unknown", "first step only", "disabled", "another site", "too much"]
)
def test_what_is_not_kept(
    client: FlaskClient, session: Session, me: Person, time: Clock, spoil: str
) -> None:
    time.forward(minutes=31)
    form, headers = dict(FORM), {}
    if spoil == "no cookie":
        client.delete_cookie("staff")
    if spoil == "unknown":
        client.set_cookie("staff", "x" * 43)
    if spoil == "first step only":
        client.delete_cookie("staff")
        post(client, "/staff/sign-in", {"email": me.email, "password": PASSWORD})
    if spoil == "disabled":
        make_user(session, Role.ADMINISTRATOR).totp_confirmed_at = time.moment
        user = session.get(StaffUser, me.id)
        assert user is not None
        people.disable_person(
            session, user, reason="x", actor=system_actor("tests"), now=time.moment
        )
        session.commit()
    if spoil == "another site":
        headers = {"Sec-Fetch-Site": "cross-site"}
    if spoil == "too much":
        form["name"] = "あ" * 400_000
    answer = post(client, PATH, form, headers=headers)
    assert answer.status_code == 303
    assert answer.location == "/staff/sign-in"
    assert held(session) == []


def test_only_the_latest_twenty_are_kept(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    time.forward(minutes=31)
    for number in range(held_forms.MOST_A_PERSON + 3):
        post(client, PATH, {**FORM, "code": f"K{number}"})
    codes = [
        dict(content.fields)["code"]
        for content in held_forms.held_forms(session, me.id, time.moment)
    ]
    assert codes[0] == "K22"
    assert len(codes) == held_forms.MOST_A_PERSON
    session.rollback()


def test_sending_again_too_late_keeps_one_not_two(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    time.forward(minutes=31)
    post(client, PATH, FORM)
    sign_in_by_pages(client, time, me.email)
    fields = fields_of(client.get("/staff/held").text, PATH)
    time.forward(minutes=31)
    client.post(PATH, data=fields)
    assert len(held(session)) == 1


def test_pages_for_everybody_are_never_held(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    time.forward(minutes=31)
    post(client, "/staff/sign-in", {"email": me.email, "password": "something"})
    post(client, "/staff/sign-out", {"text": "x"})
    assert held(session) == []


def test_a_tab_from_before_signing_in_anew_loses_nothing(
    client: FlaskClient, session: Session, me: Person, time: Clock
) -> None:
    """Two tabs with forms, the session runs out, one signs in again, then the other is sent."""
    stale = csrf(client)
    time.forward(minutes=31)
    sign_in_by_pages(client, time, me.email)
    answer = client.post(PATH, data={**FORM, "name": "協働推進課", "csrf_token": stale})
    assert (answer.status_code, answer.location) == (303, "/staff/held")
    assert session.scalars(select(Department)).all() == []
    session.rollback()
    page = client.get("/staff/held").text
    assert "まだ送信していません" in page
    assert client.post(PATH, data=fields_of(page, PATH)).status_code == 303
    assert [d.code for d in session.scalars(select(Department))] == ["K01"]
    assert held(session) == []


def test_a_stale_form_from_another_site_is_refused_not_kept(
    client: FlaskClient, session: Session, me: Person
) -> None:
    answer = client.post(
        PATH, data={**FORM, "csrf_token": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 400
    assert held(session) == []


def test_a_stale_button_is_refused(client: FlaskClient, session: Session, me: Person) -> None:
    assert client.post("/staff/people/1/invite-again", data={}).status_code == 400
    assert held(session) == []
