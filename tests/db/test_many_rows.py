"""Many rows in one INSERT: the same on both databases, whatever stands in them."""

import uuid
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from participation.audit.models import AuditEvent
from participation.db.many_rows import insert_many
from participation.submissions.models import Channel, Receipt, Sender

NOW = datetime(2026, 11, 22, 23, 59, 59, 123456, tzinfo=timezone(timedelta(hours=9)))
RECEIPTS = Receipt.__table__
INSERT = insert(RECEIPTS)
INSERT_SENDERS = insert(Sender.__table__)
INSERT_EVENTS = insert(AuditEvent.__table__)
INSERT_NEW = {
    name: make(RECEIPTS)
    .on_conflict_do_nothing(index_elements=["idempotency_key"])
    .returning(RECEIPTS.c.idempotency_key, RECEIPTS.c.id)
    for name, make in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
AWKWARD = [
    "",
    "改行\nタブ\t",
    "'\"\\ %s %(rows)s :rows {}",
    "\\u0000 null",
    "👩‍👩‍👧 𠮷野家",
    "\u2028",
]


def receipt(number, **other):
    return {
        "number": f"N-{number}",
        "secret_hash": None,
        "idempotency_key": f"key {number}",
        "subject": "campaign:1",
        "channel": Channel.POST,
        "received_at": NOW,
    } | other


def test_values_come_back_as_they_were(session):
    rows = [receipt(n, subject=text) for n, text in enumerate(AWKWARD)]
    insert_many(session.connection(), INSERT, rows)
    found = session.scalars(select(Receipt).order_by(Receipt.id)).all()
    assert [one.subject for one in found] == AWKWARD
    assert {(one.channel, one.received_at, one.secret_hash) for one in found} == {
        (Channel.POST, NOW.astimezone(UTC), None)
    }


def test_days_uuids_and_nothing(session):
    insert_many(session.connection(), INSERT, [receipt(1), receipt(2)])
    ids = session.scalars(select(Receipt.id).order_by(Receipt.id)).all()
    keys = [uuid.uuid4(), uuid.uuid4()]
    rows = [
        {"id": keys[0], "receipt_id": ids[0], "contents": "v1", "erase_on": date(2027, 3, 31)},
        {"id": keys[1], "receipt_id": ids[1], "contents": "v1", "erase_on": None},
    ]
    insert_many(session.connection(), INSERT_SENDERS, rows)
    found = session.scalars(select(Sender).order_by(Sender.receipt_id)).all()
    assert [(one.id, one.erase_on) for one in found] == [
        (keys[0], date(2027, 3, 31)),
        (keys[1], None),
    ]


def test_json_within(session):
    after = {"文": "\\ \" '", "n": 12345678901, "l": [True, None, "あ"], "m": {"k": {}}}
    row = {
        "id": 2**40,
        "occurred_at": NOW,
        "actor_id": None,
        "actor_name": "",
        "action": "a.b.c",
        "subject": "x:1",
        "department_id": None,
        "before": None,
        "after": after,
        "reason": "",
        "previous_hash": "0" * 64,
        "hash": "1" * 64,
    }
    insert_many(session.connection(), INSERT_EVENTS, [row])
    found = session.scalar(select(AuditEvent).where(AuditEvent.id == 2**40))
    assert (found.before, found.after) == (None, after)


def test_a_known_key_is_left_out_and_the_rest_returned(session):
    connection = session.connection()
    statement = INSERT_NEW[connection.dialect.name]
    first = dict(insert_many(connection, statement, [receipt(1)]).all())
    second = dict(insert_many(connection, statement, [receipt(2), receipt(1), receipt(3)]).all())
    assert set(first) == {"key 1"}
    assert set(second) == {"key 2", "key 3"}
    assert second["key 2"] < second["key 3"]


def test_a_broken_rule_is_an_error(session):
    with pytest.raises(IntegrityError):
        insert_many(session.connection(), INSERT, [receipt(1), receipt(2, channel=Channel.WEB)])


def test_a_text_too_long_is_not_cut(session):
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite knows no lengths")
    with pytest.raises(DBAPIError, match="too long"):
        insert_many(session.connection(), INSERT, [receipt("1" * 30)])


def test_a_moment_without_a_zone_is_refused(session):
    rows = [receipt(1, received_at=NOW.replace(tzinfo=None))]
    with pytest.raises((ValueError, StatementError), match="zone"):
        insert_many(session.connection(), INSERT, rows)
