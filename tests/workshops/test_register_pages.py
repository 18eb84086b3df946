"""The public form of a registration from the first click to the receipt, without JavaScript."""

import re
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from participation.core import clock
from participation.mail.letter import open_letter
from participation.mail.models import OutboxMessage
from participation.privacy.crypto import keyring
from participation.submissions.models import Receipt, Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.models import (
    Application,
    Registration,
    SeatKind,
    SeatMethod,
    SignUp,
    WorkshopInvitation,
    WorkshopState,
)
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.services.invitation_codes import code_hash
from tests.factories import csrf, make_department, post
from tests.workshops.arrange import make_pool, make_registration, make_workshop

# Each half-width sign that breaks something, in one text.
HOSTILE = "=1+1 <script>alert(1)</script> \"'& {{7*7}} %s '; DROP TABLE x;-- 𠮷野家①㈱"


def hidden(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def url(workshop):
    return f"/workshops/{workshop.id}/register/"


def begin(client, workshop):
    page = client.get(url(workshop))
    assert page.status_code == 200, page.text
    return hidden(page.text, "key")


def filled(workshop, key, *pools, **more):
    chosen = {f"day-{pool.day_id or 0}": str(pool.id) for pool in pools}
    return {
        "key": key,
        "n": "1",
        "party": "1",
        "eligibility": str(workshop.eligibilities[0].id),
        "s-name": "相模 花子",
        "s-phone": "0463-94-4711",
        "s-email": "hanako@example.jp",
        "website": "",
        **chosen,
        **more,
    }


def receipt_page(client, response):
    assert response.status_code == 303, response.text
    assert response.headers["Location"] == "/receipts/issued/"
    page = client.get("/receipts/issued/")
    assert page.status_code == 200
    number, secret = re.findall(r"<dd>([0-9A-Z-]{14,})</dd>", page.text)
    return number, secret, page


@pytest.fixture
def workshop(session):
    return make_workshop(session, make_department(session))


@pytest.fixture
def pool(session, workshop):
    pool = make_pool(session, workshop, capacity=30)
    session.commit()
    return pool


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


def test_children_are_added_and_removed_without_losing_anything(client, session, workshop, pool):
    care = make_pool(session, workshop, kind=SeatKind.CHILDCARE, capacity=5)
    session.commit()
    key = begin(client, workshop)
    data = filled(workshop, key, pool, act="add", childcare=str(care.id)) | {
        "c0-name": "さくら",
        "c0-year": "令和６",
        "c0-month": "２",
        "c0-day": "29",
    }
    page = post(client, url(workshop), data)
    assert hidden(page.text, "n") == "2"
    for text in ("さくら", "令和６", "相模 花子", 'name="childcare" value="' + str(care.id)):
        assert text in page.text
    two = data | {
        "n": "2",
        "act": "send",
        "c1-name": "うめ",
        "c1-year": "2023",
        "c1-month": "4",
        "c1-day": "2",
    }
    removed = post(client, url(workshop), two | {"act": "remove:0"})
    assert "さくら" not in removed.text
    assert "うめ" in removed.text
    _number, _secret, shown = receipt_page(client, post(client, url(workshop), two))
    assert "お子さん2名" in shown.text
    sender = contents_of(session, session.scalar(select(Sender)))
    assert sender["children"] == (
        '[{"name": "さくら", "born": "2024-02-29"}, {"name": "うめ", "born": "2023-04-02"}]'
    )
    session.expire_all()
    assert (pool.taken, care.taken) == (1, 2)


def test_childcare_has_its_ages_and_its_deadline(client, session, monkeypatch):
    starts_at = datetime(2026, 12, 5, 5, tzinfo=UTC)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    workshop = make_workshop(session, make_department(session), starts_at=starts_at)
    pool = make_pool(session, workshop, closes_at=now + timedelta(days=9))
    care = make_pool(
        session,
        workshop,
        kind=SeatKind.CHILDCARE,
        capacity=5,
        youngest_months=7,
        until_school=True,
        closes_at=now + timedelta(days=2),
    )
    session.commit()

    def answer(born: date):
        data = filled(workshop, begin(client, workshop), pool, act="confirm") | {
            "childcare": str(care.id),
            "c0-name": "さくら",
            "c0-year": str(born.year),
            "c0-month": str(born.month),
            "c0-day": str(born.day),
        }
        return post(client, url(workshop), data)

    for born, taken in (
        (date(2026, 5, 5), True),
        (date(2026, 5, 6), False),
        (date(2020, 4, 2), True),
        (date(2020, 4, 1), False),
    ):
        page = answer(born)
        assert (page.status_code == 200) is taken, born
        assert ('href="#c0-year"' in page.text) is not taken
    monkeypatch.setattr(clock, "now", lambda: care.closes_at)
    late = answer(date(2022, 1, 1))
    assert 'href="#childcare"' in late.text
    assert "託児の受付は終わりました" in late.text


def test_seats_are_taken_between_the_form_and_the_click(client, session):
    workshop = make_workshop(session, make_department(session), days=2, sign_up=SignUp.EACH_DAY)
    first, second = (
        make_pool(session, workshop, day=day, capacity=1, has_waitlist=False)
        for day in workshop.days
    )
    session.commit()
    key = begin(client, workshop)
    make_registration(session, second)
    session.commit()
    answer = post(client, url(workshop), filled(workshop, key, first, second, act="send"))
    assert answer.status_code == 409
    assert f'href="#day-{second.day_id}"' in answer.text
    assert f'id="day-{second.day_id}"' in answer.text
    assert f'href="#day-{first.day_id}"' not in answer.text
    assert "満席です" in answer.text
    assert "相模 花子" in answer.text
    assert session.scalar(select(func.count()).select_from(Receipt)) == 1
    only = post(client, url(workshop), filled(workshop, key, first, act="send"))
    receipt_page(client, only)


def test_full_with_a_waitlist_says_so_and_takes_it(client, session, workshop):
    pool = make_pool(session, workshop, capacity=1)
    make_registration(session, pool)
    session.commit()
    page = client.get(url(workshop))
    assert "キャンセル待ちの申込みができます" in page.text
    key = hidden(page.text, "key")
    _n, _s, shown = receipt_page(
        client, post(client, url(workshop), filled(workshop, key, pool, act="send"))
    )
    assert "キャンセル待ち" in shown.text
    assert "data:image/svg" not in shown.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"opens_at": timedelta(days=1)}, "まだ始まっていません"),
        ({"opens_at": timedelta(days=-2), "closes_at": timedelta(0)}, "受付は終わりました"),
        ({"full": True}, "満席です"),
    ],
)
def test_pages_without_a_form(client, session, workshop, change, words):
    now = clock.now()
    moments = {key: now + value for key, value in change.items() if key != "full"}
    pool = make_pool(session, workshop, capacity=1, has_waitlist=False, **moments)
    if "full" in change:
        make_registration(session, pool)
    session.commit()
    page = client.get(url(workshop))
    assert page.status_code == 200
    assert words in page.text
    assert 'name="s-name"' not in page.text


@pytest.mark.parametrize("state", [WorkshopState.CANCELLED, WorkshopState.POSTPONED])
def test_a_stopped_event_has_no_form_and_takes_nothing(client, session, workshop, pool, state):
    key = begin(client, workshop)
    workshop.state = state
    workshop.stop_reason = "大雨の警報が出たため"
    session.commit()
    assert "大雨の警報が出たため" in client.get(url(workshop)).text
    answer = post(client, url(workshop), filled(workshop, key, pool, act="send"))
    assert answer.status_code == 409
    assert "相模 花子" in answer.text
    assert session.scalar(select(func.count()).select_from(Receipt)) == 0


def test_nobody_registers_where_no_registration_is_needed_or_nothing_is_announced(client, session):
    department = make_department(session)
    free = make_workshop(session, department, sign_up=SignUp.NONE)
    unseen = make_workshop(session, department, state=WorkshopState.PREPARING)
    session.commit()
    assert "申込みはいりません" in client.get(url(free)).text
    assert client.get(url(unseen)).status_code == 404
    assert client.get("/workshops/999999/register/").status_code == 404


def test_who_is_invited_needs_the_code(client, session, workshop):
    pool = make_pool(session, workshop, method=SeatMethod.INVITED)
    session.add(
        WorkshopInvitation(
            workshop_id=workshop.id,
            number=1,
            code_hash=code_hash(keyring(session), "7K3M-Q9XT"),
            created_at=clock.now(),
        )
    )
    session.commit()
    key = begin(client, workshop)
    for code in ("", "0000-0000"):
        page = post(client, url(workshop), filled(workshop, key, pool, act="send", code=code))
        assert page.status_code == 422
        assert 'href="#code"' in page.text
    receipt_page(
        client,
        post(client, url(workshop), filled(workshop, key, pool, act="send", code="7k3m q9xt")),
    )


def test_hostile_text_in_every_field(client, session):
    workshop = make_workshop(
        session,
        make_department(session),
        title=HOSTILE,
        needs=["language", "other"],
        kind="town_meeting",
    )
    pool = make_pool(session, workshop)
    care = make_pool(session, workshop, kind=SeatKind.CHILDCARE)
    workshop.days[0].heading = HOSTILE
    session.commit()
    key = begin(client, workshop)
    data = filled(workshop, key, pool) | {
        "s-name": HOSTILE,
        "s-kana": HOSTILE,
        "s-phone": HOSTILE[:30],
        "needs": ["language", "other"],
        "needs_note": HOSTILE,
        "x-question": f"{HOSTILE}\r\n\x00\x0b{HOSTILE}",
        "childcare": str(care.id),
        "c0-name": HOSTILE,
        "c0-year": "2023",
        "c0-month": "2",
        "c0-day": "28",
        "code": HOSTILE[:40],
        "waited": HOSTILE,
        "tried": HOSTILE,
        "solution": HOSTILE,
    }
    for act in ("add", "confirm", "edit", "nonsense", "remove:x"):
        page = post(client, url(workshop), data | {"act": act})
        assert page.status_code == 200, act
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text
    _number, _secret, shown = receipt_page(
        client, post(client, url(workshop), data | {"act": "send"})
    )
    assert "<script>alert" not in shown.text
    stored = contents_of(session, session.scalar(select(Sender)))
    assert stored["name"] == HOSTILE
    assert stored["extra.question"] == f"{HOSTILE}\n\n{HOSTILE}"


@pytest.mark.parametrize(
    "change",
    [
        {"n": "99999999999999999999"},
        {"n": "-1"},
        {"party": "９９９９９９９９９９９９９９"},
        {"party": "1.5"},
        {"day-0": "99999999999999999999"},
        {"day-0": "x"},
        {"childcare": ["1", "x", "99999999999999999999"]},
        {"key": "short"},
        {"c0-year": "令和" + "9" * 5000},
        {"c0-name": "x" * 5000},
        {"needs": ["unknown", "wheelchair"]},
    ],
)
def test_strange_values_are_answered_with_a_page(client, session, workshop, pool, change):
    care = make_pool(session, workshop, kind=SeatKind.CHILDCARE)
    session.commit()
    data = filled(workshop, begin(client, workshop), pool, act="send", childcare=str(care.id))
    answer = post(client, url(workshop), data | change)
    assert answer.status_code in {303, 422}


def test_a_program_that_fills_the_trap_has_to_wait_and_a_person_gets_in(
    client, session, workshop, pool, monkeypatch
):
    now = clock.now()
    data = filled(workshop, begin(client, workshop), pool, act="send", website="http://x.example")
    asked = post(client, url(workshop), data)
    assert asked.status_code == 200
    assert "もう少しだけお待ちください" in asked.text
    assert session.scalar(select(func.count()).select_from(Receipt)) == 0
    marks = {name: hidden(asked.text, name) for name in ("waited", "tried")}
    later = now + timedelta(seconds=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    receipt_page(client, post(client, url(workshop), data | marks))
    received = session.scalar(select(Application.received_at))
    assert abs(received - now) < timedelta(seconds=10)


def test_the_first_try_counts_after_the_deadline(client, session, workshop, monkeypatch):
    now = clock.now()
    pool = make_pool(session, workshop, closes_at=now + timedelta(seconds=10))
    session.commit()
    data = filled(workshop, begin(client, workshop), pool, act="send", website="x")
    asked = post(client, url(workshop), data)
    marks = {name: hidden(asked.text, name) for name in ("waited", "tried")}
    later = now + timedelta(seconds=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    receipt_page(client, post(client, url(workshop), data | marks))
    late = post(
        client,
        url(workshop),
        filled(workshop, "k" * 20, pool, act="send") | {"s-name": "相模 太郎"},
    )
    assert late.status_code == 422
    assert "受付は終わりました" in late.text


def test_nothing_of_a_person_is_in_cookies_or_addresses(client, workshop, pool, caplog, capfd):
    key = begin(client, workshop)
    canaries = ("canary-name", "0900000canary", "canary@example.jp")
    data = filled(workshop, key, pool) | {
        "s-name": canaries[0],
        "s-phone": canaries[1],
        "s-email": canaries[2],
    }
    for act in ("add", "confirm", "edit", "send"):
        answer = post(client, url(workshop), data | {"act": act})
        told = f"{answer.headers}{caplog.text}{''.join(capfd.readouterr())}"
        with client.session_transaction() as cookie:
            told += str(dict(cookie))
        for canary in canaries:
            assert canary not in told, act
    receipt_page(client, answer)


def test_how_much_is_left_is_said_in_steps(client, session):
    workshop = make_workshop(session, make_department(session), days=3, sign_up=SignUp.EACH_DAY)
    many, few, none = (make_pool(session, workshop, day=day, capacity=50) for day in workshop.days)
    few.taken, none.taken = 0, 0
    for pool, seats in ((few, 45), (none, 50)):
        make_registration(session, pool, seats=seats)
    session.commit()
    page = client.get(url(workshop)).text
    for words in ("空きがあります", "残りわずかです", "キャンセル待ちの申込みができます"):
        assert page.count(words) == 1, words
    assert many.taken == 0
    assert session.scalars(select(Registration.status).distinct()).all() == [S.CONFIRMED]
