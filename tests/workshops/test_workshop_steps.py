"""A workshop's life: postponed, resumed, cancelled; every step told and written down."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.labels import VERB_LABELS
from participation.audit.life import check
from participation.core import clock
from participation.core.errors import DomainError, InvalidInput, StateConflict
from participation.departments.models import Department
from participation.news.models import NewsEvent
from participation.workshops.models import (
    LetterKind,
    SeatKind,
    Workshop,
    WorkshopLetter,
    WorkshopNoticeKind,
    WorkshopState,
)
from participation.workshops.services import steps
from participation.workshops.services.state_machine import STEPS
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.life import ACTOR, FIRST, HOURS, NOW, new, news_of, verbs_of

REASON = "大雪のおそれがあるため。"


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


@pytest.mark.slow
@settings(max_examples=40)
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
