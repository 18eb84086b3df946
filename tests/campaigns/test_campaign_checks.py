"""要綱チェック: each rule of the city held against a campaign."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.checks import (
    Finding,
    Weight,
    checks_before_opening,
    checks_before_publishing,
)
from participation.campaigns.models import (
    Campaign,
    CampaignState,
    DeadlineRule,
    Document,
    DocumentKind,
    DocumentVersion,
    Procedure,
)
from participation.city.models import City, ClosedDay
from participation.city.office_days import named_days
from participation.core.actors import Role
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department, make_user, sign_in

NOW = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 10, 13), date(2026, 11, 11)  # 30 days, both counted; ends on a Wednesday


def complete(session: Session, **more: Any) -> Campaign:
    values = {
        "state": CampaignState.PREPARING,
        "opens_on": FIRST,
        "closes_on": LAST,
        "purpose": "趣旨",
        "phone": "00-0000-0000",
        "result_due_on": LAST + timedelta(days=30),
        **more,
    }
    campaign = make_campaign(session, make_department(session), **values)
    document = Document(campaign_id=campaign.id, position=0, kind=DocumentKind.DRAFT, title="案")
    document.versions = [DocumentVersion(number=1, source="# 案", created_at=NOW, published_at=NOW)]
    session.add(document)
    session.commit()
    return campaign


def failed(session: Session, campaign: Campaign, now: datetime = NOW) -> dict[str, Finding]:
    findings = checks_before_opening(session, campaign, now)
    assert len({finding.rule for finding in findings}) == len(findings)
    return {finding.rule: finding for finding in findings if not finding.passed}


def test_a_complete_campaign_passes_everything(session: Session) -> None:
    assert failed(session, complete(session)) == {}


@pytest.mark.parametrize(
    ("more", "rule", "weight"),
    [
        ({"closes_on": LAST - timedelta(days=1)}, "minimum_days", Weight.MUST),
        (
            {"closes_on": LAST - timedelta(days=1), "short_reason": "施行日のため"},
            "minimum_days",
            Weight.ADVICE,
        ),
        ({"opens_on": date(2026, 10, 7)}, "notice_days", Weight.REASON),
        ({"purpose": " "}, "purpose", Weight.REASON),
        ({"phone": ""}, "contact", Weight.REASON),
        ({"result_due_on": LAST + timedelta(days=61)}, "result_due", Weight.REASON),
        ({"result_due_on": None}, "result_due", Weight.ADVICE),
        ({"closes_on": date(2027, 1, 4)}, "year_end", Weight.ADVICE),
        ({"closes_on": date(2026, 11, 14)}, "last_day", Weight.ADVICE),
        ({"closes_on": date(2026, 11, 23)}, "last_day", Weight.ADVICE),
        ({"purpose": "11月11日必着です。"}, "contradiction", Weight.ADVICE),
    ],
)
def test_each_rule_finds_its_fault(
    session: Session, more: dict[str, Any], rule: str, weight: Weight
) -> None:
    found = failed(session, complete(session, **more))
    assert rule in found
    assert found[rule].weight is weight
    assert found[rule].text
    assert found[rule].advice


def test_without_a_period_nothing_else_is_said_of_it(session: Session) -> None:
    campaign = complete(session)
    campaign.opens_on = campaign.closes_on = None
    assert failed(session, campaign)["period"].stops


@pytest.mark.parametrize("day", [date(2026, 12, 28), date(2027, 1, 4)])
def test_the_turn_of_the_year_is_seen_only_when_it_is_inside(session: Session, day: date) -> None:
    before = day < date(2027, 1, 1)
    first = date(2026, 11, 20) if before else day
    campaign = complete(session, opens_on=first, closes_on=day if before else date(2027, 2, 10))
    assert "year_end" not in failed(session, campaign)


def test_the_citys_own_figures_count(session: Session) -> None:
    session.add(
        City(
            id=1,
            name="例市",
            prefecture="例県",
            code="131016",
            rules={
                "campaign.minimum_days": 31,
                "campaign.minimum_places": 2,
                "campaign.minimum_channels": 5,
                "campaign.notice_days": 0,
            },
            updated_at=NOW,
        )
    )
    session.add(ClosedDay(day=LAST, label="市制記念日"))
    campaign = complete(session, opens_on=FIRST)
    campaign.channels.pop()
    session.commit()
    found = failed(session, campaign)
    assert set(found) == {"minimum_days", "places", "channels", "last_day"}
    assert "市制記念日" in found["last_day"].text


@settings(max_examples=25)
@given(last=st.dates(date(2026, 12, 1), date(2027, 10, 1)))
def test_the_last_day_is_an_office_day_or_is_flagged(session: Session, last: date) -> None:
    """A weekend and a national holiday are the same to it, whatever else is wrong."""
    campaign = session.scalar(select(Campaign)) or complete(session)
    campaign.closes_on = last
    by_rule = {one.rule: one for one in checks_before_opening(session, campaign, NOW)}
    finding = by_rule["last_day"]
    holiday = named_days(session, last, last).get(last)
    assert finding.passed == (last.weekday() < 5 and holiday is None)
    assert finding.weight is Weight.ADVICE
    assert not finding.needs_reason
    assert bool(finding.advice) != finding.passed
    if holiday is not None:
        assert f"（{holiday.holiday}）" in finding.text


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (date(2027, 5, 3), "最終日は閉庁日です（憲法記念日）。"),
        (date(2027, 3, 22), "最終日は閉庁日です（春分の日 振替休日）。"),
        (date(2027, 5, 2), "最終日は閉庁日です（日曜日）。"),
        (date(2027, 5, 6), "最終日は開庁日です。"),
    ],
)
def test_staff_read_why_the_last_day_is_none(
    client: FlaskClient, session: Session, last: date, said: str
) -> None:
    campaign = complete(session, closes_on=last)
    sign_in(client, session, make_user(session, Role.COORDINATOR))
    assert said in client.get(f"/staff/campaigns/{campaign.id}").text


def test_a_destination_must_not_say_another_rule(session: Session) -> None:
    campaign = complete(session)
    post = next(one for one in campaign.channels if one.rule is DeadlineRule.POSTMARK)
    post.destination = "市役所（消印有効）"
    assert "contradiction" not in failed(session, campaign)
    post.destination = "市役所（必着）"
    assert "郵送の提出先に「必着」" in failed(session, campaign)["contradiction"].text


def test_an_inspection_may_take_nothing(session: Session) -> None:
    campaign = complete(session, procedure=Procedure.INSPECTION, closes_on=date(2026, 10, 26))
    campaign.channels = []
    session.commit()
    assert failed(session, campaign) == {}
    campaign.procedure = Procedure.COMMENT
    assert failed(session, campaign)["channels"].stops


def test_before_publishing_the_post_is_waited_for(session: Session) -> None:
    campaign = complete(session, state=CampaignState.CLOSED)

    def wrong(day: date) -> set[str]:
        now = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        found = checks_before_publishing(session, campaign, now)
        return {finding.rule for finding in found if not finding.passed}

    assert wrong(LAST) == {"over", "count_final"}
    assert wrong(LAST + timedelta(days=7)) == {"count_final"}
    assert wrong(LAST + timedelta(days=8)) == set()
    assert wrong(LAST + timedelta(days=31)) == {"result_due"}
    assert wrong(LAST + timedelta(days=61)) == {"result_due", "result_days"}
    for channel in campaign.channels:
        channel.rule, channel.grace_days = DeadlineRule.MUST_ARRIVE, 0
    assert wrong(LAST + timedelta(days=1)) == set()
