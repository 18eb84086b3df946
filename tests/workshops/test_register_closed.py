"""The public form where seats are gone, not yet there, or not for everybody."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from participation.core import clock
from participation.privacy.crypto import keyring
from participation.submissions.models import Receipt
from participation.workshops.models import (
    Registration,
    SeatMethod,
    SignUp,
    WorkshopInvitation,
    WorkshopState,
)
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.services.invitation_codes import code_hash
from tests.factories import make_department, post
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.register_form import begin, filled, hidden, receipt_page, url


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
