"""An event that is deleted in the very second in which a colleague works on it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.errors import NotFound
from participation.workshops.models import (
    SeatKind,
    SeatPool,
    Workshop,
    WorkshopDay,
    WorkshopEligibility,
    WorkshopState,
)
from participation.workshops.services import editing, freezing, steps
from participation.workshops.services.attendee_sheets import request_sheet
from participation.workshops.services.days import add_days, remove_day
from participation.workshops.services.invitations import make_invitations
from participation.workshops.services.pools import add_pools
from participation.workshops.services.posters import request_poster
from participation.workshops.services.questionnaires import save_questionnaire
from tests.factories import make_department, make_user, post, sign_in
from tests.workshops.arrange import make_pool, make_workshop

ACTOR = system_actor("試験")
WHO = {"actor": ACTOR, "now": clock.now()}
CONTACT = {"section_name": "係", "phone": "1", "fax": "", "email": ""}
SEEN = {"version": 1, **WHO}


@pytest.fixture
def department(session):
    return make_department(session, "みどり課")


def vanish(session, workshop_id):
    """Let a colleague's deletion of the event be what this transaction sees next."""
    for table, column in (
        (WorkshopDay.__table__, "workshop_id"),
        (WorkshopEligibility.__table__, "workshop_id"),
        (Workshop.__table__, "id"),
    ):
        session.connection().execute(delete(table).where(table.c[column] == workshop_id))


def questions(session, workshop, _day):
    opens = WHO["now"]
    until = {"opens_at": opens, "closes_at": opens + timedelta(days=1)}
    save_questionnaire(
        session, workshop, introduction="", questions=[], **until, **{**SEEN, "version": 0}
    )


ACTS = {
    "content": lambda *a: editing.edit_fields(*a[:2], "contact", CONTACT, **SEEN),
    "areas": lambda *a: editing.edit_areas(*a[:2], ["環境"], **SEEN),
    "days": lambda *a: add_days(*a[:2], [], **SEEN),
    "a day": lambda *a: remove_day(*a, **SEEN),
    "seats": lambda *a: add_pools(*a[:2], SeatKind.VENUE, [], **SEEN),
    "announce": lambda *a: steps.announce(*a[:2], **SEEN),
    "codes": lambda *a: make_invitations(*a[:2], 1, seen=0, **WHO),
    "questions": questions,
    "poster": lambda *a: request_poster(*a[:2], **WHO),
    "list": lambda *a: request_sheet(*a, by_number=True, **WHO),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_every_act_says_that_it_is_gone(session, department, act):
    workshop = make_workshop(session, department, state=WorkshopState.PREPARING)
    day = workshop.days[0]
    vanish(session, workshop.id)
    with pytest.raises(NotFound, match="すでに消されています"):
        act(session, workshop, day)


def test_the_page_says_so(client, session, department, monkeypatch):
    workshop = make_workshop(session, department, state=WorkshopState.PREPARING)
    session.commit()
    address = f"/staff/workshops/{workshop.id}/edit/contact"
    workshop_id, version = workshop.id, workshop.version
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    assert client.get(address).status_code == 200
    locked = freezing.hold_pools

    def too_late(own, thing):
        pools = locked(own, thing)
        vanish(own, workshop_id)
        return pools

    monkeypatch.setattr(editing, "hold_pools", too_late)
    answer = post(client, address, {"version": version, "phone": "0463-94-4711"})
    assert answer.status_code == 404
    assert "すでに消されています" in answer.text


def test_a_list_of_a_day_that_is_gone(session, department):
    workshop = make_workshop(session, department, state=WorkshopState.PREPARING, days=2)
    day = workshop.days[1]
    session.connection().execute(
        delete(WorkshopDay.__table__).where(WorkshopDay.__table__.c.id == day.id)
    )
    with pytest.raises(NotFound, match="この日程はなくなりました"):
        request_sheet(session, workshop, day, by_number=True, **WHO)


def test_seats_that_are_gone_do_not_stop_who_waited_for_them(session, department, monkeypatch):
    workshop = make_workshop(session, department, state=WorkshopState.PREPARING)
    pool = make_pool(session, workshop)
    known = freezing.pools_of

    def then_gone(own, workshop_id):
        pools = known(own, workshop_id)
        own.connection().execute(delete(SeatPool.__table__))
        return pools

    assert [one.id for one in known(session, workshop.id)] == [pool.id]
    monkeypatch.setattr(freezing, "pools_of", then_gone)
    assert editing.edit_fields(session, workshop, "contact", CONTACT, **SEEN)
