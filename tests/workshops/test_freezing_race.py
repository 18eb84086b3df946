"""Rules change, or somebody registers under the old ones: never both."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import DomainError
from participation.db.extension import db
from participation.workshops.models import Registration, SeatMethod, SeatPool, SignUp, Workshop
from participation.workshops.services import editing
from participation.workshops.services.pools import PoolTerms, change_pool
from participation.workshops.services.registering import store_applications
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_workshop
from tests.workshops.registering import new_application

ACTOR = system_actor("tests")
ROUNDS = 10


def test_a_rule_never_changes_under_who_is_just_registering(app: Flask, session: Session) -> None:
    department = make_department(session, "みどり課")
    outcomes = set()
    for number in range(ROUNDS):
        workshop = make_workshop(session, department, sign_up=SignUp.WHOLE, largest_party=3)
        pool = make_pool(session, workshop)
        session.commit()
        workshop_id, pool_id = workshop.id, pool.id
        application = new_application(workshop, pool, party=3)
        rules = _to_lottery if number % 2 else _alone
        session.rollback()
        barrier = Barrier(2)
        with ThreadPoolExecutor(2) as threads:
            acts = [
                threads.submit(_run, app, barrier, lambda s, one=application: _register(s, one)),
                threads.submit(
                    _run, app, barrier, lambda s, act=rules, w=workshop_id, p=pool_id: act(s, w, p)
                ),
            ]
            registered, changed = (act.result(timeout=60) for act in acts)
        outcomes.add((registered, changed))
        session.expire_all()
        found = session.scalars(select(Registration).where(Registration.pool_id == pool_id)).all()
        stored = session.get_one(SeatPool, pool_id)
        as_announced = (
            stored.method is SeatMethod.FIRST_COME
            and session.get_one(Workshop, workshop_id).largest_party == 3
        )
        assert bool(found) == registered
        assert as_announced != changed
        if registered and changed:
            # It registered after the change, and so under the new rules.
            assert stored.method is SeatMethod.LOTTERY
            assert found[0].status.value == "applied"
        session.rollback()
    assert any(registered for registered, _changed in outcomes)


def _run(app: Flask, barrier: Barrier, act: Callable[[Session], bool]) -> bool:
    with app.app_context():
        session = db.session()
        barrier.wait(timeout=30)
        try:
            done = act(session)
            session.commit()
        except DomainError:
            session.rollback()
            done = False
        finally:
            db.session.remove()
        return done


def _register(session: Session, application: object) -> bool:
    (stored,) = store_applications(session, [application], actor=ACTOR, now=clock.now())  # type: ignore[list-item]
    return not isinstance(stored, DomainError)


def _to_lottery(session: Session, workshop_id: int, pool_id: int) -> bool:
    workshop, pool = session.get_one(Workshop, workshop_id), session.get_one(SeatPool, pool_id)
    terms = PoolTerms(**{name: getattr(pool, name) for name in PoolTerms.__dataclass_fields__})
    return change_pool(
        session,
        workshop,
        pool,
        replace(terms, method=SeatMethod.LOTTERY),
        version=workshop.version,
        actor=ACTOR,
        now=clock.now(),
    )


def _alone(session: Session, workshop_id: int, _pool_id: int) -> bool:
    workshop = session.get_one(Workshop, workshop_id)
    columns = editing.SECTIONS["registering"][0]
    values = {name: getattr(workshop, name) for name in columns} | {"largest_party": 1}
    return editing.edit_fields(
        session,
        workshop,
        "registering",
        values,
        version=workshop.version,
        actor=ACTOR,
        now=clock.now(),
    )
