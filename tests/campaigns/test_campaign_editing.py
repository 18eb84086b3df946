"""Editing a campaign in the browser: nothing typed is lost, nobody is overwritten, rights hold."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignState,
    Document,
    DocumentKind,
    DocumentVersion,
    Procedure,
)
from participation.campaigns.services.editing import SECTIONS
from participation.city.models import Place
from participation.core import clock
from participation.core.actors import Role
from participation.departments.models import Department
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department, make_user, post, sign_in

BASICS = {"title": "緑の計画（案）", "subject_type": "plan"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"
CHANNELS = {
    "email-rule": "received_by_time",
    "fax-rule": "received_by_time",
    "counter-rule": "office_hours",
    "web-used": "y",
    "web-rule": "received_by_time",
    "web-closing_time": "24:00",
    "post-used": "y",
    "post-rule": "must_arrive",
    "post-closing_time": "17:15",
    "post-destination": "例市1-1 みどり課",
}


@pytest.fixture
def own(session: Session) -> Department:
    return make_department(session, "みどり課")


@pytest.fixture
def writer(client: FlaskClient, session: Session, own: Department) -> None:
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, own))


@pytest.fixture
def approver(client: FlaskClient, session: Session, own: Department) -> None:
    sign_in(client, session, make_user(session, Role.APPROVER, own))


def preparing(session: Session, own: Department, **more: Any) -> Campaign:
    first = clock.local_date(clock.now()) + timedelta(days=20)
    values = {"opens_on": first, "closes_on": first + timedelta(days=29), **more}
    return make_campaign(session, own, state=CampaignState.PREPARING, **values)


def edit(client: FlaskClient, campaign: Campaign, section: str, data: dict[str, str]) -> Any:
    url = f"/staff/campaigns/{campaign.id}/edit/{section}"
    seen = re.search(r'name="version"[^>]*value="(\d+)"', client.get(url).text)
    assert seen
    return post(client, url, {"version": seen[1], **data})


@pytest.mark.usefixtures("writer")
def test_a_slip_of_the_finger_in_the_year_is_said_and_kept(
    client: FlaskClient, session: Session, own: Department
) -> None:
    campaign = preparing(session, own)
    before = campaign.closes_on
    page = edit(client, campaign, "period", {"opens_on": "2026-12-01", "closes_on": "9999-12-31"})
    assert page.status_code == 422
    assert "年を確かめてください" in page.text
    assert "9999-12-31" in page.text
    session.expire_all()
    assert campaign.closes_on == before


@pytest.mark.usefixtures("writer")
def test_a_campaign_is_made_and_filled_in(
    client: FlaskClient, session: Session, own: Department
) -> None:
    session.add(Place(name="中央図書館", address="例市2-2", hours="9時～17時"))
    session.commit()
    made = post(
        client,
        "/staff/campaigns/new",
        {
            "title": "緑の基本計画（案）",
            "department_id": str(own.id),
            "procedure": "comment",
            "takes_opinions": "y",
            "subject_type": "plan",
            "fiscal_year": "2026",
        },
    )
    assert made.status_code == 303
    campaign = session.query(Campaign).one()
    first = clock.local_date(clock.now()) + timedelta(days=20)
    last = first + timedelta(days=30)
    steps: list[tuple[str, dict[str, str]]] = [
        (
            "basics",
            {**BASICS, "title": "緑の計画（案）", "purpose": "木陰を増やします。"},
        ),
        ("period", {"opens_on": first.isoformat(), "closes_on": last.isoformat()}),
        ("channels", CHANNELS),
        ("eligibility", {"lines": "市民の方\r\n\r\n市内で働く方"}),
        ("contact", {"phone": "00-0000-1234", "section_name": "緑化係"}),
        ("counting", {"counting_rule": "person_and_group"}),
        ("result", {"result_due_on": (last + timedelta(days=40)).isoformat()}),
        (
            "sender",
            {
                **{f"field_{key}": "no" for key in ("kana", "phone", "email", "organisation")},
                "field_representative": "no",
                "field_name": "optional",
                "field_address": "required",
                "anonymous_policy": "reference",
                "retention_days": "90",
            },
        ),
    ]
    for section, data in steps:
        session.rollback()
        answer = edit(client, campaign, section, data)
        assert answer.status_code == 303, (section, answer.text)
    page = client.get(f"/staff/campaigns/{campaign.id}/edit/places").text
    number = re.search(r'name="add"[^>]*value="(\d+)"', page)
    assert number
    places = {"add": number[1], "rows-0-name": "市役所1階ロビー", "rows-0-hours": "8:30–17:00"}
    assert edit(client, campaign, "places", places).status_code == 303
    session.expire_all()
    assert [one.name for one in campaign.places] == ["市役所1階ロビー", "中央図書館"]
    assert [one.label for one in campaign.eligibilities] == ["市民の方", "市内で働く方"]
    assert [one.channel.value for one in campaign.channels] == ["web", "post"]
    assert campaign.retention_days == 90
    page = client.get(f"/staff/campaigns/{campaign.id}").text
    for words in (
        "木陰を増やします",
        "17時15分までに届いたもの（必着）",
        "31日間",
        "緑化係",
        "中央図書館",
    ):
        assert words in page, words
    assert "消印有効" not in page


@pytest.mark.usefixtures("writer")
def test_what_somebody_else_changed_is_shown_beside_what_was_typed(
    client: FlaskClient, session: Session, own: Department
) -> None:
    campaign = preparing(session, own, purpose="前の趣旨")
    url = f"/staff/campaigns/{campaign.id}/edit/basics"
    client.get(url)
    basics = {"title": campaign.title, "subject_type": "plan"}
    assert edit(client, campaign, "basics", {**basics, "purpose": "相手の趣旨"}).status_code == 303
    mine = post(client, url, {**basics, "version": "1", "purpose": "私の趣旨\n2行目"})
    assert mine.status_code == 409
    assert "相手の趣旨" in mine.text
    assert "私の趣旨" in mine.text
    session.expire_all()
    assert campaign.purpose == "相手の趣旨"
    version = re.search(r'name="version"[^>]*value="(\d+)"', mine.text)
    assert version
    again = post(client, url, {**basics, "version": version[1], "purpose": "私の趣旨"})
    assert again.status_code == 303


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize(
    ("section", "data", "kept", "said"),
    [
        (
            "basics",
            {**BASICS, "title": "", "purpose": "長い趣旨"},
            "長い趣旨",
            "入力して",
        ),
        (
            "period",
            {"opens_on": "2026-12-10", "closes_on": "2026-12-01"},
            "2026-12-10",
            "開始日以降",
        ),
        ("period", {"opens_on": "2026-12-10", "short_reason": "急ぐ"}, "急ぐ", "両方を入力"),
        ("channels", {**CHANNELS, "post-closing_time": "25:00"}, "例市1-1", "17:15 のように"),
        ("eligibility", {"lines": "市民の方\n市民の方"}, "市民の方", "同じ行"),
        ("places", {"rows-0-name": "駅", "rows-1-name": "駅"}, "駅", "同じ名称"),
        ("contact", {"phone": "0" * 61, "fax": "00-1"}, "00-1", "60文字以内"),
        ("result", {"result_due_on": "2020-01-01"}, "2020-01-01", "最後の日以降"),
    ],
)
def test_what_was_typed_stays_after_a_no(  # noqa: PLR0917 -- a table of cases
    client: FlaskClient,
    session: Session,
    own: Department,
    section: str,
    data: dict[str, str],
    kept: str,
    said: str,
) -> None:
    answer = edit(client, preparing(session, own), section, data)
    assert answer.status_code == 422
    assert said in answer.text
    assert kept in answer.text


@pytest.mark.usefixtures("writer")
def test_the_rules_of_an_open_campaign_change_only_in_public(
    client: FlaskClient, session: Session, own: Department
) -> None:
    campaign = make_campaign(session, own)
    kept = {
        f"{one.channel.value}-{name}": value
        for one in campaign.channels
        for name, value in (
            ("used", "y"),
            ("rule", one.rule.value),
            ("closing_time", one.closing_time),
            ("destination", one.destination),
            ("grace_days", str(one.grace_days)),
        )
    }
    session.rollback()
    moved = {**kept, "post-destination": "新しい住所"}
    assert "公表するお知らせ" in edit(client, campaign, "channels", moved).text
    gone = {name: value for name, value in kept.items() if name != "fax-used"}
    assert "なくすことはできません" in edit(client, campaign, "channels", gone).text
    told = {**moved, "notice": "あて先を改めました。"}
    assert edit(client, campaign, "channels", told).status_code == 303
    assert "あて先を改めました。" in client.get(f"/campaigns/{campaign.id}/").text
    fewer = edit(client, campaign, "eligibility", {"lines": "市内に住所を有する方"})
    assert "今ある行は変えられません" in fewer.text
    lines = "市内に住所を有する方\n市内に在勤・在学の方\n市税を納める方"
    assert edit(client, campaign, "eligibility", {"lines": lines}).status_code == 303
    for section in ("period", "sender"):
        url = f"/staff/campaigns/{campaign.id}/edit/{section}"
        assert client.get(url).status_code == 303


@pytest.mark.usefixtures("writer")
def test_hostile_texts_are_texts(client: FlaskClient, session: Session, own: Department) -> None:
    campaign = make_campaign(
        session,
        own,
        title=HOSTILE,
        purpose=HOSTILE,
        plan_name=HOSTILE,
        section_name=HOSTILE,
        short_reason=HOSTILE,
        phone='"><b>0',
    )
    campaign.places[0].name = campaign.places[0].hours = HOSTILE
    campaign.eligibilities[0].label = campaign.channels[1].destination = HOSTILE
    session.commit()
    urls = [
        "/",
        "/campaigns/",
        f"/campaigns/{campaign.id}/",
        f"/campaigns/years/{campaign.fiscal_year}/",
        "/staff/campaigns/",
        f"/staff/campaigns/{campaign.id}",
        f"/staff/campaigns/{campaign.id}/edit/basics",
        f"/staff/campaigns/{campaign.id}/edit/places",
        "/staff/",
    ]
    for url in urls:
        text = client.get(url).text
        assert "<script>alert" not in text, url
        assert "<img src=x" not in text, url
        assert "49" not in re.findall(r"onerror=alert\(2\)&gt;(.{0,8})", text), url
    assert html.escape(HOSTILE, quote=False).split("'")[0][:20] in client.get("/campaigns/").text


def test_rights_across_departments(client: FlaskClient, session: Session, own: Department) -> None:
    theirs = make_campaign(session, make_department(session, "税務課"))
    mine = make_campaign(session, own)
    steps = ("announce", "period", "extend", "cancel")
    pages = [f"edit/{section}" for section in SECTIONS] + ["notices/new"]
    expected = {
        (Role.CONTRIBUTOR, "own"): ({403}, {200, 303}),
        (Role.CONTRIBUTOR, "other"): ({403}, {404}),
        (Role.APPROVER, "own"): ({200, 303}, {200, 303}),
        (Role.APPROVER, "other"): ({404}, {404}),
        (Role.COORDINATOR, "other"): ({403}, {403}),
        (Role.AUDITOR, "other"): ({403}, {403}),
    }
    for (role, whose), (approving, writing) in expected.items():
        user = make_user(session, role, own if role in {Role.CONTRIBUTOR, Role.APPROVER} else None)
        sign_in(client, session, user)
        campaign = mine if whose == "own" else theirs
        base = f"/staff/campaigns/{campaign.id}"
        for page in steps:
            assert client.get(f"{base}/{page}").status_code in approving, (role, whose, page)
        for page in pages:
            assert client.get(f"{base}/{page}").status_code in writing, (role, whose, page)
        if whose == "other" and role in {Role.CONTRIBUTOR, Role.APPROVER}:
            assert post(client, f"{base}/review").status_code == 404
            typed = {"version": "1", "title": "乗っ取り", "subject_type": "plan"}
            assert post(client, f"{base}/edit/basics", typed).status_code == 404
            assert client.get(base).status_code == 404
        if role in {Role.COORDINATOR, Role.AUDITOR}:
            assert client.get(base).status_code == 200
    session.expire_all()
    assert theirs.title != "乗っ取り"
    created = post(
        client,
        "/staff/campaigns/new",
        {"title": "x", "department_id": str(own.id), "procedure": "comment", "fiscal_year": "2026"},
    )
    assert created.status_code == 403


@pytest.mark.usefixtures("approver")
def test_an_approver_announces_extends_and_cancels_without_javascript(
    client: FlaskClient, session: Session, own: Department
) -> None:
    campaign = preparing(session, own, purpose="趣旨", phone="00-0000-0000")
    base = f"/staff/campaigns/{campaign.id}"
    assert client.get(f"/campaigns/{campaign.id}/").status_code == 404
    refused = post(client, f"{base}/announce", {"version": "1", "reason": "急ぐ"})
    assert refused.status_code == 422
    assert "案の資料がありません" in refused.text
    document = Document(campaign_id=campaign.id, position=0, kind=DocumentKind.DRAFT, title="案")
    document.versions = [DocumentVersion(number=1, source="# 案", created_at=clock.now())]
    session.add(document)
    session.commit()
    page = client.get(f"{base}/announce").text
    assert "要綱チェック" in page
    assert "開始と同時に" in page
    assert post(client, f"{base}/announce", {"version": "1", "reason": ""}).status_code == 303
    public = client.get(f"/campaigns/{campaign.id}/").text
    assert "募集はまだ始まっていません" in public
    last = campaign.closes_on
    assert last is not None
    session.rollback()
    bad = post(client, f"{base}/extend", {"closes_on": last.isoformat(), "reason": "雪のため"})
    assert bad.status_code == 422
    assert "雪のため" in bad.text
    later = last + timedelta(days=5)
    good = post(client, f"{base}/extend", {"closes_on": later.isoformat(), "reason": "雪のため"})
    assert good.status_code == 303
    assert "雪のため" in client.get(f"/campaigns/{campaign.id}/").text
    assert post(client, f"{base}/notices/new", {"text": "説明会を開きます。"}).status_code == 303
    assert post(client, f"{base}/cancel", {"reason": "見直すため"}).status_code == 303
    public = client.get(f"/campaigns/{campaign.id}/").text
    for words in ("この意見募集は中止しました", "見直すため", "説明会を開きます。"):
        assert words in public


@pytest.mark.usefixtures("writer")
def test_an_inspection_speaks_its_own_words(
    client: FlaskClient, session: Session, own: Department
) -> None:
    campaign = make_campaign(session, own, procedure=Procedure.INSPECTION, title="都市計画の原案")
    campaign.channels = []
    session.commit()
    page = client.get(f"/campaigns/{campaign.id}/").text
    for words in ("縦覧期間", "縦覧場所", "縦覧を行っています", "意見書は受け付けていません"):
        assert words in page
    assert "意見を提出する" not in page
