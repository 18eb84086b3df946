"""The link in a mail and the receipt: to see, to give back, to accept; and what is forgotten."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from participation.core import clock
from participation.core.actors import system_actor
from participation.privacy.crypto import keyring
from participation.submissions.holders import holders
from participation.submissions.models import Receipt, Sender
from participation.submissions.services.erasure import erase_due, erase_receipt
from participation.workshops.models import (
    Application,
    Registration,
    SeatKind,
    WorkshopState,
)
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.services.links import link_token, token_hash
from participation.workshops.services.retention import (
    NETWORK_DAYS,
    date_senders,
    export_application,
    forget_networks,
)
from tests.factories import make_department, post
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.registering import assert_seats_add_up


def link_of(session, registration):
    """Give an arranged application its real link."""
    application = session.get_one(Application, registration.application_id)
    receipt = session.get_one(Receipt, application.receipt_id)
    token = link_token(keyring(session), receipt.number)
    application.link_hash = token_hash(keyring(session), token)
    session.commit()
    return f"/workshops/application/{token}"


def test_to_look_changes_nothing(client, session, workshop):
    pool = make_pool(session, workshop, capacity=2)
    offered = make_registration(session, pool, status=S.OFFERED)
    link = link_of(session, offered)
    before = (offered.status, offered.offered_until, pool.taken)
    for method in (client.get, client.head, client.get):
        assert method(link).status_code == 200
    session.expire_all()
    assert (offered.status, offered.offered_until, pool.taken) == before


def test_cancel_and_the_next_is_offered(client, session, workshop):
    pool = make_pool(session, workshop, capacity=1)
    held = make_registration(session, pool)
    waiting = make_registration(session, pool, status=S.WAITLISTED)
    link = link_of(session, held)
    answer = post(client, link, {"act": f"cancel:{held.id}"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == link
    page = client.get(link)
    assert "取り消しました" in page.text
    assert "この申込みを取り消す" not in page.text
    session.expire_all()
    assert (held.status, waiting.status) == (S.CANCELLED, S.OFFERED)
    assert_seats_add_up(session)
    again = post(client, link, {"act": f"cancel:{held.id}"})
    assert again.status_code == 409
    assert "すでに変わっています" in again.text


def test_accept_or_decline(client, session, workshop):
    pool = make_pool(session, workshop, capacity=2)
    first = make_registration(session, pool, status=S.OFFERED)
    second = make_registration(session, pool, status=S.OFFERED)
    links = [link_of(session, one) for one in (first, second)]
    assert "参加する" in client.get(links[0]).text
    assert post(client, links[0], {"act": f"accept:{first.id}"}).status_code == 303
    assert post(client, links[1], {"act": f"cancel:{second.id}"}).status_code == 303
    session.expire_all()
    assert (first.status, second.status, pool.taken) == (S.CONFIRMED, S.CANCELLED, 1)


def test_an_offer_that_is_over_cannot_be_accepted(client, session, workshop):
    pool = make_pool(session, workshop, capacity=2)
    offered = make_registration(
        session, pool, status=S.OFFERED, offered_until=clock.now() - timedelta(seconds=1)
    )
    link = link_of(session, offered)
    assert "accept:" not in client.get(link).text
    answer = post(client, link, {"act": f"accept:{offered.id}"})
    assert answer.status_code == 409
    assert "期限が過ぎた" in answer.text


def test_all_at_once(client, session, workshop):
    pool = make_pool(session, workshop)
    care = make_pool(session, workshop, kind=SeatKind.CHILDCARE)
    held = make_registration(session, pool)
    application = session.get_one(Application, held.application_id)
    child = make_registration(session, care, application=application)
    link = link_of(session, held)
    assert "すべて取り消す" in client.get(link).text
    post(client, link, {"act": "cancel_all"})
    session.expire_all()
    assert {held.status, child.status} == {S.CANCELLED}


@pytest.mark.parametrize(
    "act", ["", "cancel", "cancel:x", "cancel:99999999999999999999", "accept:0"]
)
def test_strange_acts_change_nothing(client, session, workshop, act):
    held = make_registration(session, make_pool(session, workshop))
    link = link_of(session, held)
    assert post(client, link, {"act": act}).status_code in {303, 409}
    session.expire_all()
    assert held.status is S.CONFIRMED


def test_another_applications_registration_stays(client, session, workshop):
    pool = make_pool(session, workshop)
    mine, other = make_registration(session, pool), make_registration(session, pool)
    answer = post(client, link_of(session, mine), {"act": f"cancel:{other.id}"})
    assert answer.status_code == 409
    session.expire_all()
    assert other.status is S.CONFIRMED


def test_unknown_and_wrong_links_are_the_same_bytes(client, session, workshop):
    held = make_registration(session, make_pool(session, workshop))
    link = link_of(session, held)
    wrong = link[:-1] + ("0" if link[-1] != "0" else "1")
    strange = "/workshops/application/" + "あ" * 40
    known_hash = (
        f"/workshops/application/{session.get_one(Application, held.application_id).link_hash}"
    )

    def answer(address, method):
        page = (
            client.get(address) if method == "get" else post(client, address, {"act": "cancel_all"})
        )
        text = re.sub(r'href="/language/[^"]*"', "", page.text)
        headers = {k: v for k, v in page.headers.items() if k not in {"Set-Cookie", "Date"}}
        headers.pop("Content-Length")
        return page.status_code, text.replace(address, ""), headers

    for method in ("get", "post"):
        answers = [answer(one, method) for one in (wrong, strange, known_hash)]
        assert answers[0] == answers[1] == answers[2]
        assert answers[0][0] == 404
    session.expire_all()
    assert held.status is S.CONFIRMED


def test_a_post_without_a_token_of_the_session_changes_nothing(client, session, workshop):
    held = make_registration(session, make_pool(session, workshop))
    link = link_of(session, held)
    assert client.post(link, data={"act": "cancel_all"}).status_code == 400
    session.expire_all()
    assert held.status is S.CONFIRMED


def test_senders_are_dated_when_the_event_is_over(session, workshop):
    pool = make_pool(session, workshop)
    make_registration(session, pool)
    now = clock.now()
    sender = session.scalars(select(Sender)).one()
    assert date_senders(session, now) == 0
    over = now + timedelta(days=(workshop.last_day - clock.local_date(now)).days + 1)
    assert date_senders(session, over) == 1
    session.refresh(sender)
    assert sender.erase_on == workshop.last_day + timedelta(days=workshop.retention_days)
    assert date_senders(session, over) == 0
    # New days after all: the term has not begun.
    workshop.last_day += timedelta(days=30)
    session.flush()
    assert date_senders(session, over) == 1
    session.refresh(sender)
    assert sender.erase_on is None


def test_a_cancelled_event_dates_its_senders_at_once(session):
    workshop = make_workshop(session, make_department(session), state=WorkshopState.CANCELLED)
    make_registration(session, make_pool(session, workshop))
    assert date_senders(session, clock.now()) == 1
    sender = session.scalars(select(Sender)).one()
    day = clock.local_date(workshop.updated_at) + timedelta(days=workshop.retention_days)
    assert sender.erase_on == day


def test_an_event_postponed_for_ever_keeps_nobody_for_ever(session):
    workshop = make_workshop(session, make_department(session), state=WorkshopState.POSTPONED)
    make_registration(session, make_pool(session, workshop))
    last = datetime.combine(workshop.last_day, time(12), tzinfo=UTC)
    assert date_senders(session, last + timedelta(days=365)) == 0
    assert date_senders(session, last + timedelta(days=366)) == 1
    sender = session.scalars(select(Sender)).one()
    given_up = workshop.last_day + timedelta(days=365)
    assert sender.erase_on == given_up + timedelta(days=workshop.retention_days)


def test_what_is_erased_leaves_nothing_that_recognises_anybody(app, session, workshop):
    pool = make_pool(session, workshop)
    held = make_registration(session, pool, network_key="n" * 64)
    held.person_key = "p" * 64
    session.flush()
    receipt = session.scalars(select(Receipt)).one()
    told = export_application(session, receipt.id)
    assert told["催し"] == workshop.title
    assert told["申込み"][0]["状態"] == "参加決定"
    erase_receipt(
        session,
        receipt,
        reason="本人の求め",
        holders=holders(),
        actor=system_actor("test"),
        now=clock.now(),
    )
    session.commit()
    registration = session.scalars(select(Registration)).one()
    application = session.scalars(select(Application)).one()
    assert (registration.person_key, application.network_key) == (None, None)
    assert registration.status is S.CONFIRMED
    assert session.scalars(select(Sender)).one().contents is None


def test_the_term_ends_by_itself(app, session, workshop):
    make_registration(session, make_pool(session, workshop))
    now = clock.now()
    over = now + timedelta(days=22)
    date_senders(session, over)
    gone = over + timedelta(days=workshop.retention_days)
    actor = system_actor("test")
    assert erase_due(session, holders=holders(), actor=actor, now=over) == 0
    assert erase_due(session, holders=holders(), actor=actor, now=gone) == 1
    session.commit()


def test_networks_are_forgotten(session, workshop):
    held = make_registration(session, make_pool(session, workshop), network_key="n" * 64)
    application = session.get_one(Application, held.application_id)
    term = application.received_at + timedelta(days=NETWORK_DAYS)
    assert forget_networks(session, term) == 0
    assert forget_networks(session, term + timedelta(seconds=1)) == 1
    session.refresh(application)
    assert application.network_key is None
