"""The outbox's page: states and masked addresses, never a text, and another try."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from participation.audit.models import AuditEvent
from participation.core.actors import Role
from participation.mail.models import MailState, OutboxMessage
from participation.mail.services import send
from tests.factories import make_department, make_user, post, sign_in

NOW = datetime(2024, 6, 1, 3, tzinfo=UTC)
URL = "/staff/outbox"


@pytest.fixture
def administrator(client, session):
    user = make_user(session, Role.ADMINISTRATOR)
    sign_in(client, session, user)
    return user


def _message(session, state=MailState.WAITING, now=NOW):
    message = send(
        session,
        kind="accounts.invitation",
        recipient="canary-hanako@example.jp",
        subject="秘密の件名",
        body="秘密の本文",
        now=now,
    )
    message.state = state
    if state is MailState.FAILED:
        message.attempts, message.last_error = (
            8,
            "宛先のサーバーが受け取りを拒みました（応答 550）。",
        )
    message_id = message.id
    session.commit()
    return message_id


def _text(response):
    return response.get_data(as_text=True)


def test_the_list_shows_states_and_masks_people(client, session, administrator):
    _message(session)
    _message(session, MailState.FAILED)
    page = _text(client.get(URL))
    for words in ("招待", "送信待ち", "送信できず", "c***@example.jp", "応答 550"):
        assert words in page
    for secret in ("canary", "秘密"):
        assert secret not in page


def test_an_empty_outbox_says_what_will_stand_there(client, administrator):
    assert "まだメールはありません" in _text(client.get(URL))
    assert "条件に合うメールはありません" in _text(
        client.get(URL, query_string={"state": "failed"})
    )


def test_the_list_is_filtered_and_paged(client, session, administrator):
    for number in range(51):
        _message(session, now=NOW + timedelta(seconds=number))
    _message(session, MailState.SENT)
    first = _text(client.get(URL, query_string={"state": "waiting"}))
    assert first.count("c***@example.jp") == 50
    [link] = [part for part in first.split('"') if "before=" in part]
    assert _text(client.get(link.replace("&amp;", "&"))).count("c***@example.jp") == 1
    assert client.get(URL, query_string={"state": "nonsense"}).status_code == 200


def test_a_failed_message_is_sent_again_and_that_is_recorded(client, session, administrator):
    message_id = _message(session, MailState.FAILED)
    assert "もう一度送る" in _text(client.get(URL))
    response = post(client, f"{URL}/{message_id}/retry")
    assert response.status_code == 303
    message = session.get_one(OutboxMessage, message_id, populate_existing=True)
    assert (message.state, message.attempts) == (MailState.WAITING, 0)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject) == ("mail.message.retried", f"message:{message_id}")
    assert (event.before["state"], event.after["state"]) == ("failed", "waiting")
    assert event.actor_id == administrator.id
    session.rollback()
    assert post(client, f"{URL}/{message_id}/retry").status_code == 409


def test_a_message_that_is_not_there_is_not_found(client, administrator):
    unknown = f"{URL}/00000000-0000-0000-0000-000000000000/retry"
    assert post(client, unknown).status_code == 404
    assert client.get(unknown).status_code == 405
    assert client.post(unknown).status_code == 400, "without its token"


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        (Role.ADMINISTRATOR, 200, 303),
        (Role.AUDITOR, 200, 403),
        (Role.COORDINATOR, 403, 403),
        (Role.APPROVER, 403, 403),
        (Role.CONTRIBUTOR, 403, 403),
    ],
)
def test_who_may_look_and_who_may_act(client, session, role, read, write):
    department = make_department(session)
    sign_in(client, session, make_user(session, role, department))
    message_id = _message(session, MailState.FAILED)
    page = client.get(URL)
    assert page.status_code == read
    assert ("もう一度送る" in _text(page)) is (write == 303)
    assert post(client, f"{URL}/{message_id}/retry").status_code == write
