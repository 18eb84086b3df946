"""The public form against hostile texts, strange values, programs and curious eyes."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from participation.core import clock
from participation.submissions.models import Receipt, Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.models import (
    Application,
    SeatKind,
)
from tests.factories import make_department, post
from tests.workshops.arrange import make_pool, make_workshop
from tests.workshops.register_form import begin, filled, hidden, receipt_page, url

# Each half-width sign that breaks something, in one text.
HOSTILE = "=1+1 <script>alert(1)</script> \"'& {{7*7}} %s '; DROP TABLE x;-- 𠮷野家①㈱"


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
