"""A workshop's life: announced, postponed, resumed, cancelled; every step told and written down."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.labels import VERB_LABELS
from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import DomainError, InvalidInput, StateConflict
from participation.departments.models import Department
from participation.news.models import NewsEvent, NewsItem
from participation.workshops.checks import checks_before_announcing, stops
from participation.workshops.models import (
    LetterKind,
    SeatKind,
    SeatMethod,
    SignUp,
    Workshop,
    WorkshopLetter,
    WorkshopNoticeKind,
    WorkshopState,
)
from participation.workshops.queries.workshops import pools_of
from participation.workshops.services import steps
from participation.workshops.services.days import DayTerms, add_days
from participation.workshops.services.opening import tell_openings
from participation.workshops.services.pools import PoolTerms, add_pools
from participation.workshops.services.state_machine import STEPS, check
from participation.workshops.services.workshops import create_workshop
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_registration, make_workshop

ACTOR = system_actor("tests")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FIRST = datetime(2026, 12, 5, 5, 0, tzinfo=UTC)
HOURS = timedelta(hours=2)
REASON = "大雪のおそれがあるため。"


@pytest.fixture
def department(session: Session) -> Department:
    return make_department(session, "みどり課")


def new(session: Session, department: Department, *, sign_up: SignUp = SignUp.WHOLE) -> Workshop:
    """A workshop of two days that is ready to be announced."""
    workshop = create_workshop(
        session,
        department=department,
        title="公園を考えるワークショップ",
        kind="workshop",
        sign_up=sign_up,
        year=2026,
        actor=ACTOR,
        now=NOW,
    )
    workshop.summary, workshop.phone = "公園のこれからを話し合います。", "00-0000-0000"
    session.flush()
    days = add_days(
        session,
        workshop,
        [
            DayTerms(
                FIRST + timedelta(days=7 * number),
                FIRST + timedelta(days=7 * number) + HOURS,
                venue="市役所",
            )
            for number in range(2)
        ],
        version=workshop.version,
        actor=ACTOR,
        now=NOW,
    )
    places = [None] if sign_up is SignUp.WHOLE else days if sign_up is SignUp.EACH_DAY else []
    if places:
        terms = PoolTerms(SeatMethod.FIRST_COME, 20, NOW, FIRST - timedelta(days=1))
        add_pools(
            session,
            workshop,
            SeatKind.VENUE,
            [(day, terms) for day in places],
            version=workshop.version,
            actor=ACTOR,
            now=NOW,
        )
    return workshop


def news_of(session: Session, workshop: Workshop) -> list[NewsEvent]:
    return list(
        session.scalars(
            select(NewsItem.event)
            .where(NewsItem.reference == f"workshop:{workshop.id}")
            .order_by(NewsItem.id)
        )
    )


def verbs_of(session: Session, workshop: Workshop) -> list[str]:
    events = session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.subject == f"workshop:{workshop.id}")
        .order_by(AuditEvent.id)
    )
    return [action.rpartition(".")[2] for action in events]


@pytest.mark.parametrize("sign_up", SignUp)
def test_what_is_complete_is_announced(
    session: Session, department: Department, sign_up: SignUp
) -> None:
    workshop = new(session, department, sign_up=sign_up)
    steps.announce(session, workshop, version=workshop.version, actor=ACTOR, now=NOW)
    assert workshop.state is WorkshopState.ANNOUNCED
    assert workshop.announced_on == clock.local_date(NOW)
    assert news_of(session, workshop) == [NewsEvent.ANNOUNCED]
    assert verbs_of(session, workshop)[-1] == "made_public"


def test_a_new_one_lacks_everything_and_is_not_announced(
    session: Session, department: Department
) -> None:
    workshop = create_workshop(
        session,
        department=department,
        title="説明会",
        kind="briefing",
        sign_up=SignUp.WHOLE,
        year=2026,
        actor=ACTOR,
        now=NOW,
    )
    missing = {one.rule for one in stops(checks_before_announcing(session, workshop, NOW))}
    assert missing == {"description", "days", "seats", "contact"}
    with pytest.raises(InvalidInput, match="日程がありません"):
        steps.announce(session, workshop, actor=ACTOR, now=NOW)
    assert news_of(session, workshop) == []


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda one: setattr(one.days[0], "venue", ""), "venue"),
        (lambda one: setattr(one, "sender_fields", [{"key": "name", "required": True}]), "asks"),
        (lambda one: setattr(one.days[0], "starts_at", FIRST - timedelta(days=3)), "late"),
    ],
)
def test_each_check_finds_its_fault(
    session: Session, department: Department, spoil: object, rule: str
) -> None:
    workshop = new(session, department)
    assert stops(checks_before_announcing(session, workshop, NOW)) == []
    spoil(workshop)  # type: ignore[operator]
    session.flush()
    assert [one.rule for one in stops(checks_before_announcing(session, workshop, NOW))] == [rule]


def test_a_day_without_seats_and_deadlines_that_are_over_are_found(
    session: Session, department: Department
) -> None:
    workshop = new(session, department, sign_up=SignUp.EACH_DAY)
    later = FIRST + timedelta(days=14)
    add_days(
        session,
        workshop,
        [DayTerms(later, later + HOURS, venue="市役所")],
        version=workshop.version,
        actor=ACTOR,
        now=NOW,
    )
    assert [one.rule for one in stops(checks_before_announcing(session, workshop, NOW))] == [
        "seats"
    ]
    rules = {one.rule for one in stops(checks_before_announcing(session, workshop, FIRST))}
    assert {"days", "deadline"} <= rules


def test_what_was_edited_since_it_was_looked_at_is_not_announced(
    session: Session, department: Department
) -> None:
    workshop = new(session, department)
    with pytest.raises(StateConflict):
        steps.announce(session, workshop, version=workshop.version - 1, actor=ACTOR, now=NOW)


def test_postponed_and_resumed_keeps_reason_registrations_and_days(
    session: Session, department: Department
) -> None:
    workshop = new(session, department)
    steps.announce(session, workshop, actor=ACTOR, now=NOW)
    with pytest.raises(InvalidInput):
        steps.postpone(session, workshop, reason="  ", actor=ACTOR, now=NOW)
    steps.postpone(session, workshop, reason=REASON, actor=ACTOR, now=NOW)
    assert (workshop.state, workshop.stop_reason) == (WorkshopState.POSTPONED, REASON)
    later = {
        day.id: (day.starts_at + 30 * HOURS * 12, day.ends_at + 30 * HOURS * 12)
        for day in workshop.days
    }
    first, _second = later
    with pytest.raises(InvalidInput, match="すべての日"):
        steps.resume(
            session,
            workshop,
            times={first: later[first]},
            text="決まりました。",
            actor=ACTOR,
            now=NOW,
        )
    with pytest.raises(InvalidInput, match="これから"):
        steps.resume(
            session,
            workshop,
            times=dict.fromkeys(later, (NOW, NOW + HOURS)),
            text="決まりました。",
            actor=ACTOR,
            now=NOW,
        )
    session.refresh(workshop)
    steps.resume(session, workshop, times=later, text="決まりました。", actor=ACTOR, now=NOW)
    assert (workshop.state, workshop.stop_reason) == (WorkshopState.ANNOUNCED, "")
    assert {day.id: day.starts_at for day in workshop.days} == {
        key: times[0] for key, times in later.items()
    }
    assert workshop.first_day == clock.local_date(later[first][0])
    assert [notice.kind for notice in workshop.notices] == [
        WorkshopNoticeKind.POSTPONED,
        WorkshopNoticeKind.RESUMED,
    ]
    assert news_of(session, workshop) == [
        NewsEvent.ANNOUNCED,
        NewsEvent.POSTPONED,
        NewsEvent.CHANGED,
    ]


def test_a_day_that_was_held_before_the_postponement_stays(
    session: Session, department: Department
) -> None:
    workshop = new(session, department)
    steps.announce(session, workshop, actor=ACTOR, now=NOW)
    between = FIRST + timedelta(days=1)
    steps.postpone(session, workshop, reason=REASON, actor=ACTOR, now=between)
    held, waiting = workshop.days
    assert steps.days_to_fix(workshop) == [waiting]
    new_time = (FIRST + timedelta(days=60), FIRST + timedelta(days=60) + HOURS)
    steps.resume(
        session,
        workshop,
        times={waiting.id: new_time},
        text="決まりました。",
        actor=ACTOR,
        now=between,
    )
    assert held.starts_at == FIRST
    assert workshop.last_day == clock.local_date(new_time[0])


def test_cancelling_one_day_leaves_the_other(session: Session, department: Department) -> None:
    workshop = new(session, department)
    steps.announce(session, workshop, actor=ACTOR, now=NOW)
    first, second = workshop.days
    steps.cancel_day(session, workshop, first, reason=REASON, actor=ACTOR, now=NOW)
    assert workshop.state is WorkshopState.ANNOUNCED
    assert (workshop.first_day, workshop.last_day) == (clock.local_date(second.starts_at),) * 2
    assert REASON in workshop.notices[-1].text
    with pytest.raises(StateConflict, match="すでに"):
        steps.cancel_day(session, workshop, first, reason=REASON, actor=ACTOR, now=NOW)
    with pytest.raises(StateConflict, match="全体"):
        steps.cancel_day(session, workshop, second, reason=REASON, actor=ACTOR, now=NOW)


def test_what_is_over_is_neither_postponed_nor_cancelled(
    session: Session, department: Department
) -> None:
    workshop = new(session, department)
    steps.announce(session, workshop, actor=ACTOR, now=NOW)
    after = FIRST + timedelta(days=8)
    for act in (steps.postpone, steps.cancel):
        with pytest.raises(StateConflict, match="終わって"):
            act(session, workshop, reason=REASON, actor=ACTOR, now=after)
    with pytest.raises(StateConflict, match="始まった後"):
        steps.mark_reported(session, workshop, actor=ACTOR, now=NOW)
    steps.mark_reported(session, workshop, text="30人が話し合いました。", actor=ACTOR, now=after)
    assert workshop.state is WorkshopState.REPORTED
    steps.mark_reported(session, workshop, actor=ACTOR, now=after)
    assert news_of(session, workshop)[1:] == [NewsEvent.DECIDED, NewsEvent.CHANGED]


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (steps.postpone, LetterKind.POSTPONED),
        (steps.cancel, LetterKind.CANCELLED),
    ],
)
def test_who_registered_is_written_to(
    session: Session, department: Department, act: object, kind: LetterKind
) -> None:
    workshop = make_workshop(session, department)
    make_registration(session, make_pool(session, workshop))
    act(session, workshop, reason=REASON, actor=ACTOR, now=clock.now())  # type: ignore[operator]
    letter = session.scalars(
        select(WorkshopLetter).where(WorkshopLetter.workshop_id == workshop.id)
    ).one()
    assert letter.kind is kind
    assert REASON in letter.body
    assert workshop.title in letter.subject


def test_a_notice_is_public_and_goes_by_mail_when_wished(
    session: Session, department: Department
) -> None:
    workshop = new(session, department)
    with pytest.raises(StateConflict):
        steps.publish_notice(session, workshop, text="駐車場が使えます。", actor=ACTOR, now=NOW)
    steps.announce(session, workshop, actor=ACTOR, now=NOW)
    steps.publish_notice(session, workshop, text="駐車場が使えます。", actor=ACTOR, now=NOW)
    assert [notice.text for notice in workshop.notices] == ["駐車場が使えます。"]
    assert session.scalars(select(WorkshopLetter)).all() == []
    make_registration(session, make_pool(session, workshop, kind=SeatKind.ONLINE))
    steps.publish_notice(
        session, workshop, text="持ち物が増えました。", by_mail=True, actor=ACTOR, now=NOW
    )
    assert session.scalars(select(WorkshopLetter)).one().kind is LetterKind.TYPED


ACTS = ("announce", "postpone", "resume", "cancel", "cancel_day", "report", "notice")


def take(session: Session, workshop: Workshop, act: str, now: datetime) -> None:
    common = {"actor": ACTOR, "now": now}
    if act == "announce":
        steps.announce(session, workshop, **common)  # type: ignore[arg-type]
    elif act == "postpone":
        steps.postpone(session, workshop, reason=REASON, **common)  # type: ignore[arg-type]
    elif act == "cancel":
        steps.cancel(session, workshop, reason=REASON, **common)  # type: ignore[arg-type]
    elif act == "cancel_day":
        steps.cancel_day(session, workshop, workshop.days[0], reason=REASON, **common)  # type: ignore[arg-type]
    elif act == "report":
        steps.mark_reported(session, workshop, **common)  # type: ignore[arg-type]
    elif act == "notice":
        steps.publish_notice(session, workshop, text="お知らせ", **common)  # type: ignore[arg-type]
    else:
        times = {
            day.id: (now + timedelta(days=20 + day.id), now + timedelta(days=20 + day.id) + HOURS)
            for day in workshop.days
        }
        steps.resume(session, workshop, times=times, text="決定", **common)  # type: ignore[arg-type]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 20)), min_size=1, max_size=12))
def test_whatever_is_tried_the_states_follow_the_table(
    session: Session, acts: list[tuple[str, int]]
) -> None:
    department = make_department(session, "みどり課")
    workshop = new(session, department)
    session.commit()
    now = NOW
    for act, days in acts:
        now += timedelta(days=days)
        was, version = workshop.state, workshop.version
        news, verbs = len(news_of(session, workshop)), len(verbs_of(session, workshop))
        try:
            take(session, workshop, act, now)
        except DomainError:
            session.rollback()
            assert (workshop.state, workshop.version) == (was, version)
            assert len(verbs_of(session, workshop)) == verbs
            continue
        session.commit()
        if workshop.state is not was:
            assert any(was in step.sources and step.target is workshop.state for step in STEPS)
        # Whoever looked before has to look again; residents and the log hear of it once.
        assert workshop.version == version + 1
        assert len(news_of(session, workshop)) == news + 1
        assert len(verbs_of(session, workshop)) == verbs + 1
        stopped = workshop.state in {WorkshopState.POSTPONED, WorkshopState.CANCELLED}
        assert bool(workshop.stop_reason) == stopped
        standing = [day for day in workshop.days if not day.stop_reason]
        assert standing
        assert workshop.first_day == min(clock.local_date(day.starts_at) for day in standing)
        assert workshop.last_day == max(clock.local_date(day.starts_at) for day in standing)


def test_the_opening_is_told_once(session: Session, department: Department) -> None:
    workshop = new(session, department)
    early = new(session, department)
    (pool,) = pools_of(session, workshop.id)
    pool.opens_at = NOW + timedelta(days=2)
    session.flush()
    for one in (workshop, early):
        steps.announce(session, one, actor=ACTOR, now=NOW)
    assert tell_openings(session, NOW + timedelta(days=1)) == 0
    opened = NOW + timedelta(days=2)
    assert tell_openings(session, opened) == 1
    assert tell_openings(session, opened + timedelta(minutes=1)) == 0
    assert news_of(session, workshop) == [NewsEvent.ANNOUNCED, NewsEvent.OPENED]
    assert news_of(session, early) == [NewsEvent.ANNOUNCED]


def test_every_step_has_a_name_in_the_log() -> None:
    assert {step.verb for step in STEPS} <= set(VERB_LABELS)


def test_the_table_names_every_way_out_of_every_state() -> None:
    for state in WorkshopState:
        for step in STEPS:
            workshop = Workshop(state=state)
            if state in step.sources:
                check(step, workshop)
            else:
                with pytest.raises(StateConflict):
                    check(step, workshop)
