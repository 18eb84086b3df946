"""The order of the waitlist: to its end, and on to the next."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import NotFound, StateConflict
from participation.workshops.models import (
    Application,
    Registration,
    SeatMethod,
    SeatPool,
)
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.services.registering import store_applications
from participation.workshops.services.seat_decisions import AFTER_THE_DRAW
from participation.workshops.services.waiting import move_to_end
from participation.workshops.services.web_registering import RESIDENT
from tests.workshops.arrange import make_pool, make_registration
from tests.workshops.registering import assert_seats_add_up, new_application

CLERK = system_actor("試験")


def waiting(session: Session, pool: SeatPool) -> list[int]:
    session.expire_all()
    return list(
        session.scalars(
            select(Registration.id)
            .where(Registration.pool_id == pool.id, Registration.status == S.WAITLISTED)
            .order_by(Registration.place, Registration.id)
        )
    )


def to_end(session: Session, one: Registration) -> None:
    application = session.get_one(Application, one.application_id)
    move_to_end(session, application, one.id, actor=CLERK, now=clock.now())
    session.flush()
    assert_seats_add_up(session)


@pytest.mark.parametrize("lottery", [False, True])
def test_the_end_is_before_who_comes_later(session: Session, workshop, lottery: bool) -> None:
    method = SeatMethod.LOTTERY if lottery else SeatMethod.FIRST_COME
    pool = make_pool(session, workshop, capacity=1, method=method)
    if lottery:
        pool.drawn_at = clock.now()
    make_registration(session, pool)
    places = (2, 3, 5, AFTER_THE_DRAW) if lottery else (0, 0, 0, 0)
    rows = [make_registration(session, pool, status=S.WAITLISTED, place=at) for at in places]
    a, b, c, d = (one.id for one in rows)
    to_end(session, rows[0])
    assert waiting(session, pool) == [b, c, d, a]
    to_end(session, rows[1])
    assert waiting(session, pool) == [c, d, a, b]
    to_end(session, rows[0])
    assert waiting(session, pool) == [c, d, b, a]
    [new] = store_applications(
        session, [new_application(workshop, pool)], actor=RESIDENT, now=clock.now()
    )
    assert new.statuses == ((pool.id, S.WAITLISTED),)
    assert waiting(session, pool)[:4] == [c, d, b, a]
    if lottery:  # ranks of the draw stay
        assert session.get_one(Registration, c).place == 5


def test_an_offer_is_passed_on_to_the_next(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=1)
    offered = make_registration(session, pool, status=S.OFFERED)
    following = make_registration(session, pool, status=S.WAITLISTED)
    to_end(session, offered)
    assert (offered.status, offered.offered_until) == (S.WAITLISTED, None)
    assert session.get_one(Registration, following.id).status is S.OFFERED
    events = {event.action for event in session.scalars(select(AuditEvent))}
    assert events == {"workshops.registration.moved_to_end", "workshops.registration.offered"}


def test_when_the_order_stays(session: Session, workshop, pool) -> None:
    confirmed = make_registration(session, pool)
    alone = make_registration(session, pool, status=S.WAITLISTED)
    for one in (confirmed, alone):
        with pytest.raises(StateConflict):
            to_end(session, one)
    application = session.get_one(Application, alone.application_id)
    with pytest.raises(NotFound):
        move_to_end(session, application, confirmed.id, actor=CLERK, now=clock.now())
