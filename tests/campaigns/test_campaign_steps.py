"""A campaign's life: announced, moved on the stroke of the clock, extended, cancelled."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.campaigns.models import (
    Campaign,
    CampaignNotice,
    CampaignState,
    Document,
    DocumentKind,
    DocumentVersion,
    NoticeKind,
    Outcome,
    Procedure,
    SubjectType,
)
from participation.campaigns.periods import takes_opinions
from participation.campaigns.phases import phase
from participation.campaigns.services import notices, steps
from participation.campaigns.services.campaigns import create_campaign
from participation.campaigns.services.clockwork import move_by_clock
from participation.campaigns.services.state_machine import STEPS
from participation.city.queries import categories, eligibility
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.deadlines import end_of_day
from participation.core.errors import DomainError, InvalidInput, StateConflict
from participation.db.extension import db
from participation.departments.models import Department
from participation.submissions.models import Channel
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department

ACTOR = system_actor("tests")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 30)


@pytest.fixture
def department(session: Session) -> Department:
    return make_department(session, "みどり課")


def new(session: Session, department: Department, **more: object) -> Campaign:
    values = {
        "department": department,
        "title": "緑の基本計画（案）",
        "procedure": Procedure.COMMENT,
        "subject_type": SubjectType.PLAN,
        "year": 2026,
        "takes_opinions": True,
        **more,
    }
    campaign = create_campaign(session, actor=ACTOR, now=NOW, **values)  # type: ignore[arg-type]
    campaign.opens_on, campaign.closes_on = FIRST, LAST
    campaign.purpose, campaign.phone = "緑を守る計画を改めます。", "00-0000-0000"
    campaign.result_due_on = LAST + timedelta(days=30)
    session.flush()
    return campaign


def add_draft(session: Session, campaign: Campaign) -> DocumentVersion:
    document = Document(campaign_id=campaign.id, position=0, kind=DocumentKind.DRAFT, title="案")
    document.versions = [DocumentVersion(number=1, source="# 案", created_at=NOW)]
    session.add(document)
    session.flush()
    return document.versions[0]


def test_a_new_campaign_has_what_the_city_decided(session: Session, department: Department) -> None:
    campaign = new(session, department)
    assert [one.label for one in campaign.eligibilities] == list(eligibility(session))
    assert len(categories(session)) == 6
    assert {one.channel for one in campaign.channels} >= {Channel.WEB, Channel.POST}
    assert campaign.state is CampaignState.PREPARING
    assert campaign.announced_on is None


def announced(session: Session, department: Department) -> Campaign:
    campaign = new(session, department)
    add_draft(session, campaign)
    steps.announce(session, campaign, reason="印刷が間に合わないため", actor=ACTOR, now=NOW)
    return campaign


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ({"opens_on": None, "closes_on": None, "planned_period": ""}, "期間が決まっていません"),
        ({"channels": []}, "提出方法は0種類"),
        ({"closes_on": FIRST + timedelta(days=28)}, "募集期間は29日間"),
        ({"opens_on": TODAY - timedelta(days=1)}, "さかのぼって"),
    ],
)
def test_what_would_be_void_is_not_announced(
    session: Session, department: Department, spoil: dict[str, object], said: str
) -> None:
    campaign = new(session, department)
    add_draft(session, campaign)
    for name, value in spoil.items():
        setattr(campaign, name, value)
    session.flush()
    with pytest.raises(InvalidInput, match=said):
        steps.announce(session, campaign, reason="急ぐため", actor=ACTOR, now=NOW)


def test_without_a_draft_nobody_is_asked(session: Session, department: Department) -> None:
    with pytest.raises(InvalidInput, match="案の資料がありません"):
        steps.announce(session, new(session, department), reason="急ぐ", actor=ACTOR, now=NOW)


def test_a_rule_is_broken_only_with_a_reason(session: Session, department: Department) -> None:
    campaign = new(session, department)  # without any viewing place
    add_draft(session, campaign)
    with pytest.raises(InvalidInput, match="理由を入力"):
        steps.announce(session, campaign, reason=" ", actor=ACTOR, now=NOW)
    steps.announce(session, campaign, reason="庁舎の工事のため", actor=ACTOR, now=NOW)
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert event.reason == "庁舎の工事のため"
    assert event.after is not None
    assert "閲覧場所は0か所" in event.after["rules_not_kept"][0]
    assert campaign.announced_on == TODAY


def test_thirty_days_count_both_ends_and_a_short_period_needs_its_reason(
    session: Session, department: Department
) -> None:
    campaign = new(session, department)
    add_draft(session, campaign)
    campaign.closes_on = FIRST + timedelta(days=13)
    session.flush()
    with pytest.raises(InvalidInput, match="14日間"):
        steps.announce(session, campaign, reason="急ぐため", actor=ACTOR, now=NOW)
    campaign.short_reason = "法の施行日が迫っているため"
    session.flush()
    steps.announce(session, campaign, reason="場所がないため", actor=ACTOR, now=NOW)
    assert campaign.state is CampaignState.PLANNED


def test_a_version_nobody_looked_at_is_not_announced(
    session: Session, department: Department
) -> None:
    campaign = new(session, department)
    with pytest.raises(StateConflict, match="変更されました"):
        steps.announce(
            session, campaign, version=campaign.version - 1, reason="", actor=ACTOR, now=NOW
        )


def test_the_clock_opens_and_closes_on_the_stroke(session: Session, department: Department) -> None:
    campaign = announced(session, department)
    opening = end_of_day(FIRST - timedelta(days=1))
    tick = timedelta(milliseconds=1)
    assert move_by_clock(session, opening - tick) == 0
    assert phase(campaign, opening - tick) is CampaignState.PLANNED
    assert not takes_opinions(campaign, opening - tick)
    assert phase(campaign, opening) is CampaignState.OPEN  # shown so before the worker comes
    assert campaign.state is CampaignState.PLANNED  # and reading moved nothing
    assert move_by_clock(session, opening) == 1
    assert move_by_clock(session, opening) == 0
    closing = end_of_day(LAST)
    assert move_by_clock(session, closing - tick) == 0
    assert takes_opinions(campaign, closing - tick)
    assert phase(campaign, closing) is CampaignState.CLOSED
    assert move_by_clock(session, closing) == 1
    assert campaign.state is CampaignState.CLOSED


def test_a_worker_that_slept_catches_up(session: Session, department: Department) -> None:
    campaign = announced(session, department)
    assert move_by_clock(session, end_of_day(LAST) + timedelta(days=3)) == 1
    assert campaign.state is CampaignState.CLOSED
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-2:] == ["campaigns.campaign.opened", "campaigns.campaign.closed"]


def test_two_workers_move_a_campaign_once(
    app: Flask, session: Session, department: Department
) -> None:
    announced(session, department)
    session.commit()
    opening = end_of_day(FIRST - timedelta(days=1))
    ready = Barrier(4)

    def sweep() -> int:
        with app.app_context():
            ready.wait()
            moved = move_by_clock(db.session(), opening)
            db.session.commit()
            db.session.remove()
            return moved

    with ThreadPoolExecutor(4) as pool:
        moved = [future.result() for future in [pool.submit(sweep) for _ in range(4)]]
    assert sorted(moved) == [0, 0, 0, 1]
    opened = select(AuditEvent).where(AuditEvent.action == "campaigns.campaign.opened")
    assert len(session.scalars(opened).all()) == 1


@dataclass
class Dates:
    state: CampaignState
    opens_on: date | None
    closes_on: date | None
    procedure: Procedure = Procedure.COMMENT


@given(
    state=st.sampled_from((CampaignState.PLANNED, CampaignState.OPEN)),
    days=st.integers(0, 60),
    milliseconds=st.integers(-5 * 86_400_000, 70 * 86_400_000),
)
def test_a_page_shows_open_exactly_while_the_form_is(
    state: CampaignState, days: int, milliseconds: int
) -> None:
    opening = end_of_day(FIRST - timedelta(days=1))
    if state is CampaignState.OPEN:  # only the clock opens, and never before the day
        milliseconds = max(milliseconds, 0)
    now = opening + timedelta(milliseconds=milliseconds)
    campaign = Dates(state, FIRST, FIRST + timedelta(days=days))
    assert takes_opinions(campaign, now) == (phase(campaign, now) is CampaignState.OPEN)


def test_the_opening_publishes_what_waits(session: Session, department: Department) -> None:
    campaign = announced(session, department)
    version = session.scalars(select(DocumentVersion)).one()
    assert version.published_at is None
    opening = end_of_day(FIRST - timedelta(days=1))
    move_by_clock(session, opening)
    session.refresh(version)
    assert version.published_at == opening
    assert campaign.notices == []


def test_a_campaign_without_dates_waits(session: Session, department: Department) -> None:
    campaign = new(session, department)
    campaign.opens_on = campaign.closes_on = None
    campaign.planned_period = "12月ごろ"
    session.flush()
    steps.announce(session, campaign, actor=ACTOR, now=NOW)
    assert move_by_clock(session, NOW + timedelta(days=400)) == 0
    with pytest.raises(InvalidInput, match="案の資料がありません"):
        steps.fix_period(
            session, campaign, opens_on=FIRST, closes_on=LAST, reason="急ぐ", actor=ACTOR, now=NOW
        )
    session.refresh(campaign)
    add_draft(session, campaign)
    steps.fix_period(
        session, campaign, opens_on=FIRST, closes_on=LAST, reason="急ぐ", actor=ACTOR, now=NOW
    )
    assert campaign.notices == []
    later = FIRST + timedelta(days=2)
    steps.fix_period(
        session,
        campaign,
        opens_on=later,
        closes_on=LAST + timedelta(days=9),
        reason="急ぐ",
        actor=ACTOR,
        now=NOW,
    )
    assert [one.kind for one in campaign.notices] == [NoticeKind.OTHER]
    assert "12月1日" in campaign.notices[0].text
    with pytest.raises(StateConflict):
        steps.fix_period(
            session,
            campaign,
            opens_on=later,
            closes_on=LAST,
            actor=ACTOR,
            now=end_of_day(later - timedelta(days=1)),
        )


def test_an_extension_is_a_dated_notice_and_only_later(
    session: Session, department: Department
) -> None:
    campaign = make_campaign(
        session, department, opens_on=FIRST, closes_on=LAST, announced_on=TODAY
    )
    campaign.places[0].closes_on = LAST
    session.commit()
    during = end_of_day(FIRST)
    later = LAST + timedelta(days=7)

    def extend(day: date, reason: str = "資料を差し替えたため", now: datetime = during) -> None:
        steps.extend(session, campaign, closes_on=day, reason=reason, actor=ACTOR, now=now)

    with pytest.raises(InvalidInput, match="より後"):
        extend(LAST)
    with pytest.raises(InvalidInput, match="理由"):
        extend(later, " ")
    with pytest.raises(StateConflict):
        extend(later, now=end_of_day(LAST))  # T: it is over, although nobody moved the state
    session.rollback()
    extend(later, now=end_of_day(LAST) - timedelta(milliseconds=1))
    notice = session.scalars(select(CampaignNotice)).one()
    assert (notice.kind, notice.old_closes_on, notice.new_closes_on) == (
        NoticeKind.EXTENDED,
        LAST,
        later,
    )
    assert campaign.places[0].closes_on == later
    assert takes_opinions(campaign, end_of_day(LAST))
    assert move_by_clock(session, end_of_day(LAST)) == 0


def test_cancelling_is_told_with_its_reason(session: Session, department: Department) -> None:
    campaign = make_campaign(session, department)
    with pytest.raises(InvalidInput):
        steps.cancel(session, campaign, reason="", actor=ACTOR, now=NOW)
    steps.cancel(session, campaign, reason="国の方針が変わったため", actor=ACTOR, now=NOW)
    assert [one.kind for one in campaign.notices] == [NoticeKind.CANCELLED]
    with pytest.raises(StateConflict):
        steps.cancel(session, campaign, reason="もう一度", actor=ACTOR, now=NOW)


def test_a_campaign_nobody_has_seen_is_cancelled_without_a_notice(
    session: Session, department: Department
) -> None:
    campaign = make_campaign(session, department, state=CampaignState.PREPARING)
    steps.cancel(session, campaign, reason="取りやめ", actor=ACTOR, now=NOW)
    assert campaign.notices == []
    with pytest.raises(StateConflict):
        notices.publish_notice(session, campaign, text="お知らせ", actor=ACTOR, now=NOW)


def test_the_result_comes_after_the_end_and_again_for_a_correction(
    session: Session, department: Department
) -> None:
    campaign = make_campaign(session, department)
    publish = {"outcome": Outcome.AMENDED, "note": "3か所を修正", "actor": ACTOR, "now": NOW}
    with pytest.raises(StateConflict):
        steps.mark_published(session, campaign, **publish)  # type: ignore[arg-type]
    campaign.state = CampaignState.CLOSED
    session.flush()
    steps.begin_review(session, campaign, actor=ACTOR, now=NOW)
    steps.mark_published(session, campaign, **publish)  # type: ignore[arg-type]
    steps.mark_published(
        session, campaign, outcome=Outcome.UNCHANGED, note="", actor=ACTOR, now=NOW
    )
    assert (campaign.state, campaign.outcome) == (CampaignState.PUBLISHED, Outcome.UNCHANGED)


ACTS = ("announce", "extend", "review", "cancel", "publish", "notice", "clock")
_EDGES = {(source, step.target) for step in STEPS for source in step.sources}


@settings(max_examples=25)
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 25)), max_size=12))
def test_no_order_of_acts_leaves_the_table(session: Session, acts: list[tuple[str, int]]) -> None:
    """Whatever people and the clock do in whatever order: only the table's ways are taken."""
    department = make_department(session, "みどり課")
    campaign = new(session, department)
    add_draft(session, campaign)
    session.commit()
    now = NOW
    for act, days in acts:
        now += timedelta(days=days)
        was, ended = campaign.state, campaign.closes_on
        try:
            _do(session, campaign, act, now)
        except DomainError:
            session.rollback()
            assert campaign.state is was
        else:
            session.commit()
        assert campaign.closes_on is not None
        assert ended is not None
        assert campaign.closes_on >= ended
        if campaign.state is not was:
            through_open = (was, campaign.state) == (CampaignState.PLANNED, CampaignState.CLOSED)
            assert (was, campaign.state) in _EDGES or (act == "clock" and through_open)
        if takes_opinions(campaign, now):
            assert campaign.announced_on is not None
            assert campaign.opens_on is not None
            assert campaign.opens_on <= clock.local_date(now) <= campaign.closes_on


def _do(session: Session, campaign: Campaign, act: str, now: datetime) -> None:
    later = (campaign.closes_on or LAST) + timedelta(days=3)
    match act:
        case "announce":
            steps.announce(session, campaign, reason="急ぐため", actor=ACTOR, now=now)
        case "extend":
            steps.extend(session, campaign, closes_on=later, reason="差替え", actor=ACTOR, now=now)
        case "review":
            steps.begin_review(session, campaign, actor=ACTOR, now=now)
        case "cancel":
            steps.cancel(session, campaign, reason="中止", actor=ACTOR, now=now)
        case "publish":
            steps.mark_published(
                session, campaign, outcome=Outcome.UNCHANGED, note="", actor=ACTOR, now=now
            )
        case "notice":
            notices.publish_notice(session, campaign, text="お知らせ", actor=ACTOR, now=now)
        case "clock":
            move_by_clock(session, now)
