"""A form that is stored after the draw, and one of somebody who is registered already."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import system_actor
from participation.submissions.models import Channel
from participation.workshops.labels import LAST_OF_ALL
from participation.workshops.models import Application, Registration, SeatMethod
from participation.workshops.queries.form_offers import Room
from participation.workshops.queries.page_facts import page_facts
from participation.workshops.services.changing import cancel_registrations
from participation.workshops.services.draws import draw
from participation.workshops.services.registering import store_applications
from participation.workshops.services.web_registering import RESIDENT
from tests.factories import make_department, post
from tests.workshops.arrange import make_pool, make_workshop
from tests.workshops.register_form import begin, filled, hidden, receipt_page, url
from tests.workshops.registering import new_application
from tests.workshops.test_application_pages import link_of
from tests.workshops.test_letters import mails

HANAKO = {"name": "相模 花子", "phone": "0463-94-4711", "email": "hanako@example.jp"}


@pytest.fixture
def workshop(session):
    return make_workshop(session, make_department(session))


def store(session, workshop, pool, **more):
    (stored,) = store_applications(
        session, [new_application(workshop, pool, **more)], actor=RESIDENT, now=clock.now()
    )
    session.commit()
    return stored


def drawn_between(client, session, workshop, monkeypatch, *, capacity=1, entered=1):
    """Fill a form before the deadline that has to wait; the draw comes before it is sent."""
    now = clock.now()
    pool = make_pool(
        session,
        workshop,
        method=SeatMethod.LOTTERY,
        capacity=capacity,
        closes_at=now + timedelta(seconds=10),
    )
    for _number in range(entered):
        store(session, workshop, pool)
    data = filled(workshop, begin(client, workshop), pool, act="send", website="x")
    asked = post(client, url(workshop), data)
    assert "抽選は終わりました" not in asked.text
    data |= {name: hidden(asked.text, name) for name in ("waited", "tried")}
    later = now + timedelta(seconds=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    draw(session, pool, actor=system_actor("試験"), now=later)
    session.commit()
    return pool, data


def test_after_the_draw_the_page_and_the_receipt_say_so(client, session, workshop, monkeypatch):
    _pool, data = drawn_between(client, session, workshop, monkeypatch)
    before = len(mails(session))
    # Tried anew without the mark of patience: the page on which everything is seen once more.
    again = post(client, url(workshop), {**data, "waited": ""})
    assert again.status_code == 200
    assert "抽選は終わりました" in again.text
    assert LAST_OF_ALL in again.text
    _number, _secret, page = receipt_page(client, post(client, url(workshop), data))
    assert "キャンセル待ち" in page.text
    assert LAST_OF_ALL in page.text
    (mail,) = mails(session)[before:]
    assert LAST_OF_ALL in mail["body"]


def test_while_seats_are_left_after_the_draw_nothing_of_it_is_said(
    client, session, workshop, monkeypatch
):
    _pool, data = drawn_between(client, session, workshop, monkeypatch, capacity=5)
    _number, _secret, page = receipt_page(client, post(client, url(workshop), data))
    assert "参加決定" in page.text
    assert LAST_OF_ALL not in page.text


def test_who_waits_by_the_draw_reads_nothing_of_it(client, session, workshop):
    pool = make_pool(session, workshop, method=SeatMethod.LOTTERY, capacity=1)
    ids = [store(session, workshop, pool).application_id for _number in range(2)]
    draw(session, pool, actor=system_actor("試験"), now=pool.closes_at)
    session.commit()
    for one in session.scalars(
        select(Registration).where(Registration.application_id.in_(ids))
    ).all():
        page = client.get(link_of(session, one))
        assert page.status_code == 200
        assert LAST_OF_ALL not in page.text


def send_again(client, workshop, pool, **more):
    data = filled(workshop, begin(client, workshop), pool, act="send", **more)
    return post(client, url(workshop), data)


def test_who_is_registered_already_hears_of_it_once_a_day(client, session, workshop, monkeypatch):
    pool = make_pool(session, workshop)
    store(session, workshop, pool, sender=HANAKO)
    for _number in range(2):
        refused = send_again(client, workshop, pool)
        assert refused.status_code == 409
        assert "同じお名前と連絡先の申込みが、すでにあります" in refused.text
        assert "全日程（会場）。" not in refused.text  # not which days
    (mail,) = mails(session)
    assert mail["recipient"] == "hanako@example.jp"
    assert "もう一度申込みがありました" in mail["body"]
    one = session.scalar(select(Application))
    registration = session.scalar(select(Registration))
    assert link_of(session, registration) in mail["body"]
    told = select(func.count()).where(AuditEvent.action == "workshops.application.asked_again")
    assert session.scalar(told) == 1
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert send_again(client, workshop, pool).status_code == 409
    assert session.scalar(told) == 2
    assert session.scalar(select(func.count()).select_from(Application)) == 1
    cancel_registrations(session, one, actor=RESIDENT, now=later)
    session.commit()
    receipt_page(client, send_again(client, workshop, pool))


def test_without_an_address_nobody_is_written_to(client, session, workshop):
    pool = make_pool(session, workshop)
    sender = {"name": "相模 花子", "phone": "0463-94-4711"}
    store(session, workshop, pool, sender=sender)
    refused = send_again(client, workshop, pool, **{"s-email": ""})
    assert refused.status_code == 409
    assert mails(session) == []
    assert (
        session.scalar(
            select(func.count()).where(AuditEvent.action == "workshops.application.asked_again")
        )
        == 0
    )


def test_the_desk_reads_which_days(session, workshop):
    pool = make_pool(session, workshop)
    store(session, workshop, pool, sender=HANAKO)
    refused = store(session, workshop, pool, sender=HANAKO, channel=Channel.COUNTER)
    assert "全日程（会場）" in str(refused)


def test_a_page_from_memory_is_another_one_after_the_draw(session, workshop):
    now = clock.now()
    pool = make_pool(
        session,
        workshop,
        method=SeatMethod.LOTTERY,
        capacity=1,
        closes_at=now + timedelta(seconds=10),
    )
    workshop_id, engine = workshop.id, session.get_bind()
    store(session, workshop, pool)
    before = page_facts(engine, "workshop", workshop_id, now)
    draw(session, pool, actor=system_actor("試験"), now=now + timedelta(seconds=30))
    session.commit()
    after = page_facts(engine, "workshop", workshop_id, now)
    assert before.rooms == (Room.LOTTERY.value,)
    assert after.rooms == (Room.DRAWN.value,)
