"""The pages of letters: a preview, one sending, who must be called."""

import re

import pytest
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core.actors import Role
from participation.jobs.worker import run_pending
from participation.workshops.models import RegistrationStatus, WorkshopLetter, WorkshopState
from participation.workshops.services.disclosing import SHOWN
from tests.factories import make_department, make_user, post, sign_in
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.test_letters import mails, person

S = RegistrationStatus


@pytest.fixture
def desk(session, client):
    """Sign somebody of the department in; return the workshop's address and the workshop."""
    department = make_department(session)
    workshop = make_workshop(session, department, days=2, section_name="広聴係")
    pool = make_pool(session, workshop)
    make_registration(session, pool, sender=person("a@example.jp"))
    make_registration(session, pool, sender={"name": "電話 太郎", "phone": "0463-22-2222"})
    make_registration(session, pool, status=S.WAITLISTED, sender=person("w@example.jp"))
    session.commit()
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    return f"/staff/workshops/{workshop.id}/letters", workshop


LETTER = {
    "statuses": "confirmed",
    "day": "",
    "subject": "持ち物のお知らせ",
    "body": "筆記用具をお持ちください。\n<b>太字</b>ではありません。",
}


def test_preview_then_send(app, session, client, desk):
    base, _workshop = desk
    assert client.get(base).status_code == 200
    assert client.get(f"{base}/new").status_code == 200
    preview = post(client, f"{base}/new", {**LETTER, "act": "preview"})
    page = preview.get_data(as_text=True)
    for words in ("1件に送ります", "ほかに1件は", "持ち物のお知らせ", "広聴係", "&lt;b&gt;太字"):
        assert words in page
    assert session.scalar(select(func.count()).select_from(WorkshopLetter)) == 0
    back = post(client, f"{base}/new", {**LETTER, "act": "edit"}).get_data(as_text=True)
    assert "筆記用具をお持ちください。" in back
    sent = post(client, f"{base}/new", {**LETTER, "act": "send"})
    assert sent.status_code == 303
    assert re.search(r"/staff/jobs/\d+", sent.headers["Location"])
    assert client.get(sent.headers["Location"]).status_code == 200
    run_pending(app)
    session.expire_all()
    assert [one["recipient"] for one in mails(session)] == ["a@example.jp"]
    page = client.get(base).get_data(as_text=True)
    assert "1通" in page
    assert "参加決定の方" in page


def test_who_must_be_called_is_named_with_a_record(app, session, client, desk):
    base, _workshop = desk
    post(client, f"{base}/new", {**LETTER, "act": "send"})
    run_pending(app)
    session.expire_all()
    letter = session.scalar(select(WorkshopLetter))
    page = client.get(f"{base}/{letter.id}").get_data(as_text=True)
    assert "電話をかける方" in page
    assert "電話 太郎" not in page
    looks = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == SHOWN)
    assert session.scalar(looks) == 0
    page = post(client, f"{base}/{letter.id}/calls").get_data(as_text=True)
    assert "電話 太郎" in page
    assert "0463-22-2222" in page
    assert session.scalar(looks) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "件名\r\nBcc: b@example.jp"},
        {"subject": ""},
        {"body": ""},
        {"statuses": ""},
        {"day": "99999"},
    ],
)
def test_what_cannot_be_sent(session, client, desk, wrong):
    base, _workshop = desk
    answer = post(client, f"{base}/new", {**LETTER, "act": "send", **wrong})
    assert answer.status_code == 422
    assert session.scalar(select(func.count()).select_from(WorkshopLetter)) == 0


def test_nobody_to_write_to(session, client, desk):
    base, _workshop = desk
    answer = post(client, f"{base}/new", {**LETTER, "act": "send", "statuses": "lost"})
    assert "送る相手がいません" in answer.get_data(as_text=True)
    assert session.scalar(select(func.count()).select_from(WorkshopLetter)) == 0


def test_before_it_is_announced(session, client, desk):
    base, workshop = desk
    workshop.state = WorkshopState.PREPARING
    session.commit()
    assert "メールを書く" not in client.get(base).get_data(as_text=True)
    assert client.get(f"{base}/new").status_code == 303


def test_who_only_reads(session, client, desk):
    base, _workshop = desk
    sign_in(client, session, make_user(session, Role.COORDINATOR, name="市民協働"))
    assert "メールを書く" not in client.get(base).get_data(as_text=True)
    assert client.get(f"{base}/new").status_code == 403
    assert post(client, f"{base}/new", {**LETTER, "act": "send"}).status_code == 403
