"""The chain shows tampering: a thousand random ways of it, on real rows (promise P8)."""

import json
import random
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import bindparam, insert, text
from sqlalchemy.exc import DBAPIError

from participation import audit
from participation.audit import verification
from participation.audit.models import AuditEvent
from participation.audit.services import GENESIS, event_hash
from participation.audit.verification import Anchor, verify
from participation.core.actors import Actor
from participation.db.engine import reading_until_a_write
from participation.db.extension import db

NOW = datetime(2024, 6, 1, 3, tzinfo=UTC)
EVENTS = 40
COLUMNS = (
    "occurred_at",
    "actor_id",
    "actor_name",
    "action",
    "subject",
    "department_id",
    "before",
    "after",
    "reason",
    "previous_hash",
    "hash",
)
_SET = {column: text(f'UPDATE audit_event SET "{column}" = :v WHERE id = :i') for column in COLUMNS}
for _column in ("before", "after"):
    _SET[_column] = _SET[_column].bindparams(bindparam("v", type_=AuditEvent.before.type))
_SET["occurred_at"] = _SET["occurred_at"].bindparams(
    bindparam("v", type_=AuditEvent.occurred_at.type)
)


def _write(session, number):
    return audit.record(
        session,
        f"reports.entry.{('created', 'updated', 'withdrawn')[number % 3]}",
        actor=Actor(staff_id=number % 5 or None, name=f"職員{number % 5}"),
        now=NOW + timedelta(minutes=number),
        subject=f"entry:{number % 7}",
        before={"text": f"旧{number}"} if number % 3 else None,
        after={"text": f"新{number}", "position": number},
        reason="訂正" if number % 4 == 0 else "",
        department_id=number % 3 or None,
    )


@pytest.fixture
def log(session):
    """A sound log, and anchors as a cron job would have written them."""
    anchors = []
    for number in range(EVENTS):
        event = _write(session, number)
        if number % 9 == 0 or number == EVENTS - 1:
            anchors.append(Anchor(event.id, event.hash, NOW))
    session.commit()
    assert verify(session, tuple(anchors)).fault_count == 0
    session.rollback()
    return tuple(anchors)


def _events(session):
    return session.query(AuditEvent).order_by(AuditEvent.id).all()


class Tampering:
    """The ways in which somebody with the database in their hands changes the log."""

    def __init__(self, session, chance):
        self.session, self.chance = session, chance

    def run(self, statement, **values):
        done = self.session.execute(text(statement), values)
        assert done.rowcount != 0

    def change_a_value(self):
        event = self.chance.choice(_events(self.session))
        column = self.chance.choice(COLUMNS)
        old = getattr(event, column)
        match old:
            case datetime():
                new = old + timedelta(microseconds=self.chance.choice((1, -1, 10**7)))
            case int():
                new = self.chance.choice((None, old + 1, 0)) if column == "actor_id" else old + 3
            case dict():
                new = self.chance.choice((None, {}, {**old, "text": "別"}, {**old, "x": None}))
            case str():
                # A space at the end of a full column would be dropped by PostgreSQL.
                new = self.chance.choice((old[:40] + " ", old[:-1] + "x", "x" + old[1:]))
            case None:
                new = {"text": "作り話"} if column in {"before", "after"} else 99
        self.session.execute(_SET[column], {"v": new, "i": event.id})

    def remove_one(self):
        self.run("DELETE FROM audit_event WHERE id = :i", i=self.chance.randint(1, EVENTS - 1))

    def remove_and_close_the_gap(self):
        event_id = self.chance.randint(1, EVENTS - 1)
        self.run("DELETE FROM audit_event WHERE id = :i", i=event_id)
        for later in range(event_id + 1, EVENTS + 1):
            self.run("UPDATE audit_event SET id = :n WHERE id = :i", n=later - 1, i=later)
        self.run("UPDATE audit_head SET last_id = :n", n=EVENTS - 1)

    def remove_and_mend_the_link(self):
        event_id = self.chance.randint(2, EVENTS - 1)
        events = _events(self.session)
        before = events[event_id - 2].hash
        self.run("DELETE FROM audit_event WHERE id = :i", i=event_id)
        self.run(
            "UPDATE audit_event SET previous_hash = :h WHERE id = :i", h=before, i=event_id + 1
        )

    def insert_one(self):
        place = self.chance.randint(0, EVENTS)
        for later in range(EVENTS, place, -1):
            self.run("UPDATE audit_event SET id = :n WHERE id = :i", n=later + 1, i=later)
        previous = _events(self.session)[place - 1].hash if place else GENESIS
        self.forge(place + 1, previous)
        if self.chance.random() < 0.5:
            self.run("UPDATE audit_head SET last_id = :n", n=EVENTS + 1)

    def insert_before_the_first(self):
        self.forge(self.chance.choice((0, -1, -(10**9))), GENESIS)

    def forge(self, event_id, previous):
        event = AuditEvent(
            id=event_id,
            occurred_at=NOW,
            actor_id=1,
            actor_name="だれか",
            action="reports.entry.approved",
            subject="entry:1",
            reason="",
            previous_hash=previous,
        )
        event.hash = event_hash(event)
        self.session.add(event)
        self.session.flush()

    def swap_two(self):
        one, other = self.chance.sample(range(1, EVENTS + 1), 2)
        self.run("UPDATE audit_event SET id = 99999 WHERE id = :i", i=one)
        self.run("UPDATE audit_event SET id = :n WHERE id = :i", n=one, i=other)
        self.run("UPDATE audit_event SET id = :n WHERE id = 99999", n=other)

    def swap_the_content_of_two(self):
        one, other = self.chance.sample(_events(self.session), 2)
        for column in ("actor_id", "actor_name", "subject", "after", "occurred_at"):
            first, second = getattr(one, column), getattr(other, column)
            setattr(one, column, second)
            setattr(other, column, first)
        self.session.flush()

    def cut_the_tail(self):
        kept = self.chance.randint(0, EVENTS - 1)
        self.run("DELETE FROM audit_event WHERE id > :i", i=kept)
        if self.chance.random() < 0.5:
            self.run("UPDATE audit_head SET last_id = :i", i=kept)

    def change_the_head(self):
        last = _events(self.session)[-1]
        act = self.chance.choice(("id", "hash", "both", "gone"))
        if act == "gone":
            self.run("DELETE FROM audit_head")
        if act in {"id", "both"}:
            self.run("UPDATE audit_head SET last_id = :i", i=self.chance.choice((0, 7, 10**6)))
        if act in {"hash", "both"}:
            self.run("UPDATE audit_head SET last_hash = :h", h=last.previous_hash)


class Rewriting(Tampering):
    """Tampering that leaves a perfect chain: only what was written down outside shows it."""

    def cut_the_tail_and_mend_the_head(self):
        kept = self.chance.randint(0, EVENTS - 1)
        self.run("DELETE FROM audit_event WHERE id > :i", i=kept)
        last = _events(self.session)[-1].hash if kept else GENESIS
        self.run("UPDATE audit_head SET last_id = :i, last_hash = :h", i=kept, h=last)

    def rewrite_from_somewhere_on(self):
        events = _events(self.session)
        start = self.chance.randrange(EVENTS)
        events[start].actor_name = "別の人"
        previous = events[start].previous_hash
        for event in events[start:]:
            event.previous_hash = previous
            previous = event.hash = event_hash(event)
        self.session.flush()
        self.run("UPDATE audit_head SET last_hash = :h", h=previous)

    def remove_and_rewrite(self):
        events = _events(self.session)
        start = self.chance.randrange(EVENTS)
        previous = events[start].previous_hash
        self.session.execute(text("DELETE FROM audit_event WHERE id > :i"), {"i": start})
        rows = []
        for number, event in enumerate(events[start + 1 :], start + 1):
            self.session.expunge(event)
            values = {name: getattr(event, name) for name in COLUMNS}
            values |= {"id": number, "previous_hash": previous}
            previous = values["hash"] = event_hash(AuditEvent(**values))
            rows.append(values)
        if rows:
            self.session.execute(insert(AuditEvent), rows)
        self.run("UPDATE audit_head SET last_id = :i, last_hash = :h", i=EVENTS - 1, h=previous)


def _acts(kind):
    return sorted(
        name for name in vars(kind) if not name.startswith("_") and name not in {"run", "forge"}
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "count", "anchored"), [(Tampering, 800, False), (Rewriting, 200, True)]
)
def test_every_random_tampering_is_found(session, log, kind, count, anchored):
    chance = random.Random(20240601)
    acts = _acts(kind)
    missed = []
    for number in range(count):
        name = acts[number % len(acts)]
        getattr(kind(session, chance), name)()
        session.flush()
        if not verify(session, log if anchored else ()).fault_count:
            missed.append((number, name))
        session.rollback()
        session.expunge_all()
    assert missed == []
    assert verify(session, log).fault_count == 0, "the tampering was rolled back each time"


def test_a_rewritten_chain_is_invisible_without_an_anchor(session, log):
    """The reason for anchors: without one, the same tampering passes."""
    Rewriting(session, random.Random(1)).rewrite_from_somewhere_on()
    assert verify(session).fault_count == 0
    assert verify(session, log).fault_count > 0


def test_one_change_is_one_finding_with_its_place(session, log):
    session.execute(text("UPDATE audit_event SET actor_name = 'x' WHERE id = 17"))
    result = verify(session)
    assert [(fault.event_id, "書き換え" in fault.finding) for fault in result.faults] == [
        (17, True)
    ]
    assert result.events == EVENTS


@pytest.mark.parametrize(
    ("column", "value"), [("occurred_at", "昨日"), ("after", "{"), ("actor_name", b"\xff")]
)
def test_a_value_that_is_not_even_of_its_type_is_a_finding(session, log, column, value):
    statement = text(f'UPDATE audit_event SET "{column}" = :v WHERE id = 9')
    if session.get_bind().dialect.name == "postgresql" and column != "actor_name":
        with pytest.raises(DBAPIError):  # it refuses them itself
            session.execute(statement, {"v": value})
        return
    session.execute(statement, {"v": value})
    assert [fault.event_id for fault in verify(session).faults] == [9]


def test_a_flood_of_findings_is_counted_and_cut(session, log):
    session.execute(text("UPDATE audit_event SET reason = 'x'"))
    result = verify(session)
    assert result.fault_count == len(result.faults) == EVENTS
    verification_limit = verification._SHOWN_FAULTS
    verification._SHOWN_FAULTS = 3
    try:
        result = verify(session)
    finally:
        verification._SHOWN_FAULTS = verification_limit
    assert (result.fault_count, len(result.faults)) == (EVENTS, 3)


def test_what_others_append_meanwhile_is_no_finding(app, session, log, monkeypatch):
    real, appended = verification._rows, []

    def and_then_somebody_writes(reader, after):
        yield from real(reader, after)
        if len(appended) < 3:
            with app.app_context():
                appended.append(_write(db.session(), 50 + len(appended)).id)
                db.session.commit()

    monkeypatch.setattr(verification, "_rows", and_then_somebody_writes)
    with reading_until_a_write():
        result = verify(session, log)
    assert result.faults == []
    assert appended


def test_an_empty_log_is_sound_and_an_emptied_one_is_not(session):
    assert verify(session).fault_count == 0
    anchors = (Anchor(0, GENESIS, NOW),)
    assert verify(session, anchors).fault_count == 0
    event = _write(session, 1)
    anchors = (*anchors, Anchor(event.id, event.hash, NOW))
    session.execute(text("DELETE FROM audit_event"))
    session.execute(text("UPDATE audit_head SET last_id = 0, last_hash = :h"), {"h": GENESIS})
    assert [fault.event_id for fault in verify(session, anchors).faults] == [event.id]


MANY = 20_000


@pytest.mark.slow
def test_a_million_events_fit_in_a_minute(session):
    """Promise P8, measured on a part: the cost of an event is the same at any length."""
    previous, rows = GENESIS, []
    for number in range(1, MANY + 1):
        event = AuditEvent(
            id=number,
            occurred_at=NOW + timedelta(seconds=number),
            actor_id=number % 90,
            actor_name="伊勢 花子",
            action="reports.entry.updated",
            subject=f"entry:{number % 5000}",
            department_id=number % 30,
            before={"text": "市民参加の機会を広げるため、説明会を開催した。" * 2, "version": 3},
            after={"text": "市民参加の機会を広げるため、説明会を2回開催した。" * 2, "version": 4},
            reason="",
            previous_hash=previous,
        )
        previous = event_hash(event)
        values = {name: getattr(event, name) for name in COLUMNS if name != "hash"}
        rows.append({**values, "id": number, "hash": previous})
    session.execute(insert(AuditEvent), rows)
    session.execute(
        text("UPDATE audit_head SET last_id = :i, last_hash = :h"), {"i": MANY, "h": previous}
    )
    session.commit()
    assert len(json.dumps(rows[0]["before"])) > 100
    told = []
    begun = time.process_time()
    result = verify(session, progress=told.append)
    spent = time.process_time() - begun
    assert (result.events, result.fault_count) == (MANY, 0)
    assert told == [5_000, 10_000, 15_000, 20_000]
    assert spent / MANY * 1_000_000 < 60, f"{spent / MANY * 1e6:.0f} µs an event"
