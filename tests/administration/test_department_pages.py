"""Departments in the browser: by day, renamed, closed, succeeded, their people moved."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.accounts.queries import appointed_in
from participation.core import clock
from participation.core.actors import Role
from participation.departments.models import Department, DepartmentSuccession
from tests.factories import make_department, make_user, post, sign_in

TODAY = clock.local_date(clock.now())


@pytest.fixture(autouse=True)
def administrator(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_user(session, Role.ADMINISTRATOR))


def test_the_list_is_that_of_a_day(client: FlaskClient, session: Session) -> None:
    make_department(session, "環境美化センター", until=date(2023, 3, 31))
    make_department(session, "清掃リサイクル課", since=date(2023, 4, 1))
    now = client.get("/staff/departments").text
    assert "清掃リサイクル課" in now
    assert "環境美化センター" not in now
    for typed in ("令和5年3月31日", "R5.3.31", "2023-03-31", "２０２３／３／３１"):
        then = client.get("/staff/departments", query_string={"on": typed}).text
        assert "環境美化センター" in then
        assert "清掃リサイクル課" not in then
    wrong = client.get("/staff/departments?on=きのう").text
    assert "日付として読み取れません" in wrong
    assert 'value="きのう"' in wrong


def test_empty_says_what_to_do(client: FlaskClient) -> None:
    assert "課を登録" in client.get("/staff/departments").text


def test_a_department_s_life(client: FlaskClient, session: Session) -> None:
    form = {"name": "市民共同課", "division": "市民生活部", "valid_from": "2024-04-01"}
    assert client.get("/staff/departments/new").status_code == 200
    location = post(client, "/staff/departments/new", form).location
    assert "市民共同課" in client.get(location).text
    again = post(client, "/staff/departments/new", form)
    assert again.status_code == 422
    assert "同じ時期に別の課" in again.text
    assert 'value="市民共同課"' in again.text
    period = session.scalars(select(Department)).one().periods[0].id
    session.rollback()
    correcting = f"/staff/departments/periods/{period}/correct"
    assert "市民共同課" in client.get(correcting).text
    right = {"name": "市民協働課", "division": "市民生活部", "reason": "変換の誤り"}
    assert post(client, correcting, right).status_code == 303
    renaming = {"name": "協働推進課", "division": "市民部", "valid_from": "2025-04-01"}
    assert client.get(f"{location}/rename").status_code == 200
    assert post(client, f"{location}/rename", renaming).status_code == 303
    page = client.get(location).text
    assert page.index("協働推進課") < page.index("市民協働課")
    assert "令和7年3月31日" in page
    contact = {"code": "kyodo", "telephone": "0463-00-0001", "fax": "", "email": "", "position": 5}
    assert client.get(f"{location}/contact").status_code == 200
    assert post(client, f"{location}/contact", contact).status_code == 303
    assert "0463-00-0001" in client.get(location).text
    assert client.get(f"{location}/close").status_code == 200
    assert post(client, f"{location}/close", {"last_day": "2024-12-31"}).status_code == 422
    assert post(client, f"{location}/close", {"last_day": "2026-03-31"}).status_code == 303
    assert "令和8年3月31日（火）で廃止" in client.get(location).text
    assert client.get(f"{location}/reopen").status_code == 200
    assert post(client, f"{location}/reopen", {"reason": "誤り"}).status_code == 303


def test_a_succession_and_the_move_of_its_people(client: FlaskClient, session: Session) -> None:
    old = make_department(session, "環境美化センター")
    new = make_department(session, "清掃リサイクル課", since=TODAY)
    old_id, new_id = old.id, new.id
    make_user(session, Role.CONTRIBUTOR, old, name="移る 人")
    session.rollback()
    page = client.get("/staff/departments/succession").text
    assert "環境美化センター" in page
    form = {
        "effective_on": TODAY.isoformat(),
        "predecessors": [str(old_id)],
        "successors": [str(new_id)],
    }
    nothing = post(client, "/staff/departments/succession", {**form, "successors": []})
    assert nothing.status_code == 422
    done = post(client, "/staff/departments/succession", form)
    assert done.location == f"/staff/departments/{old_id}"
    page = client.get(done.location).text
    assert "後継の課への異動がまだの人がいます" in page
    assert "に引き継がれた" in page
    assert "を引き継いだ" in client.get(f"/staff/departments/{new_id}").text
    moving = f"/staff/departments/{old_id}/move-people"
    assert client.get(moving).status_code == 200
    move = {"target": str(new_id), "on": TODAY.isoformat(), "reason": "組織改編"}
    assert post(client, moving, move).status_code == 303
    assert [a.user.name for a in appointed_in(session, new_id, TODAY)] == ["移る 人"]
    number = session.scalars(select(DepartmentSuccession.id)).one()
    session.rollback()
    removing = f"/staff/departments/successions/{number}/remove"
    assert client.get(removing).status_code == 200
    assert post(client, removing, {"reason": "誤り"}).status_code == 303
    assert session.scalars(select(DepartmentSuccession)).all() == []


def test_without_a_successor_there_is_nowhere_to_move_to(
    client: FlaskClient, session: Session
) -> None:
    number = make_department(session).id
    session.rollback()
    answer = client.get(f"/staff/departments/{number}/move-people")
    assert answer.status_code == 422
    assert "後継の課が登録されていません" in answer.text
