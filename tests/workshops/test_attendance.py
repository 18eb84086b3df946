"""Ticking off who came, walk-ins, and 延べ and 実人数 that follow from both."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Actor, Role
from participation.core.errors import InvalidInput, StateConflict
from participation.departments.models import Department
from participation.workshops.models import (
    Application,
    Attendance,
    CheckInWay,
    RegistrationStatus,
    SeatKind,
    WorkshopState,
)
from participation.workshops.numbers_typed import typed_numbers
from participation.workshops.queries.attendance import (
    DayPeople,
    People,
    distinct_people,
    people,
    people_by_day,
)
from participation.workshops.queries.day_lists import attendee, attendees, days_on
from participation.workshops.services import attendance as services
from tests.factories import make_department, make_user
from tests.workshops.arrange import make_pool, make_registration, make_workshop

S = RegistrationStatus


@pytest.fixture
def workshop(session):
    """Two days, the first an hour ago."""
    return make_workshop(
        session,
        make_department(session),
        days=2,
        starts_at=clock.now() - timedelta(days=7, hours=1),
    )


@pytest.fixture
def actor(session, workshop):
    user = make_user(session, Role.CONTRIBUTOR, session.get_one(Department, workshop.department_id))
    return Actor(user.id, user.name)


def came(session, workshop, day, registration, number, *, actor, **more):
    services.check_in(
        session,
        workshop,
        day,
        attendee(session, day, registration.application_id),
        people=number,
        way=CheckInWay.HAND,
        actor=actor,
        now=clock.now(),
        **more,
    )


def walk(session, workshop, day, walk_ins, again, *, actor=actor):
    services.count_walk_ins(
        session,
        workshop,
        day,
        walk_ins=walk_ins,
        again=again,
        seen=(day.walk_ins, day.again),
        actor=actor,
        now=clock.now(),
    )


def test_people_of_two_days(session, workshop, actor):
    first, second = workshop.days
    pool = make_pool(session, workshop)
    family = make_registration(session, pool, seats=3)
    single = make_registration(session, pool)
    absent = make_registration(session, pool, seats=2)
    came(session, workshop, first, family, 3, actor=actor)
    came(session, workshop, first, single, 1, actor=actor)
    came(session, workshop, second, family, 2, actor=actor)
    walk(session, workshop, first, 4, 0, actor=actor)
    walk(session, workshop, second, 5, 3, actor=actor)
    assert absent.seats == 2
    # 延べ: 3 + 1 + 2 + 4 + 5; 実人数: 3 + 1 and 4 + 2 of the walk-ins.
    # No-shows: on the first day the absent two; on the second those, the single and one of three.
    assert people(session, workshop.id) == People(total=15, distinct=10, days=2, no_shows=6)
    day = people_by_day(session, workshop.id)[second.id]
    assert (day.seats, day.registered, day.walk_ins, day.total, day.no_shows) == (6, 2, 5, 7, 4)


def test_nothing_was_counted(session, workshop):
    make_registration(session, make_pool(session, workshop))
    assert people(session, workshop.id) == People(total=0, distinct=0, days=0, no_shows=0)


def test_childcare_is_no_seat(session, workshop):
    venue = make_pool(session, workshop)
    care = make_pool(session, workshop, kind=SeatKind.CHILDCARE)
    parent = make_registration(session, venue)
    application = session.get_one(Application, parent.application_id)
    make_registration(session, care, application=application, seats=2)
    found = attendee(session, workshop.days[0], application.id)
    assert (found.seats, found.childcare, found.kinds) == (1, 2, (SeatKind.VENUE,))
    assert people_by_day(session, workshop.id)[workshop.days[0].id].seats == 1


@given(data=st.data())
def test_distinct_is_never_more_than_all(data):
    """実人数 lies between the fullest day and 延べ, and equals it where there is one day."""
    days = data.draw(st.integers(1, 5))
    applications = data.draw(
        st.lists(st.lists(st.integers(0, 6), min_size=days, max_size=days), min_size=0, max_size=12)
    )
    counts = []
    for number in range(days):
        walk_ins = data.draw(st.integers(0, 20))
        again = data.draw(st.integers(0, walk_ins)) if number else 0
        registered = sum(row[number] for row in applications)
        counts.append(DayPeople(registered=registered, walk_ins=walk_ins, again=again))
    counted = [day for day in counts if day.total]
    total = sum(day.total for day in counted)
    distinct = distinct_people(
        sum(max(row) for row in applications),
        sum(day.walk_ins - day.again for day in counted),
        counted,
    )
    assert distinct <= total
    assert distinct >= max((day.total for day in counted), default=0)
    if days == 1:
        assert distinct == total


def test_twice_is_once(session, workshop, actor):
    day = workshop.days[1]
    registration = make_registration(session, make_pool(session, workshop))
    came(session, workshop, day, registration, 1, actor=actor)
    with pytest.raises(services.AlreadyIn):
        came(session, workshop, day, registration, 1, actor=actor)
    assert session.scalar(select(func.count()).select_from(Attendance)) == 1
    found = attendee(session, day, registration.application_id)
    assert (found.came, found.attendance.way) == (1, CheckInWay.HAND)


def test_undo_and_correct(session, workshop, actor):
    day = workshop.days[1]
    registration = make_registration(session, make_pool(session, workshop), seats=3)
    application_id = registration.application_id
    came(session, workshop, day, registration, 3, actor=actor)
    act = {"actor": actor, "now": clock.now()}
    services.correct_people(session, workshop, day, application_id, people=2, **act)
    assert attendee(session, day, application_id).came == 2
    services.undo(session, workshop, day, application_id, **act)
    assert attendee(session, day, application_id).attendance is None
    with pytest.raises(StateConflict):
        services.undo(session, workshop, day, application_id, **act)
    with pytest.raises(StateConflict):
        services.correct_people(session, workshop, day, application_id, people=2, **act)
    actions = session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.subject == f"application:{application_id}")
        .order_by(AuditEvent.id)
    ).all()
    assert actions == [
        "workshops.attendance.recorded",
        "workshops.attendance.changed",
        "workshops.attendance.removed",
    ]


@pytest.mark.parametrize("status", [one for one in S if one is not S.CONFIRMED])
def test_only_who_has_a_seat(session, workshop, actor, status):
    registration = make_registration(session, make_pool(session, workshop), status=status)
    with pytest.raises(StateConflict):
        came(session, workshop, workshop.days[0], registration, 1, actor=actor)
    assert session.scalar(select(func.count()).select_from(Attendance)) == 0


def test_a_day_to_come_and_a_day_that_is_off(session, workshop, actor):
    first, second = workshop.days
    registration = make_registration(session, make_pool(session, workshop))
    second.starts_at += timedelta(days=2)
    second.ends_at += timedelta(days=2)
    first.stop_reason = "大雨"
    session.flush()
    for day in (first, second):
        with pytest.raises(StateConflict):
            came(session, workshop, day, registration, 1, actor=actor)
    first.stop_reason, workshop.stop_reason = "", "大雨"
    workshop.state = WorkshopState.CANCELLED
    session.flush()
    with pytest.raises(StateConflict):
        came(session, workshop, first, registration, 1, actor=actor)


@pytest.mark.parametrize("number", [0, -1, 100])
def test_a_number_of_people_that_is_none(session, workshop, actor, number):
    registration = make_registration(session, make_pool(session, workshop))
    with pytest.raises(InvalidInput):
        came(session, workshop, workshop.days[0], registration, number, actor=actor)


def test_the_number_on_the_list_stays(session, workshop):
    """Somebody of another event, or who has cancelled, moves nobody on the list."""
    day = workshop.days[0]
    other = make_workshop(session, session.get_one(Department, workshop.department_id))
    pool = make_pool(session, workshop, day=day)
    only_second = make_pool(session, workshop, day=workshop.days[1])
    make_registration(session, make_pool(session, other))
    first = make_registration(session, pool)
    make_registration(session, only_second)
    third = make_registration(session, pool)
    assert [(one.number, one.application_id) for one in attendees(session, day)] == [
        (1, first.application_id),
        (3, third.application_id),
    ]
    first.status = S.CANCELLED
    session.flush()
    assert attendee(session, day, third.application_id).number == 3


def test_the_better_registration_counts(session, workshop):
    """Cancelled at the venue and confirmed online on the same day: there is a seat."""
    day = workshop.days[0]
    venue = make_registration(session, make_pool(session, workshop, day=day), status=S.CANCELLED)
    application = session.get_one(Application, venue.application_id)
    online = make_pool(session, workshop, day=day, kind=SeatKind.ONLINE)
    make_registration(session, online, application=application, seats=2)
    found = attendee(session, day, application.id)
    assert (found.status, found.seats, found.kinds) == (S.CONFIRMED, 2, (SeatKind.ONLINE,))


def test_walk_ins(session, workshop, actor):
    first, second = workshop.days
    act = {"actor": actor, "now": clock.now()}
    walk(session, workshop, first, 2, 0, actor=actor)
    services.add_walk_in(session, workshop, first, **act)
    assert first.walk_ins == 3
    with pytest.raises(StateConflict):  # somebody counted meanwhile
        services.count_walk_ins(session, workshop, first, walk_ins=9, again=0, seen=(2, 0), **act)
    with pytest.raises(InvalidInput):  # nobody had been there before the first day
        walk(session, workshop, first, 3, 1, actor=actor)
    with pytest.raises(InvalidInput):
        walk(session, workshop, second, 1, 2, actor=actor)
    with pytest.raises(InvalidInput):
        walk(session, workshop, second, -1, 0, actor=actor)
    walk(session, workshop, second, 2, 2, actor=actor)
    assert people(session, workshop.id) == People(total=5, distinct=3, days=2, no_shows=0)


def test_a_printed_list_is_typed_in(session, workshop, actor):
    day = workshop.days[0]
    pool = make_pool(session, workshop)
    early, late, other = (make_registration(session, pool, seats=2) for _ in range(3))
    came(session, workshop, day, early, 1, actor=actor)
    new = services.check_in_many(
        session,
        workshop,
        day,
        {early.application_id: 2, late.application_id: 2},
        actor=actor,
        now=clock.now(),
    )
    assert new == [late.application_id]
    rows = {one.application_id: one for one in attendees(session, day)}
    assert rows[early.application_id].came == 1  # as counted at the door
    assert rows[late.application_id].attendance.way is CheckInWay.LIST
    assert rows[other.application_id].attendance is None
    with pytest.raises(StateConflict):
        services.check_in_many(session, workshop, day, {9999: 1}, actor=actor, now=clock.now())


def test_days_of_today(session, workshop):
    assert days_on(workshop, clock.local_date(workshop.days[1].starts_at)) == [workshop.days[1]]
    assert days_on(workshop, clock.local_date(clock.now()) + timedelta(days=3)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 2 5-9", {1: None, 2: None, 5: None, 6: None, 7: None, 8: None, 9: None}),
        ("１，２、５〜７", {1: None, 2: None, 5: None, 6: None, 7: None}),
        ("3:2\n4", {3: 2, 4: None}),
        ("3 : 2 4 - 5", {3: 2, 4: None, 5: None}),
        ("1-3 2:5", {1: None, 2: 5, 3: None}),
    ],
)
def test_numbers_as_they_are_typed(text, found):
    assert typed_numbers(text).people == found


@pytest.mark.parametrize("text", ["", "a", "9-5", "0", "1-99999", "3:0", "1.5", "5--7"])
def test_what_is_no_number(text):
    with pytest.raises(InvalidInput):
        typed_numbers(text)


@given(st.sets(st.integers(1, 1_500), min_size=1, max_size=60))
def test_any_numbers_are_read_back(numbers):
    assert set(typed_numbers(" ".join(map(str, sorted(numbers)))).people) == numbers
