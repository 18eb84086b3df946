"""The audit log's page: who may look, what is shown, and that looking is recorded."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from participation import audit
from participation.audit.models import AuditEvent
from participation.core.actors import Actor, Role
from tests.factories import make_department, make_user, sign_in

NOW = datetime(2024, 6, 1, 3, tzinfo=UTC)
URL = "/staff/audit"


@pytest.fixture
def auditor(client, session):
    user = make_user(session, Role.AUDITOR, name="監査 次郎")
    sign_in(client, session, user)
    return user


def _record(session, number=0, **more):
    given = {
        "actor": Actor(9, "大山 太郎"),
        "now": NOW,
        "subject": f"entry:{number}",
        "before": {"text": "古い本文"},
        "after": {"text": "新しい本文", "nothing": False},
        "reason": "誤字のため",
        **more,
    }
    audit.record(session, given.pop("action", "reports.entry.updated"), **given)


def _text(response):
    return response.get_data(as_text=True)


def test_an_event_is_shown_with_old_and_new_values(client, session, auditor):
    department = make_department(session, "環境政策課")
    _record(session, 12, department_id=department.id)
    session.commit()
    page = _text(client.get(URL))
    for words in (
        "令和6年6月1日（土）12:00",
        "大山 太郎",
        "取り組みの記載：変更",
        "記載 12",
        "環境政策課",
        "誤字のため",
        "古い本文",
        "新しい本文",
        "いいえ",
    ):
        assert words in page


def test_looking_is_recorded_with_what_was_looked_for(client, session, auditor):
    client.get(
        URL, query_string={"actor": "花子", "action": "reports.entry.", "first_day": "2024-06-01"}
    )
    event = session.scalars(select(AuditEvent)).one()
    assert event.action == "audit.log.viewed"
    assert event.actor_id == auditor.id
    assert event.after == {
        "actor": "花子",
        "action": "reports.entry.",
        "first_day": "2024-06-01",
    }


def test_filters_and_pages_work_together(client, session, auditor):
    for number in range(60):
        _record(session, number)
    _record(session, 99, action="accounts.person.invited", actor=Actor(3, "別の 人"))
    session.commit()
    first = _text(client.get(URL, query_string={"actor": "太郎"}))
    assert "別の 人" not in first
    assert first.count("<summary>変更前と変更後") == 50
    [link] = [line for line in first.split('"') if "before=" in line]
    second = _text(client.get(link.replace("&amp;", "&")))
    assert second.count("<summary>変更前と変更後") == 10
    assert "別の 人" not in second


def test_nothing_found_says_what_to_do(client, session, auditor):
    assert "条件に合う記録はありません" in _text(client.get(URL, query_string={"actor": "いない"}))
    assert "監査記録" in _text(client.get(URL))


@pytest.mark.parametrize(
    "query",
    [
        {"first_day": "きのう"},
        {"department": "9999"},
        {"department": "1 OR 1=1"},
        {"action": "' OR ''='"},
        {"subject": "x" * 100},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_with_a_reason(client, auditor, query):
    response = client.get(URL, query_string=query)
    assert response.status_code == 422
    assert "入力内容を確認してください" in _text(response)


@pytest.mark.parametrize("before", ["x", "-1", "99999999999999999999999999"])
def test_a_page_that_does_not_exist_is_empty_or_the_first(client, auditor, before):
    assert client.get(URL, query_string={"before": before}).status_code == 200


def test_what_people_typed_stays_text(client, session, auditor):
    _record(session, after={"text": "<script>alert(1)</script>"}, reason="<img src=x onerror=y>")
    session.commit()
    page = _text(client.get(URL))
    assert "&lt;script&gt;alert(1)" in page
    assert "<img src=x" not in page


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.AUDITOR, 200),
        (Role.ADMINISTRATOR, 200),
        (Role.COORDINATOR, 403),
        (Role.APPROVER, 403),
        (Role.CONTRIBUTOR, 403),
    ],
)
def test_only_administrators_and_auditors_look(client, session, role, status):
    department = make_department(session)
    sign_in(client, session, make_user(session, role, department))
    assert client.get(URL).status_code == status


def test_nobody_looks_without_signing_in(client):
    assert client.get(URL).status_code in {302, 303}
