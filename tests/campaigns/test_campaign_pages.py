"""Residents' and staff pages of campaigns."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    CampaignNotice,
    CampaignState,
    Eligibility,
    NoticeKind,
    Outcome,
    ViewingPlace,
)
from participation.core import clock
from participation.core.actors import Role
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department, make_user, sign_in


def test_the_list_says_so_when_there_is_nothing(client: FlaskClient) -> None:
    assert "いま募集しているものはありません" in client.get("/campaigns/").text


def test_residents_find_each_campaign_under_its_state(
    client: FlaskClient, session: Session
) -> None:
    department = make_department(session, "みどり課")
    today = clock.local_date(clock.now())
    later = today + timedelta(days=40)
    for state in CampaignState:
        when = (
            {"opens_on": later} if state in {CampaignState.PREPARING, CampaignState.PLANNED} else {}
        )
        make_campaign(session, department, state=state, title=f"案{state.value}", **when)
    page = client.get("/campaigns/").text
    assert "案preparing" not in page
    order = [page.index(f"案{name}") for name in ("open", "planned", "closed", "published")]
    assert order == sorted(order)
    assert "案cancelled" in page


def test_staff_see_their_own_departments_campaigns(client: FlaskClient, session: Session) -> None:
    own, other = make_department(session, "みどり課"), make_department(session, "税務課")
    mine = make_campaign(session, own, title="緑の計画（案）")
    theirs = make_campaign(session, other, title="税の計画（案）")
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, own))
    page = client.get("/staff/campaigns/").text
    assert "緑の計画" in page
    assert "税の計画" not in page
    assert client.get(f"/staff/campaigns/{mine.id}").status_code == 200
    assert client.get(f"/staff/campaigns/{theirs.id}").status_code == 404
    assert client.get(f"/campaigns/{theirs.id}/").status_code == 200


def test_the_list_is_narrowed_and_paged(client: FlaskClient, session: Session) -> None:
    green, tax = make_department(session, "みどり課"), make_department(session, "税務課")
    for number in range(23):
        make_campaign(session, green, state=CampaignState.PUBLISHED, title=f"緑{number:02}号")
    make_campaign(session, tax, title="税の計画（案）")
    first = client.get("/campaigns/").text
    assert "緑22号" in first
    assert "緑02号" not in first
    page = client.get(first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]).text
    assert "緑02号" in page
    assert "緑22号" not in page
    only = client.get("/campaigns/", query_string={"department": tax.id}).text
    assert "税の計画（案）" in only
    assert "緑22号" not in only
    for spoilt in ("x", "-1", "9" * 30, "２０２４"):
        query = {"year": spoilt, "department": spoilt, "before": spoilt}
        assert client.get("/campaigns/", query_string=query).status_code == 200


@pytest.mark.parametrize(
    ("state", "more", "said", "unsaid"),
    [
        (CampaignState.OPEN, {}, "意見を募集しています", "結果を公表しました"),
        (CampaignState.REVIEWING, {}, "検討しています", "意見を提出する</a>"),
        (
            CampaignState.PUBLISHED,
            {"outcome": Outcome.NOT_ADOPTED, "outcome_note": "国の動きを待ちます。"},
            "国の動きを待ちます。",
            "公表する予定です",
        ),
        (CampaignState.CANCELLED, {}, "この意見募集は中止しました", "意見を提出する</a>"),
        (CampaignState.OPEN, {"short_reason": "施行日が迫るため"}, "施行日が迫るため", "中止"),
    ],
)
def test_a_page_says_where_the_campaign_stands(  # noqa: PLR0917 -- a table of cases
    client: FlaskClient,
    session: Session,
    state: CampaignState,
    more: dict[str, object],
    said: str,
    unsaid: str,
) -> None:
    campaign = make_campaign(session, make_department(session), state=state, **more)
    page = client.get(f"/campaigns/{campaign.id}/").text
    assert said in page
    assert unsaid not in page


def test_after_the_end_the_page_says_how_long_post_is_waited_for(
    client: FlaskClient, session: Session
) -> None:
    today = clock.local_date(clock.now())
    campaign = make_campaign(session, make_department(session), closes_on=today - timedelta(days=3))
    page = client.get(f"/campaigns/{campaign.id}/").text
    assert "消印がある郵便は" in page
    assert "意見を提出する</a>" not in page  # the worker has not moved the state yet
    session.expire_all()
    assert campaign.state is CampaignState.OPEN  # and opening the page did not


def test_nobody_outside_sees_what_is_being_prepared(client: FlaskClient, session: Session) -> None:
    hidden = make_campaign(session, make_department(session), state=CampaignState.PREPARING)
    missing = client.get("/campaigns/999999/")
    found = client.get(f"/campaigns/{hidden.id}/")
    assert found.status_code == missing.status_code == 404
    assert found.text.replace(f"campaigns/{hidden.id}", "campaigns/999999") == missing.text


def test_pages_ask_the_database_little(
    client: FlaskClient, session: Session, queries: list[str]
) -> None:
    department = make_department(session)
    campaign = make_campaign(session, department)
    address = f"/campaigns/{campaign.id}/"
    asked = []
    for extra in (0, 30):
        for number in range(extra):
            make_campaign(session, department, title=f"計画{number}")
            campaign.eligibilities.append(Eligibility(position=10 + number, label=f"方{number}"))
            campaign.places.append(ViewingPlace(position=10 + number, name=f"館{number}"))
            campaign.notices.append(
                CampaignNotice(kind=NoticeKind.OTHER, text=f"知{number}", at=clock.now())
            )
        session.commit()
        # With an argument the front door is not taken from memory (promised: at most 32 there).
        for url in (address, "/campaigns/", "/?from=elsewhere"):
            queries.clear()
            client.get(url)
            asked.append(len(queries))
    assert asked[:3] == asked[3:]
    assert max(asked[:2]) <= 12


def test_the_homes_tell_what_is_open_and_what_waits(client: FlaskClient, session: Session) -> None:
    own = make_department(session, "みどり課")
    today = clock.local_date(clock.now())
    make_campaign(session, own, title="緑の計画（案）")
    make_campaign(session, own, title="水の計画（案）", state=CampaignState.CLOSED)
    make_campaign(
        session,
        own,
        title="道の計画（案）",
        state=CampaignState.REVIEWING,
        result_due_on=today - timedelta(days=1),
    )
    make_campaign(
        session,
        own,
        title="川の計画（案）",
        state=CampaignState.PREPARING,
        opens_on=today + timedelta(days=9),
    )
    home = client.get("/").text
    assert "緑の計画（案）" in home
    assert "水の計画" not in home
    sign_in(client, session, make_user(session, Role.APPROVER, own))
    staff = client.get("/staff/").text
    for words in (
        "「水の計画（案）」の検討を始める",
        "「道の計画（案）」の結果を公表する",
        "過ぎています",
        "「川の計画（案）」を予告する",
    ):
        assert words in staff
    sign_in(client, session, make_user(session, Role.APPROVER, make_department(session, "税務課")))
    assert "水の計画" not in client.get("/staff/").text
