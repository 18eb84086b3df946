"""People in the browser: invite, appoint, transfer, end, disable."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.accounts.models import Appointment, Invitation, StaffUser
from participation.core import clock
from participation.core.actors import Role
from tests.factories import make_department, make_user, post, sign_in

TODAY = clock.local_date(clock.now()).isoformat()


@pytest.fixture
def administrator(client: FlaskClient, session: Session) -> int:
    user = make_user(session, Role.ADMINISTRATOR, name="管理 一郎")
    user.totp_confirmed_at = clock.now()
    session.commit()
    sign_in(client, session, user)
    number = user.id
    session.rollback()
    return number


def invite(client: FlaskClient, **more: object) -> tuple[int, str]:
    form = {
        "name": "大山 次郎",
        "email": "jiro@example.jp",
        "role": "auditor",
        "department_id": "",
        "valid_from": TODAY,
        **more,
    }
    answer = post(client, "/staff/people/invite", form)
    return answer.status_code, answer.location or answer.text


def test_inviting(client: FlaskClient, session: Session, administrator: int) -> None:
    assert client.get("/staff/people/invite").status_code == 200
    status, location = invite(client)
    assert status == 303
    page = client.get(location).text
    assert "大山 次郎" in page
    assert "監査" in page
    assert "まで有効" in page
    assert "/staff/invitation/" not in page  # the link goes to the person, not to the screen
    assert "招待中" in client.get("/staff/people?state=invited").text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": ""}, "入力してください"),
        ({"role": ""}, "役割を選んでください"),
        ({"role": "king"}, "役割"),
        ({"role": "approver"}, "課の指定が必要"),
        ({"valid_from": "tomorrow"}, "日付を入力してください"),
        ({"department_id": "99999", "role": "approver"}, "課"),
        ({"email": "a b@example.jp"}, "メールアドレスの形"),
    ],
)
def test_what_was_typed_is_there_after_a_refusal(
    client: FlaskClient,
    session: Session,
    administrator: int,
    more: dict[str, str],
    said: str,
) -> None:
    status, page = invite(client, **more)
    assert status == 422
    assert said in page
    assert 'role="alert"' in page
    if "email" not in more:
        assert "jiro@example.jp" in page
    assert session.scalars(select(Invitation)).all() == []


def test_a_person_s_life(client: FlaskClient, session: Session, administrator: int) -> None:
    first, second = make_department(session, "あ課").id, make_department(session, "い課").id
    person = make_user(session, name="小田 三郎", email="saburo@example.jp").id
    url = f"/staff/people/{person}"
    page = client.get(url).text
    assert "任命はありません" in page
    terms = {"role": "contributor", "department_id": str(first), "valid_from": TODAY}
    assert post(client, f"{url}/appoint", terms).status_code == 303
    (number,) = session.scalars(select(Appointment.id).where(Appointment.user_id == person)).all()
    session.rollback()
    page = client.get(f"/staff/appointments/{number}/transfer").text
    assert "人事異動" in page
    moved = {**terms, "department_id": str(second), "reason": "人事異動"}
    assert post(client, f"/staff/appointments/{number}/transfer", moved).status_code == 303
    page = client.get(url).text
    assert page.index("い課") < page.index("あ課")
    following = number + 1
    ending = f"/staff/appointments/{following}/end"
    assert client.get(ending).status_code == 200
    assert post(client, ending, {"reason": ""}).status_code == 422
    assert post(client, ending, {"reason": "退職"}).status_code == 303
    assert post(client, ending, {"reason": "退職"}).status_code == 422  # over already: it says so
    edited = {"name": "小田 四郎", "email": "shiro@example.jp"}
    assert client.get(f"{url}/edit").status_code == 200
    assert post(client, f"{url}/edit", edited).status_code == 303
    assert post(client, f"{url}/invite-again").status_code == 303
    assert client.get(f"{url}/disable").status_code == 200
    assert post(client, f"{url}/disable", {"reason": "退職"}).status_code == 303
    assert "利用停止中です" in client.get(url).text
    assert post(client, f"{url}/invite-again").status_code == 409
    assert client.get(f"{url}/restore").status_code == 200
    assert post(client, f"{url}/restore", {"reason": "誤り"}).status_code == 303
    assert "小田 四郎" in client.get(url).text


def test_nobody_changes_their_own_rights_in_the_browser(
    client: FlaskClient, session: Session, administrator: int
) -> None:
    own = f"/staff/people/{administrator}"
    page = client.get(own).text
    assert "ご自身の権限は変更できません" in page
    assert "/appoint" not in page
    terms = {"role": "auditor", "department_id": "", "valid_from": TODAY}
    (number,) = session.scalars(select(Appointment.id)).all()
    session.rollback()
    for url, form in (
        (f"{own}/appoint", terms),
        (f"{own}/disable", {"reason": "x"}),
        (f"{own}/edit", {"name": "x", "email": "x@example.jp"}),
        (f"/staff/appointments/{number}/end", {"reason": "x"}),
        (f"/staff/appointments/{number}/transfer", {**terms, "reason": "x"}),
    ):
        answer = post(client, url, form)
        assert answer.status_code == 422, url
        assert "ご自身の" in answer.text
    assert len(session.scalars(select(Appointment)).all()) == 1


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.APPROVER, Role.COORDINATOR, Role.AUDITOR])
def test_only_administrators_change_people(
    client: FlaskClient, session: Session, role: Role
) -> None:
    department = make_department(session)
    other = make_user(session, Role.AUDITOR)
    appointment = other.appointments[0].id
    number = other.id
    sign_in(client, session, make_user(session, role, department))
    session.rollback()
    for path in (
        "/staff/people/invite",
        f"/staff/people/{number}/appoint",
        f"/staff/people/{number}/edit",
        f"/staff/people/{number}/disable",
        f"/staff/people/{number}/restore",
        f"/staff/appointments/{appointment}/end",
        f"/staff/appointments/{appointment}/transfer",
        "/staff/departments/new",
        "/staff/city/edit",
        "/staff/city/wording",
        "/staff/city/rules",
        "/staff/city/closed-days",
        "/staff/city/places/new",
    ):
        assert client.get(path).status_code == 403, path
        assert post(client, path, {"reason": "x"}).status_code == 403, path
    assert post(client, f"/staff/people/{number}/invite-again").status_code == 403


def test_an_auditor_reads_without_buttons(client: FlaskClient, session: Session) -> None:
    other = make_user(session, Role.AUDITOR).id
    sign_in(client, session, make_user(session, Role.AUDITOR))
    for path in ("/staff/people", f"/staff/people/{other}", "/staff/city", "/staff/departments"):
        page = client.get(path).text
        forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', page)
        assert forms == ["/staff/sign-out"], path


def test_the_list_is_narrowed_and_says_when_nothing_fits(
    client: FlaskClient, session: Session, administrator: int
) -> None:
    department = make_department(session)
    make_user(session, Role.CONTRIBUTOR, department, name="小田 三郎", email="saburo@example.jp")
    number = department.id
    session.rollback()
    page = client.get(f"/staff/people?department={number}&role=contributor&state=all&q=小田").text
    assert "小田 三郎" in page
    assert "saburo@example.jp" in page
    assert "条件に合う職員はいません" in client.get("/staff/people?q=いない&state=all").text
    assert client.get("/staff/people?role=king&department=x&state=y").status_code == 200


def test_what_does_not_exist_is_a_page(
    client: FlaskClient, session: Session, administrator: int
) -> None:
    for path in (
        "/staff/people/999",
        "/staff/appointments/999/end",
        "/staff/departments/999",
        "/staff/departments/periods/999/correct",
        "/staff/departments/successions/999/remove",
        "/staff/city/places/999",
    ):
        assert client.get(path).status_code == 404, path
    assert post(client, "/staff/city/closed-days/nonsense/remove").status_code == 404
    assert session.scalars(select(StaffUser)).all()
