"""Promise P3 put to the test: many racers for few seats, in several processes at once.

Each process is an app of its own, as a server's worker is. In a round every process lets its racers
go at the same moment; they register through the writer of the web, a few at the desk in
transactions of their own, and in rounds with a waitlist they cancel, accept and let lapse as well.
After each round the seats are counted.
"""

import multiprocessing
import random
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from participation.app import create_app
from participation.audit.verification import verify
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import DomainError, StateConflict
from participation.core.settings import Settings
from participation.db.extension import db
from participation.db.group_commit import NotStoredError
from participation.submissions.models import Channel, Receipt
from participation.workshops.models import Application, Registration, SeatPool, Workshop
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.services.applying import NewApplication, Wish
from participation.workshops.services.changing import accept_offers, cancel_registrations
from participation.workshops.services.promotion import lapse_due
from participation.workshops.services.registering import (
    StoredApplication,
    prepare,
    store_applications,
)
from participation.workshops.services.web_registering import SentForm
from participation.workshops.views import writer
from tests.factories import make_department
from tests.schema import create_schema
from tests.workshops.arrange import make_pool, make_workshop

_AT_THE_DESK = 3  # racers of each process in transactions of their own
_PEOPLE = 0.7  # so many of the racers are different people
_DESK = system_actor("P3")
KINDS = ("plain", "parties", "waitlist")


@dataclass(frozen=True)
class Round:
    """One race: whose seats, how many."""

    workshop_id: int
    pool_id: int
    capacity: int
    kind: str


@dataclass
class Result:
    """What all rounds came to."""

    rounds: int = 0
    registrations: int = 0
    seconds: float = 0.0
    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{count} {name}" for name, count in sorted(self.answers.items()))
        return (
            f"{self.rounds} rounds, {self.registrations} registrations in {self.seconds:.0f} s "
            f"({told}): {len(self.faults)} faults"
        )


def race(settings: Settings, *, rounds: int, racers: int, processes: int, seed: int = 1) -> Result:
    """Run rounds of ``racers`` over ``processes`` and count the seats after each.

    Args:
        settings: of an empty installation.
        rounds: how many, of each kind in turn.
        racers: in a round.
        processes: among which the racers are spread.
        seed: of the capacities and of what the racers do.

    """
    create_schema(settings)
    app = create_app(settings)
    planned = []
    with app.app_context():
        session = db.session()
        department = make_department(session)
        chance = random.Random(seed)
        for number in range(rounds):
            kind = KINDS[number % len(KINDS)]
            workshop = make_workshop(session, department, largest_party=3, offer_hours=1)
            pool = make_pool(
                session,
                workshop,
                capacity=chance.randrange(racers // 8, racers),
                has_waitlist=kind == "waitlist",
            )
            planned.append(Round(workshop.id, pool.id, pool.capacity or 0, kind))
        session.commit()
        db.session.remove()
        db.engine.dispose()
    result = Result()
    begun = time.monotonic()
    context = multiprocessing.get_context("spawn")
    barrier, told = context.Barrier(processes + 1), context.Queue()
    workers = [
        context.Process(
            target=_run,
            args=(settings, planned, racers // processes, seed * 1000 + number, barrier, told),
        )
        for number in range(processes)
    ]
    for one in workers:
        one.start()
    try:
        for one_round in planned:
            barrier.wait(timeout=120)  # all are ready
            barrier.wait(timeout=120)  # all have finished
            answers: Counter[str] = Counter()
            for _process in workers:
                answers += Counter(told.get(timeout=60))
            result.answers += answers
            with app.app_context():
                _count(db.session(), one_round, racers, answers, result)
                db.session.remove()
            result.rounds += 1
    finally:
        for one in workers:
            one.join(timeout=30)
            one.kill()
    result.seconds = time.monotonic() - begun
    with app.app_context():
        result.faults += [f"audit: {fault}" for fault in verify(db.session()).faults]
        db.session.remove()
        db.engine.dispose()
    return result


def _run(  # noqa: PLR0917 -- what multiprocessing hands over
    settings: Settings, planned: Sequence[Round], racers: int, seed: int, barrier: Any, told: Any
) -> None:
    """One process: its own app, its racers as threads."""
    app = create_app(settings)
    chance = random.Random(seed)
    with ThreadPoolExecutor(racers) as threads:
        for one_round in planned:
            with app.app_context():
                session = db.session()
                eligibility = session.get_one(Workshop, one_round.workshop_id).eligibilities[0].id
                db.session.remove()
            forms = [_form(one_round, eligibility, chance) for _racer in range(racers)]
            barrier.wait(timeout=120)
            answers = Counter(
                threads.map(
                    _racer,
                    [app] * racers,
                    forms,
                    range(racers),
                    [one_round] * racers,
                    [chance.random() for _racer_of in range(racers)],
                )
            )
            told.put(dict(answers))
            barrier.wait(timeout=120)


def _racer(app: Flask, form: NewApplication, number: int, one_round: Round, chance: float) -> str:
    with app.app_context():
        try:
            return _one(app, form, number, one_round, chance)
        finally:
            db.session.remove()


def _form(one_round: Round, eligibility: int, chance: random.Random) -> NewApplication:
    party = 1 if one_round.kind == "plain" else chance.choice((1, 1, 2, 3))
    # In the rounds with parties some come twice, under forms of their own.
    distinct = one_round.kind != "parties" or chance.random() < _PEOPLE
    person = secrets.token_hex(8) if distinct else f"twice {chance.randrange(3)}"
    return NewApplication(
        workshop_id=one_round.workshop_id,
        channel=Channel.WEB,
        received_at=clock.now(),
        wishes=(Wish(one_round.pool_id, party),),
        party=party,
        sender={"name": person, "phone": person},
        idempotency_key=secrets.token_urlsafe(24),
        eligibility_id=eligibility,
        secret=secrets.token_hex(16),
    )


def _one(app: Flask, form: NewApplication, number: int, one_round: Round, chance: float) -> str:
    """Let one racer go; return how it was answered."""
    at_the_desk = number < _AT_THE_DESK
    try:
        stored = _patiently(lambda: _at_the_desk(form)) if at_the_desk else _by_web(app, form)
    except NotStoredError as error:
        return f"not stored: {error}"
    except DomainError as error:
        return type(error).__name__
    if chance < 0.2 and not at_the_desk:  # a double click
        again = _by_web(app, form)
        if again.application_id != stored.application_id:
            return "doubled"
    if one_round.kind == "waitlist":
        _patiently(lambda: _change(stored.application_id, chance))
    return "stored"


def _by_web(app: Flask, form: NewApplication) -> StoredApplication:
    keys = app.extensions["session_info"]["keyring"]
    return writer.store(SentForm(prepare(keys, form)))


def _at_the_desk(form: NewApplication) -> StoredApplication:
    session = db.session()
    [stored] = store_applications(session, [form], actor=_DESK, now=clock.now())
    if isinstance(stored, DomainError):
        raise stored
    session.commit()
    return stored


def _change(application_id: int, chance: float) -> None:
    """Cancel, accept or let lapse, as the state of the moment allows."""
    session = db.session()
    now = clock.now()
    application = session.get_one(Application, application_id)
    try:
        if chance < 0.4:
            cancel_registrations(session, application, actor=_DESK, now=now)
        elif chance < 0.5:
            lapse_due(session, now + timedelta(hours=2))
        elif chance < 0.8:
            held = session.scalars(
                select(Registration.id).where(
                    Registration.application_id == application_id, Registration.status == S.OFFERED
                )
            ).all()
            accept_offers(session, application, held, actor=_DESK, now=now)
    except StateConflict:
        session.rollback()
    else:
        session.commit()


def _patiently(act: Any) -> Any:
    """Do it again while SQLite's lock is another's; a deadlock of PostgreSQL is no such thing."""
    while True:
        try:
            return act()
        except OperationalError as error:
            db.session.rollback()
            if "locked" not in str(error.orig):
                raise
        except DomainError:
            db.session.rollback()
            raise


def _count(
    session: Session, one_round: Round, racers: int, answers: Counter[str], result: Result
) -> None:
    """Count the seats of a round, and who has them."""
    pool = session.get_one(SeatPool, one_round.pool_id)
    rows = session.scalars(select(Registration).where(Registration.pool_id == pool.id)).all()
    held = sum(one.seats for one in rows if one.status in {S.CONFIRMED, S.OFFERED})
    free = one_round.capacity - held
    standing = [one.person_key for one in rows if one.status not in {S.CANCELLED, S.LAPSED}]
    receipts = session.scalars(
        select(Receipt.id).where(Receipt.subject == f"workshop:{one_round.workshop_id}")
    ).all()
    waiting = [one.seats for one in rows if one.status is S.WAITLISTED]
    checks = {
        "counted otherwise": pool.taken == held,
        "too many": free >= 0,
        "one person twice": len(standing) == len(set(standing)),
        "no receipt for each": len(receipts) == len(rows) == answers["stored"],
        "doubled": answers["doubled"] == 0,
        "not stored": not any(name.startswith("not stored") for name in answers),
        "not all answered": sum(answers.values()) == racers,
        "too few": held == one_round.capacity
        if one_round.kind == "plain"
        else all(seats > free for seats in waiting),
    }
    if one_round.kind == "plain":
        checks["not exactly as many"] = answers["stored"] == one_round.capacity
    result.registrations += len(rows)
    result.faults += [
        f"{one_round.kind}, {one_round.capacity} seats: {name} ({held} held, {dict(answers)})"
        for name, kept in checks.items()
        if not kept
    ]
