"""The viewer's filters."""

from datetime import UTC, date, datetime

import pytest

from participation import audit
from participation.audit.queries import AuditFilter, find_events
from participation.core.actors import Actor


@pytest.fixture
def log(session):
    hanako, taro = Actor(1, "伊勢 花子"), Actor(2, "大山 太郎")
    rows = [
        # In Japan this is 1 June; in UTC still 31 May.
        (hanako, "reports.entry.updated", "entry:1", 5, datetime(2024, 5, 31, 15, tzinfo=UTC)),
        (taro, "reports.edition.published", "edition:1", None, _at(1, 14, 59)),
        (hanako, "reports.entry.submitted", "entry:12", 6, _at(1, 15, 0)),
        (Actor(None, "100%_worker"), "accounts.person.invited", "staff:1", None, _at(2, 0, 0)),
    ]
    for actor, action, subject, department_id, now in rows:
        audit.record(
            session,
            action,
            actor=actor,
            now=now,
            subject=subject,
            department_id=department_id,
        )
    session.commit()


def _at(day, hour, minute):
    return datetime(2024, 6, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (AuditFilter(), [4, 3, 2, 1]),
        (AuditFilter(actor="花子"), [3, 1]),
        (AuditFilter(actor="2"), [2]),
        (AuditFilter(actor="%_"), [4]),
        (AuditFilter(actor="だれもいない"), []),
        (AuditFilter(actor="9" * 30), []),
        (AuditFilter(action="reports."), [3, 2, 1]),
        (AuditFilter(action="reports.entry."), [3, 1]),
        (AuditFilter(action="reports_entry"), []),
        (AuditFilter(subject="entry:1"), [1]),
        (AuditFilter(subject="entry"), [3, 1]),
        (AuditFilter(department_id=5), [1]),
        (AuditFilter(first_day=date(2024, 6, 1), last_day=date(2024, 6, 1)), [2, 1]),
        (AuditFilter(first_day=date(2024, 6, 2)), [4, 3]),
        (AuditFilter(last_day=date(2024, 5, 31)), []),
        (AuditFilter(actor="花子", action="reports.entry.", department_id=6), [3]),
    ],
)
def test_filters(session, log, wanted, found):
    assert [event.id for event in find_events(session, wanted, limit=9)] == found


def test_pages_follow_each_other(session, log):
    assert [event.id for event in find_events(session, AuditFilter(), limit=2)] == [4, 3]
    page = find_events(session, AuditFilter(), limit=2, before=3)
    assert [event.id for event in page] == [2, 1]


def test_the_days_at_the_ends_of_the_calendar_are_no_fault(session, log):
    assert find_events(session, AuditFilter(first_day=date.max), limit=9) == []
    assert len(find_events(session, AuditFilter(last_day=date.max), limit=9)) == 4
    assert len(find_events(session, AuditFilter(first_day=date.min), limit=9)) == 4
