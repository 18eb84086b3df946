"""What becomes public stands in the news once, numbered in the order of the commits."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, CampaignState, Procedure
from participation.campaigns.services import notices, steps
from participation.campaigns.services.channels import ChannelTerms, edit_channels
from participation.campaigns.services.clockwork import move_by_clock
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.deadlines import end_of_day
from participation.db.extension import db
from participation.news.models import NewsEvent, NewsItem
from participation.news.services import MOST_TEXT, publish
from participation.reports.services import editions
from tests.campaigns.arrange import make_campaign
from tests.campaigns.documents_arrange import (
    CHANGED,
    add_version,
    make_document,
    publish_version,
)
from tests.campaigns.results import World
from tests.factories import make_department
from tests.reports.built import built, drafted
from tests.reports.built import published as published_edition
from tests.reports.world import make_world

ACTOR = system_actor("tests")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 30)


def news(session: Session) -> list[NewsItem]:
    return list(session.scalars(select(NewsItem).order_by(NewsItem.id)))


def events(session: Session) -> list[NewsEvent]:
    return [item.event for item in news(session)]


def tell(session: Session, title: str = "緑の基本計画", text: str = "") -> NewsItem:
    return publish(
        session,
        NewsEvent.CHANGED,
        reference="campaign:1",
        kind="campaign.comment",
        department_id=None,
        title=title,
        text=text,
        now=NOW,
    )


def planned(session: Session, **more: object) -> Campaign:
    values = {"state": CampaignState.PLANNED, "opens_on": FIRST, "closes_on": LAST, **more}
    campaign = make_campaign(session, make_department(session, "みどり課"), **values)  # type: ignore[arg-type]
    if campaign.state is CampaignState.PREPARING:
        make_document(session, campaign)
    session.commit()
    return campaign


def test_a_campaign_is_announced_opens_and_is_extended(session: Session) -> None:
    campaign = planned(session, state=CampaignState.PREPARING, purpose="緑を守ります。")
    steps.announce(session, campaign, reason="急ぐため", actor=ACTOR, now=NOW)
    opening = end_of_day(FIRST - timedelta(days=1))
    move_by_clock(session, opening)
    move_by_clock(session, opening)
    later = LAST + timedelta(days=7)
    steps.extend(
        session, campaign, closes_on=later, reason="誤りがあった", actor=ACTOR, now=opening
    )
    notices.publish_notice(session, campaign, text="説明会を開きます", actor=ACTOR, now=opening)
    move_by_clock(session, end_of_day(later))
    assert events(session) == [
        NewsEvent.ANNOUNCED,
        NewsEvent.OPENED,
        NewsEvent.EXTENDED,
        NewsEvent.CHANGED,
    ]
    found = news(session)
    assert {(one.reference, one.kind) for one in found} == {
        (f"campaign:{campaign.id}", "campaign.comment")
    }
    assert {(one.title, one.department_id) for one in found} == {
        (campaign.title, campaign.department_id)
    }
    assert "令和8年12月30日" in found[1].text
    assert found[2].text.startswith("最終日を令和9年1月6日")
    assert found[3].text == "説明会を開きます"
    assert found[1].at == opening


def test_a_period_that_passed_unseen_is_not_announced_as_open(session: Session) -> None:
    planned(session)
    assert move_by_clock(session, end_of_day(LAST)) == 1
    assert events(session) == []


def test_a_period_that_is_fixed_later_is_told_and_the_same_one_is_not(session: Session) -> None:
    campaign = planned(session, state=CampaignState.PREPARING, procedure=Procedure.INSPECTION)
    campaign.opens_on = campaign.closes_on = None
    campaign.planned_period = "12月ごろ"
    session.flush()
    steps.announce(session, campaign, reason="急ぐため", actor=ACTOR, now=NOW)
    for _ in range(2):
        steps.fix_period(
            session,
            campaign,
            opens_on=FIRST,
            closes_on=LAST,
            reason="急ぐため",
            actor=ACTOR,
            now=NOW,
        )
    assert events(session) == [NewsEvent.ANNOUNCED, NewsEvent.CHANGED]
    assert news(session)[0].text == "期間：12月ごろ（予定）"
    assert news(session)[0].kind == "campaign.inspection"


def test_cancelling_is_news_only_of_what_was_announced(session: Session) -> None:
    steps.cancel(session, planned(session), reason="国の方針が変わった", actor=ACTOR, now=NOW)
    hidden = planned(session, state=CampaignState.PREPARING, title="内緒の案")
    steps.cancel(session, hidden, reason="やめた", actor=ACTOR, now=NOW)
    assert [(one.event, one.text) for one in news(session)] == [
        (NewsEvent.CANCELLED, "国の方針が変わった")
    ]


def test_other_ways_to_submit_are_news_while_it_is_open(session: Session) -> None:
    campaign = planned(session, state=CampaignState.OPEN)
    during = end_of_day(FIRST)
    terms = [
        ChannelTerms(one.channel, one.rule, one.closing_time, one.destination, one.grace_days)
        for one in campaign.channels
    ]
    edit_channels(
        session, campaign, terms, notice="", version=campaign.version, actor=ACTOR, now=during
    )
    assert events(session) == []
    terms[0] = ChannelTerms(terms[0].channel, terms[0].rule, terms[0].closing_time, "新しい宛先", 0)
    edit_channels(
        session,
        campaign,
        terms,
        notice="宛先が変わりました",
        version=campaign.version,
        actor=ACTOR,
        now=during,
    )
    assert [one.text for one in news(session)] == ["宛先が変わりました"]


def test_a_document_that_comes_or_is_replaced_is_news(session: Session) -> None:
    campaign = planned(session, state=CampaignState.OPEN)
    document, _first = make_document(session, campaign)
    publish_version(session, campaign, add_version(session, campaign, document, CHANGED))
    added, replaced = news(session)
    assert added.text == "「緑の基本計画（案）」を追加しました。"
    assert replaced.text == (
        "「緑の基本計画（案）」を第2版に差し替えました。\n変更点：面積を改めた。"
    )


@pytest.mark.slow
def test_a_result_and_its_correction_are_news(session: Session) -> None:
    world = World(session, texts=("緑を増やしてほしい",))
    world.published()
    world.published(correction="数を直しました")
    found = news(session)
    assert [one.event for one in found] == [NewsEvent.DECIDED, NewsEvent.CHANGED]
    assert found[0].text == "考え方のとおりです。"
    assert found[1].text == "公表した結果を訂正しました。数を直しました"


def test_a_published_edition_is_news_and_its_correction_too(session: Session) -> None:
    make_world(session)
    now = clock.now()
    edition = drafted(session, now=now)
    built(session, edition, now=now)
    assert events(session) == []
    session.rollback()
    editions.publish_edition(session, edition, pdf_sha256=edition.pdf_sha256, actor=ACTOR, now=now)
    session.commit()
    published_edition(session, now=now, correction="誤字を直した")
    found = news(session)
    assert [(one.event, one.kind) for one in found] == [
        (NewsEvent.DECIDED, "edition"),
        (NewsEvent.CHANGED, "edition"),
    ]
    assert {one.reference for one in found} == {f"edition:{edition.fiscal_year}"}
    assert found[0].title == "市民参加の進捗状況（令和6年度）"
    assert found[1].text == "訂正しました（第2版）。誤字を直した"


def test_a_long_or_spoilt_text_is_made_fit(session: Session) -> None:
    item = tell(session, title="題\x00名", text="あ" * 1000)
    assert (item.title, len(item.text), item.text[-1]) == ("題名", MOST_TEXT, "…")


def test_an_act_that_is_undone_leaves_no_news(session: Session) -> None:
    tell(session)
    session.rollback()
    assert news(session) == []


def test_numbers_grow_in_the_order_of_commits(app: Flask, session: Session) -> None:
    """The second writer waits for the first, so whoever sees its number sees the smaller ones."""
    if session.get_bind().dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    session.rollback()
    numbered, may_commit = threading.Event(), threading.Event()
    numbers: dict[str, int] = {}

    def act(name: str, *, waits: bool) -> None:
        with app.app_context():
            numbers[name] = tell(db.session()).id
            if waits:
                numbered.set()
                may_commit.wait(3)
            db.session.commit()
            db.session.remove()

    slow = threading.Thread(target=act, args=("slow",), kwargs={"waits": True})
    slow.start()
    assert numbered.wait(5)
    quick = threading.Thread(target=act, args=("quick",), kwargs={"waits": False})
    quick.start()
    quick.join(0.5)
    assert quick.is_alive()  # it has no number yet, and so cannot come before the first
    may_commit.set()
    slow.join(5)
    quick.join(5)
    assert numbers["slow"] < numbers["quick"]
