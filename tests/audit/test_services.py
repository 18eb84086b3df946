"""Recording: in the act's transaction, in one chain, as values that both databases give back."""

import enum
import threading
import uuid
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from participation import audit
from participation.audit.models import AuditEvent, AuditHead
from participation.audit.services import GENESIS, Event, event_hash, record, record_many
from participation.audit.verification import verify
from participation.core.actors import Actor, Role, system_actor
from participation.db.extension import db

NOW = datetime(2024, 6, 1, 3, 4, 5, 678901, tzinfo=UTC)
ACTOR = Actor(staff_id=7, name="髙﨑 𠮷子")


def _record(session, action="reports.entry.updated", **more):
    given = {"actor": ACTOR, "now": NOW, "subject": "entry:12", **more}
    return audit.record(session, action, **given)


def _again(session, event):
    session.expire_all()
    return session.get_one(AuditEvent, event.id)


def test_events_hang_on_each_other_from_the_first(session):
    first, second = _record(session), _record(session, actor=system_actor("worker"))
    session.commit()
    assert (first.id, first.previous_hash) == (1, GENESIS)
    assert (second.id, second.previous_hash) == (2, first.hash)
    head = session.scalars(select(AuditHead)).one()
    assert (head.last_id, head.last_hash) == (2, second.hash)
    assert second.actor_id is None


def test_an_event_stands_or_falls_with_its_act(session):
    _record(session)
    session.rollback()
    assert session.scalars(select(AuditEvent)).all() == []
    assert _record(session).id == 1
    session.commit()
    assert verify(session).fault_count == 0


class _Colour(enum.Enum):
    RED = "red"


def test_values_are_stored_as_plain_json(session):
    event = _record(
        session,
        before={"state": _Colour.RED, "day": date(2024, 4, 1), "at": NOW, "ratio": 0.1},
        after={"id": uuid.UUID(int=5), "roles": {"b", "a"}, "pair": (1, None), 3: {"deep": True}},
    )
    session.commit()
    stored = _again(session, event)
    assert stored.before == {
        "state": "red",
        "day": "2024-04-01",
        "at": "2024-06-01T03:04:05.678901+00:00",
        "ratio": "0.1",
    }
    assert stored.after == {
        "id": "00000000-0000-0000-0000-000000000005",
        "roles": ["a", "b"],
        "pair": [1, None],
        "3": {"deep": True},
    }
    assert event_hash(stored) == stored.hash


def test_what_is_no_plain_value_is_refused(session):
    with pytest.raises(TypeError, match="object"):
        _record(session, after={"user": object()})
    session.rollback()
    assert _record(session).id == 1


_texts = st.text(st.characters(), max_size=20)
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(values=st.dictionaries(_texts, _values, max_size=4), name=_texts, reason=_texts)
def test_whatever_is_recorded_verifies_after_its_way_through_the_database(
    session, values, name, reason
):
    event = _record(
        session,
        before=values,
        actor=Actor(staff_id=1, name=name),
        reason=reason,
        after={"x": values},
    )
    session.commit()
    stored = _again(session, event)
    assert event_hash(stored) == stored.hash
    assert verify(session).fault_count == 0


def test_a_moment_of_any_zone_is_stored_as_the_same_moment(session):
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    event = _record(session, now=tokyo)
    session.commit()
    stored = _again(session, event)
    assert stored.occurred_at == NOW
    assert event_hash(stored) == stored.hash


def test_a_long_name_is_cut_and_not_refused(session):
    assert len(_record(session, actor=Actor(1, "あ" * 300)).actor_name) == 200


def test_writers_at_once_make_one_chain(app, session):
    """Twenty threads, each with its own connection, and no fork, no gap, no lost event."""
    faults = []

    def write():
        try:
            with app.app_context():
                for _ in range(5):
                    _record(db.session())
                    db.session.commit()
        except Exception as error:  # noqa: BLE001 -- shown by the assertion
            faults.append(error)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    result = verify(session)
    assert (result.events, result.fault_count) == (30, 0)


def test_a_page_that_only_reads_may_still_record(app, session):
    """On SQLite a reader's snapshot is no longer the newest when it comes to record."""
    from participation.db.engine import reading_until_a_write

    with app.app_context(), reading_until_a_write():
        reader = db.session()
        reader.scalars(select(AuditEvent)).all()
        _record(session)
        session.commit()
        assert _record(reader).id == 2
        reader.commit()
    assert verify(session).fault_count == 0


def test_many_at_once_make_the_same_chain_as_one_by_one(session):
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    actor = Actor(None, "提出者")
    record(session, "audit.log.viewed", actor=actor, now=now, subject="audit:1")
    events = [
        Event(
            "audit.log.viewed",
            actor,
            now,
            f"audit:{number}",
            after={"day": date(2026, 11, 22), "role": Role.AUDITOR, "odd": "a\0b\ud800"},
            reason="確認",
            department_id=number,
        )
        for number in range(5)
    ]
    record_many(session, events)
    record_many(session, [])
    last = record(session, "audit.log.viewed", actor=actor, now=now, subject="audit:9")
    session.commit()
    assert last.id == 7
    assert verify(session).fault_count == 0
    stored = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [event_hash(event) for event in stored] == [event.hash for event in stored]
    assert stored[3].subject == "audit:2"
    assert stored[3].after == {"day": "2026-11-22", "role": "auditor", "odd": "a\ufffdb?"}
