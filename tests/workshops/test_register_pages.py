"""The public form of a registration from the first click to the receipt, without JavaScript."""

import re
import threading

from sqlalchemy import func, select

from participation.mail.letter import open_letter
from participation.mail.models import OutboxMessage
from participation.submissions.models import Receipt, Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.models import (
    Application,
    SeatKind,
    SignUp,
)
from tests.factories import csrf, make_department, post
from tests.workshops.arrange import make_pool, make_workshop
from tests.workshops.register_form import begin, filled, hidden, receipt_page, url


def test_from_the_form_to_the_receipt_and_back_to_it(client, session, workshop, pool):
    key = begin(client, workshop)
    confirm = post(client, url(workshop), filled(workshop, key, pool, act="confirm", party="2"))
    assert confirm.status_code == 200
    assert "まだ申し込まれていません" in confirm.text
    assert "2名" in confirm.text
    assert hidden(confirm.text, "key") == key
    assert session.scalar(select(func.count()).select_from(Receipt)) == 0
    sent = post(client, url(workshop), filled(workshop, key, pool, act="send", party="2"))
    number, secret, page = receipt_page(client, sent)
    for header in sent.headers.getlist("Set-Cookie"):
        assert number not in header
        assert secret not in header
    assert "参加決定" in page.text
    assert "お申込みをありがとうございました" in page.text
    assert 'src="data:image/svg+xml' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    session.expire_all()
    assert pool.taken == 2
    sender = session.scalar(select(Sender))
    assert contents_of(session, sender) == {
        "name": "相模 花子",
        "phone": "0463-94-4711",
        "email": "hanako@example.jp",
    }
    letter = open_letter(session, session.scalars(select(OutboxMessage)).one())
    assert number in letter.body
    assert secret in letter.body
    other = client.application.test_client()
    shown = post(other, "/receipts/", {"number": number, "secret": secret})
    assert shown.status_code == 200
    assert "参加決定" in shown.text
    assert "花子" not in shown.text
    # The link in the mail leads to the same state; nothing on it says who it is.
    link = re.search(r"http://localhost(/workshops/application/\w+)", letter.body).group(1)
    page = other.get(link)
    assert "参加決定" in page.text
    for word in ("花子", "0463", "hanako", number, secret):
        assert word not in page.text


def test_the_same_form_twice_is_one_application(client, session, workshop, pool):
    key = begin(client, workshop)
    data = filled(workshop, key, pool, act="send")
    first = receipt_page(client, post(client, url(workshop), data))[:2]
    second = receipt_page(client, post(client, url(workshop), data))[:2]
    assert first == second
    session.expire_all()
    assert pool.taken == 1
    changed = post(client, url(workshop), data | {"party": "3"})
    assert changed.status_code == 409
    assert first[0] in changed.text
    assert hidden(changed.text, "key") != key


def test_a_double_click_at_the_same_moment_is_one_application(client, session, workshop, pool):
    key = begin(client, workshop)
    data = {"csrf_token": csrf(client), **filled(workshop, key, pool, act="send")}
    address = url(workshop)
    with client.session_transaction() as cookie:
        raw = cookie["csrf_token"]
    session.rollback()
    shown = []

    def click():
        browser = client.application.test_client()
        with browser.session_transaction() as cookie:
            cookie["csrf_token"] = raw
        shown.append(receipt_page(browser, browser.post(address, data=data))[:2])

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len(shown) == 6
    assert len(set(shown)) == 1
    assert session.scalar(select(func.count()).select_from(Application)) == 1


def test_the_same_person_again_is_told_so(client, session, workshop, pool):
    receipt_page(
        client,
        post(client, url(workshop), filled(workshop, begin(client, workshop), pool, act="send")),
    )
    again = post(client, url(workshop), filled(workshop, begin(client, workshop), pool, act="send"))
    assert again.status_code == 409
    assert "すでにあります" in again.text
    assert 'href="#s-name"' in again.text
    assert "相模 花子" in again.text
    assert session.scalar(select(func.count()).select_from(Receipt)) == 1


def test_errors_say_what_to_do_and_lose_nothing(client, session):
    workshop = make_workshop(
        session,
        make_department(session),
        days=2,
        sign_up=SignUp.EACH_DAY,
        needs=["wheelchair", "language"],
        kind="remote_workshop",
    )
    pools = [make_pool(session, workshop, day=day) for day in workshop.days]
    care = make_pool(
        session, workshop, day=workshop.days[0], kind=SeatKind.CHILDCARE, youngest_months=7
    )
    session.commit()
    key = begin(client, workshop)
    data = filled(workshop, key, pools[1], act="confirm") | {
        "party": "9",
        "s-name": " ",
        "s-email": "ない",
        "eligibility": "999999",
        "needs": ["wheelchair", "language"],
        "needs_note": "",
        "x-age": "120代",
        "childcare": str(care.id),
        "c0-name": "さくら",
        "c0-year": "2026",
        "c0-month": "2",
        "c0-day": "30",
    }
    page = post(client, url(workshop), data)
    assert page.status_code == 422
    for target in (
        "party",
        "s-name",
        "s-email",
        "eligibility",
        "needs_note",
        "x-age",
        "childcare",
        "c0-year",
    ):
        assert f'href="#{target}"' in page.text, target
        assert f'id="{target}"' in page.text, target
    assert 'value="9"' in page.text
    assert 'value="さくら"' in page.text
    assert page.text.count("checked") >= 4
    nothing = post(client, url(workshop), filled(workshop, key, act="confirm"))
    assert 'href="#days"' in nothing.text
    assert 'id="days"' in nothing.text
