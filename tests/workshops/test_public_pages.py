"""Residents' pages: the lists with their filters and pages, and the page of one workshop."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from participation.campaigns.models import CampaignState
from participation.city.models import SubjectArea
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.occasions import OccasionFilter
from participation.workshops.models import (
    SeatKind,
    SeatMethod,
    SignUp,
    WorkshopNotice,
    WorkshopNoticeKind,
    WorkshopState,
)
from participation.workshops.queries.public_lists import Listed, PublicFilter, listed
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_registration, make_workshop

EVIL = "</script><script>alert(1)</script><b>\"'&"
SYSTEM = system_actor("tests")


def page_of(client, workshop):
    response = client.get(f"/workshops/{workshop.id}/")
    assert response.status_code == 200
    return response.text


def data_of(text):
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert len(found) == 1
    return json.loads(found[0])


def test_nothing_yet(client):
    text = client.get("/workshops/").text
    assert "いま申し込める催しはありません" in text
    assert "募集が始まると、ここに表示します" in text


def test_each_stands_in_one_list_only(client, session, department):
    now = clock.now()
    begun = now - timedelta(days=30)
    make_pool(session, make_workshop(session, department, title="受付中の会"))
    coming = make_workshop(session, department, title="受付前の会")
    make_pool(session, coming, opens_at=now + timedelta(days=1))
    closed = make_workshop(session, department, title="締め切った会")
    make_pool(session, closed, opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1))
    make_workshop(session, department, title="申込不要の会", sign_up=SignUp.NONE)
    make_workshop(session, department, title="中止の会", state=WorkshopState.CANCELLED)
    make_workshop(
        session, department, title="延期の会", state=WorkshopState.POSTPONED, starts_at=begun
    )
    make_workshop(session, department, title="終わった会", starts_at=begun)
    make_workshop(session, department, title="秘密の会", state=WorkshopState.PREPARING)
    session.commit()
    found = {
        which: {
            one.workshop.title for one in listed(session, which, PublicFilter(), now=now, limit=50)
        }
        for which in Listed
    }
    assert found == {
        Listed.OPEN: {"受付中の会", "申込不要の会"},
        Listed.COMING: {"受付前の会", "締め切った会", "中止の会", "延期の会"},
        Listed.HELD: {"終わった会"},
    }
    text = client.get("/workshops/").text
    for title in set().union(*found.values()):
        assert text.count(f">{title}</a>") == 1
    assert "秘密の会" not in text


def test_filters(client, session, department):
    other = make_department(session, "防災課")
    one = make_workshop(session, department, title="公園の会", kind="workshop")
    make_workshop(session, other, title="防災の会", kind="briefing", fiscal_year=2031)
    session.add(SubjectArea(reference=f"workshop:{one.id}", area="防災・防犯"))
    session.commit()
    for query, shown, hidden in (
        ({"department": department.id}, "公園の会", "防災の会"),
        ({"kind": "briefing"}, "防災の会", "公園の会"),
        ({"area": "防災・防犯"}, "公園の会", "防災の会"),
        ({"year": 2031}, "防災の会", "公園の会"),
    ):
        text = client.get("/workshops/", query_string=query).text
        assert shown in text
        assert hidden not in text
        assert "すべて表示" in text
    nothing = client.get("/workshops/", query_string={"kind": "x'; DROP TABLE workshop; --"})
    assert "条件を変えるか" in nothing.text
    for spoilt in ({"year": "二千"}, {"department": "-1"}, {"open": "99999999-1"}, {"held": "x"}):
        assert client.get("/workshops/", query_string=spoilt).status_code == 200


def test_pages_show_everything_once(client, session, department):
    day = datetime(2026, 1, 10, 5, tzinfo=UTC)
    for number in range(45):
        # Several on one day, so that the order needs the number as well.
        make_workshop(
            session,
            department,
            title=f"第{number}回の会",
            starts_at=day + timedelta(days=number // 4),
        )
    session.commit()
    url, seen = "/workshops/", []
    while url:
        text = client.get(url).text
        seen += re.findall(r">(第\d+回の会)</a>", text)
        links = re.findall(r'href="([^"]+)" rel="next"', text)
        url = links[0].replace("&amp;", "&") if links else ""
    assert len(seen) == len(set(seen)) == 45
    assert seen[0] == "第44回の会"


def test_lists_cost_the_same_for_many(session, department, queries):
    for number in range(3):
        make_pool(session, make_workshop(session, department, title=f"会{number}"))
    session.commit()
    now = clock.now()
    queries.clear()
    listed(session, Listed.OPEN, PublicFilter(OccasionFilter()), now=now, limit=50)
    few = len(queries)
    for number in range(20):
        make_pool(session, make_workshop(session, department, title=f"次の会{number}"))
    session.commit()
    queries.clear()
    assert len(listed(session, Listed.OPEN, PublicFilter(), now=now, limit=50)) == 23
    assert len(queries) == few


def test_everything_that_a_resident_needs(client, session, department):
    campaign = make_campaign(session, department, title="公園計画（案）")
    workshop = make_workshop(
        session,
        department,
        days=2,
        starts_at=datetime(2027, 1, 16, 5, tzinfo=UTC),
        summary="公園のこれからを話し合います。",
        description="# 進め方\n\n- 歩く\n- 話す\n\n<script>alert(1)</script>",
        related=f"campaign:{campaign.id}",
        plan_name="みどりの基本計画",
        fee="資料代 200円",
        belongings="筆記用具",
        needs=["sign_language", "wheelchair"],
        how_else="電話でも申し込めます。",
        kind="workshop",
        extra={"facilitator": "大学の先生"},
        phone="0463-00-0000",
        section_name="公園係",
    )
    workshop.days[1].online = True
    workshop.days[1].heading = "第2回「まとめる」"
    make_pool(session, workshop, capacity=10)
    make_pool(
        session,
        workshop,
        kind=SeatKind.CHILDCARE,
        capacity=5,
        youngest_months=7,
        until_school=True,
    )
    session.add(
        WorkshopNotice(
            workshop_id=workshop.id,
            kind=WorkshopNoticeKind.OTHER,
            text="駐車場は混み合います。",
            at=clock.now(),
        )
    )
    session.commit()
    text = page_of(client, workshop)
    for words in (
        "令和9年1月16日（土）14:00～16:00",
        "令和9年1月23日（土）14:00～16:00",
        "第2回「まとめる」",
        "市役所 全員協議会室（伊勢原市田中348）",
        "オンラインでも参加できます",
        "空きがあります",
        "定員10名",
        "生後7か月",
        "手話通訳",
        "電話でも申し込めます",
        "市内に在住する方",
        "資料代 200円",
        "筆記用具",
        "大学の先生",
        "みどりの基本計画",
        "公園計画（案）",
        "駐車場は混み合います",
        "みどり課　公園係",
        "0463-00-0000",
        "<h3>進め方</h3>",
        "<li>歩く</li>",
        f"/workshops/{workshop.id}/register/",
    ):
        assert words in text, words
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    ("seats", "words"),
    [
        ((30, 0, True), "空きがあります"),
        ((30, 28, True), "残りわずかです"),
        ((2, 2, True), "満席です（キャンセル待ちの申込みができます）"),
        ((2, 2, False), "満席です"),
    ],
)
def test_seats_as_words(client, session, department, seats, words):
    capacity, taken, waitlist = seats
    workshop = make_workshop(session, department, largest_party=50)
    pool = make_pool(session, workshop, capacity=capacity, has_waitlist=waitlist)
    session.commit()
    before = page_of(client, workshop)
    if taken:
        make_registration(session, pool, seats=taken)
        session.commit()
    # Also right after a page that was kept in memory.
    text = page_of(client, workshop)
    assert words in text
    assert (before == text) is not bool(taken)
    assert (">申込みフォームへ</a>" in text) is (taken < capacity or waitlist)


def test_stopped_ones_say_why_and_offer_no_form(client, session, department):
    for state, title in (
        (WorkshopState.CANCELLED, "この催しは中止しました"),
        (WorkshopState.POSTPONED, "この催しは延期します"),
    ):
        workshop = make_workshop(session, department, state=state)
        make_pool(session, workshop)
        session.commit()
        text = page_of(client, workshop)
        assert title in text
        assert "大雨の警報が出たため" in text
        assert "/register/" not in re.sub(r"<script type.*?</script>", "", text, flags=re.DOTALL)


def test_unannounced_is_not_there(client, session, department):
    workshop = make_workshop(session, department, state=WorkshopState.PREPARING)
    session.commit()
    for path in ("", "outcome/", "questionnaire/"):
        assert client.get(f"/workshops/{workshop.id}/{path}").status_code == 404
    assert client.get("/workshops/999999/").status_code == 404


def test_an_unpublished_campaign_is_not_linked(client, session, department):
    campaign = make_campaign(
        session, department, title="まだ秘密の案", state=CampaignState.PREPARING
    )
    workshop = make_workshop(session, department, related=f"campaign:{campaign.id}")
    session.commit()
    assert "まだ秘密の案" not in page_of(client, workshop)


def test_lottery_shows_what_was_promised(client, session, department):
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop, method=SeatMethod.LOTTERY)
    session.commit()
    text = page_of(client, workshop)
    assert pool.draw_commitment in text
    assert "抽選です" in text
    assert pool.draw_seed not in text


def test_words_follow_the_clock(client, session, department):
    now = clock.now()
    for opens, closes, starts, words in (
        (1, 5, 20, "申込みの受付は令和"),
        (-5, -1, 20, "申込みの受付は終わりました"),
        (-9, -5, -1, "この催しは終わりました"),
    ):
        workshop = make_workshop(session, department, starts_at=now + timedelta(days=starts))
        make_pool(
            session,
            workshop,
            opens_at=now + timedelta(days=opens),
            closes_at=now + timedelta(days=closes),
        )
        session.commit()
        text = page_of(client, workshop)
        assert words in text
        assert ">申し込む</a>" not in text
        assert ("申込みの方法" in text) is (starts > 0)


def test_invited_only(client, session, department):
    workshop = make_workshop(session, department)
    make_pool(session, workshop, method=SeatMethod.INVITED)
    session.commit()
    text = page_of(client, workshop)
    assert "無作為抽出でご案内した方だけが申し込めます" in text
    assert f"/workshops/{workshop.id}/register/" in text


def test_structured_data(client, session, department):
    workshop = make_workshop(
        session,
        department,
        title=EVIL,
        days=2,
        starts_at=datetime(2027, 1, 16, 5, tzinfo=UTC),
        summary="話し合います。",
    )
    workshop.days[1].online, workshop.days[1].at_venue = True, False
    make_pool(session, workshop, capacity=2)
    session.commit()
    text = page_of(client, workshop)
    assert "</script><script>" not in text
    data = data_of(text)
    assert data["@type"] == "Event"
    assert data["name"] == EVIL
    assert data["startDate"] == "2027-01-16T14:00+09:00"
    assert data["endDate"] == "2027-01-23T16:00+09:00"
    assert data["eventStatus"] == "https://schema.org/EventScheduled"
    assert data["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert [place["@type"] for place in data["location"]] == ["Place", "VirtualLocation"]
    assert data["location"][0]["address"]["streetAddress"] == "伊勢原市田中348"
    assert data["organizer"]["name"].endswith("みどり課")
    assert data["isAccessibleForFree"] is True
    assert data["offers"][0]["availability"] == "https://schema.org/LimitedAvailability"
    assert data["offers"][0]["url"] == f"http://localhost/workshops/{workshop.id}/register/"
    assert [part["eventAttendanceMode"][19:] for part in data["subEvent"]] == [
        "OfflineEventAttendanceMode",
        "OnlineEventAttendanceMode",
    ]
    for state, status in (
        (WorkshopState.CANCELLED, "EventCancelled"),
        (WorkshopState.POSTPONED, "EventPostponed"),
    ):
        workshop.state, workshop.stop_reason = state, "大雪のため"
        workshop.version += 1
        session.commit()
        stopped = data_of(page_of(client, workshop))
        assert stopped["eventStatus"] == f"https://schema.org/{status}"
        assert "offers" not in stopped
