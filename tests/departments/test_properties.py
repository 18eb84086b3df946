"""What holds for every history of departments, however it came about."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from participation.core.actors import system_actor
from participation.core.errors import DomainError
from participation.departments import queries, services
from participation.departments.models import Department, DepartmentPeriod, DepartmentSuccession

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ACTOR = system_actor("tests")
START = date(2020, 4, 1)
DAYS = st.integers(-30, 400).map(lambda days: START + timedelta(days=days))
ACTS = st.lists(
    st.tuples(st.sampled_from(["rename", "close", "reopen"]), DAYS, st.integers(0, 5)),
    max_size=8,
)
FEW = settings(
    max_examples=25,
)


def perform(session: Session, department: Department, act: str, day: date, number: int) -> None:
    if act == "rename":
        services.rename_department(
            session,
            department,
            name=f"{department.id}番目の課{number}",
            division=f"第{number}部",
            valid_from=day,
            actor=ACTOR,
            now=NOW,
        )
    elif act == "close":
        services.close_department(session, department, last_day=day, actor=ACTOR, now=NOW)
    else:
        services.reopen_department(session, department, reason="誤り", actor=ACTOR, now=NOW)


@FEW
@given(acts=ACTS, asked=DAYS)
def test_periods_never_overlap_and_leave_no_gap(
    session: Session, acts: list[tuple[str, date, int]], asked: date
) -> None:
    department = services.create_department(
        session,
        name=f"課{session.query(Department).count()}",
        valid_from=START,
        actor=ACTOR,
        now=NOW,
    )
    for act, day, number in acts:
        try:
            perform(session, department, act, day, number)
        except DomainError:
            continue
    session.expire_all()
    periods = department.periods
    assert periods[0].valid_from == START
    for earlier, later in pairwise(periods):
        assert earlier.valid_to is not None
        assert earlier.valid_to + timedelta(days=1) == later.valid_from
    covering = [period for period in periods if period.covers(asked)]
    assert len(covering) <= 1
    assert department.exists_on(asked) == bool(covering)
    if covering:
        assert department.name_on(asked) == covering[0].name
    assert department.name_on(asked) in {period.name for period in periods}
    assert (department in queries.departments_on(session, asked)) == bool(covering)


EDGES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 3)).filter(
        lambda edge: edge[0] < edge[1]
    ),
    max_size=12,
    unique_by=lambda edge: edge[:2],
)


@FEW
@given(edges=EDGES, today=st.integers(0, 4))
def test_the_closure_is_what_walking_backwards_finds(
    session: Session, edges: list[tuple[int, int, int]], today: int
) -> None:
    departments = [
        Department(
            code=f"{session.query(Department).count() + n:05}",
            periods=[DepartmentPeriod(name=f"課{n}", division="", valid_from=START)],
        )
        for n in range(7)
    ]
    session.add_all(departments)
    session.flush()
    for predecessor, successor, day in edges:
        session.add(
            DepartmentSuccession(
                predecessor_id=departments[predecessor].id,
                successor_id=departments[successor].id,
                effective_on=START + timedelta(days=day),
            )
        )
    session.flush()
    ids = [department.id for department in departments]
    found = queries.predecessor_closure(session, ids, START + timedelta(days=today))
    known = {(p, s) for p, s, day in edges if day <= today}
    for number in range(7):
        expected = {number}
        for _ in range(7):
            expected |= {p for p, s in known if s in expected}
        assert found[ids[number]] == {ids[n] for n in expected}
    session.rollback()
