"""Two draw at once, or somebody registers meanwhile: one draw, and never a seat too many."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import DomainError
from participation.db.extension import db
from participation.jobs.worker import run_pending
from participation.mail.models import OutboxMessage
from participation.submissions.models import Channel
from participation.workshops.models import (
    Application,
    DrawEntry,
    LotteryDraw,
    Registration,
    SeatMethod,
    SeatPool,
    Workshop,
)
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.services.changing import cancel_registrations
from participation.workshops.services.draws import draw
from participation.workshops.services.registering import store_applications
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.registering import assert_seats_add_up, new_application

ACTOR = system_actor("試験")
ROUNDS = 5


def closed_lottery(session: Session, *, entries: int, capacity: int) -> int:
    workshop = make_workshop(session, make_department(session, "公園課"))
    pool = make_pool(
        session,
        workshop,
        method=SeatMethod.LOTTERY,
        capacity=capacity,
        closes_at=clock.now() - timedelta(minutes=1),
    )
    for number in range(entries):
        make_registration(session, pool, status=S.APPLIED, seats=1 + number % 2)
    session.commit()
    return pool.id


def at_once(app: Flask, *acts: Callable[[Session], object]) -> list[bool]:
    """Run acts at the same moment, each in a transaction of its own; whether each was taken."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> bool:
        with app.app_context():
            session = db.session()
            barrier.wait(30)
            try:
                act(session)
                session.commit()
            except DomainError:
                session.rollback()
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(len(acts)) as threads:
        return [one.result(timeout=60) for one in [threads.submit(run, act) for act in acts]]


def drawing(pool_id: int) -> Callable[[Session], object]:
    return lambda session: draw(
        session, session.get_one(SeatPool, pool_id), actor=ACTOR, now=clock.now()
    )


def test_two_draws_are_one(app: Flask, session: Session) -> None:
    for _round in range(ROUNDS):
        pool_id = closed_lottery(session, entries=8, capacity=5)
        session.rollback()
        taken = at_once(app, *(drawing(pool_id) for _ in range(3)))
        assert sum(taken) == 1
        draws = session.scalars(select(LotteryDraw).where(LotteryDraw.pool_id == pool_id)).all()
        assert len(draws) == 1
        count = select(func.count()).where(DrawEntry.draw_id == draws[0].id)
        assert session.scalar(count) == 8
        assert_seats_add_up(session)


def test_who_cancels_or_is_typed_in_meanwhile(app: Flask, session: Session) -> None:
    """In the draw or after it, never half."""
    for _round in range(ROUNDS):
        pool_id = closed_lottery(session, entries=6, capacity=4)
        pool = session.get_one(SeatPool, pool_id)
        workshop = pool.workshop_id
        going = session.scalars(
            select(Application.id).where(Application.workshop_id == workshop).limit(1)
        ).one()
        paper = new_application(
            session.get_one(Workshop, workshop),
            pool,
            channel=Channel.FAX,
            secret=None,
        )
        session.rollback()
        at_once(
            app,
            drawing(pool_id),
            lambda s, one=going: cancel_registrations(
                s, s.get_one(Application, one), actor=ACTOR, now=clock.now()
            ),
            lambda s, one=paper: _store(s, one),
        )
        assert_seats_add_up(session)
        record = session.scalars(select(LotteryDraw).where(LotteryDraw.pool_id == pool_id)).one()
        drawn = set(
            session.scalars(select(DrawEntry.registration_id).where(DrawEntry.draw_id == record.id))
        )
        assert len(drawn) == record.entries
        left = session.scalars(
            select(Registration).where(
                Registration.pool_id == pool_id, Registration.status == S.APPLIED
            )
        ).all()
        assert left == []


def test_letters_go_once(app: Flask, session: Session) -> None:
    pool_id = closed_lottery(session, entries=7, capacity=3)
    draw(session, session.get_one(SeatPool, pool_id), actor=ACTOR, now=clock.now())
    session.commit()
    for _time in range(2):
        session.rollback()
        run_pending(app)
    count = select(func.count()).where(OutboxMessage.kind == "workshops.draw")
    assert session.scalar(count) == 7


def _store(session: Session, application) -> None:
    [stored] = store_applications(session, [application], actor=ACTOR, now=clock.now())
    if isinstance(stored, DomainError):
        raise stored
