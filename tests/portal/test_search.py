"""Searching everything public: what is found, where it leads, and what is found no more."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.campaigns.models import CampaignState
from participation.campaigns.search_sweeps import index_everything
from participation.core import clock
from participation.db import search
from participation.db.search import DocumentFilter, DocumentKind
from participation.reports.models import EntryKind
from participation.reports.search import index_editions
from participation.workshops.models import WorkshopOutcome, WorkshopState
from participation.workshops.search import index_workshops
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department
from tests.reports.built import published
from tests.reports.world import YEAR, make_world
from tests.workshops.arrange import make_workshop

NOW = clock.now()


def titles(session: Session, query: str, **more: object) -> list[str]:
    wanted = DocumentFilter(query, **more)  # type: ignore[arg-type]
    return [one.title for one in search.find_documents(session, wanted, limit=50)]


def test_a_workshop_is_found_by_any_word_of_its_page_and_its_outcome(
    client: FlaskClient, session: Session
) -> None:
    department = make_department(session, "みどり課")
    workshop = make_workshop(session, department, title="公園を歩く会", summary="木陰を探します")
    hidden = make_workshop(
        session, department, title="秘密の木陰の会", state=WorkshopState.PREPARING
    )
    session.commit()
    assert index_workshops(session, NOW) == 1
    assert index_workshops(session, NOW) == 0
    assert titles(session, "木陰") == ["公園を歩く会"]
    assert titles(session, "陰") == ["公園を歩く会"]
    page = client.get("/search?q=木陰").text
    assert f'href="/workshops/{workshop.id}/"' in page
    assert "<mark>木陰</mark>を探します" in page
    assert "全1件" in page
    assert hidden.title not in page
    assert "みどり課" in page.partition("found-list")[2]

    session.add(
        WorkshopOutcome(
            workshop_id=workshop.id,
            said="噴水がほしい",
            published={"said": "噴水がほしい", "became": "", "links": []},
            published_at=NOW,
            updated_at=NOW,
        )
    )
    workshop.state = WorkshopState.REPORTED
    workshop.version += 1
    session.commit()
    assert index_workshops(session, NOW) == 1
    (found,) = search.find_documents(session, DocumentFilter("噴水"), limit=5)
    assert (found.kind, found.place) == (DocumentKind.OUTCOME, "outcome")


def test_a_correction_that_is_being_written_is_not_found(
    client: FlaskClient, session: Session
) -> None:
    workshop = make_workshop(
        session, make_department(session), title="公園を歩く会", state=WorkshopState.REPORTED
    )
    outcome = WorkshopOutcome(
        workshop_id=workshop.id,
        said="噴水がほしい",
        became="検討します",
        published={"said": "噴水がほしい", "became": "検討します", "links": []},
        published_at=NOW,
        updated_at=NOW,
    )
    session.add(outcome)
    session.commit()
    index_workshops(session, NOW)
    outcome.said, outcome.became = "下書きの砂場", "内部の検討"
    outcome.version += 1
    session.commit()
    index_workshops(session, NOW)
    assert titles(session, "砂場") == titles(session, "内部") == []
    assert titles(session, "噴水") == ["公園を歩く会"]
    assert "下書き" not in client.get("/search?q=公園").text


@pytest.mark.parametrize("state", [WorkshopState.CANCELLED, WorkshopState.PREPARING])
def test_what_is_no_longer_held_leaves_the_index(session: Session, state: WorkshopState) -> None:
    workshop = make_workshop(session, make_department(session), title="公園を歩く会")
    session.commit()
    index_workshops(session, NOW)
    assert titles(session, "公園") == ["公園を歩く会"]
    workshop.state, workshop.stop_reason = state, "荒天のため"
    session.commit()
    assert index_workshops(session, NOW) == 1
    assert titles(session, "公園") == []


def test_a_new_title_takes_the_place_of_the_old(session: Session) -> None:
    workshop = make_workshop(session, make_department(session), title="公園を歩く会")
    session.commit()
    index_workshops(session, NOW)
    workshop.title = "川を歩く会"
    workshop.version += 1
    session.commit()
    index_workshops(session, NOW)
    assert titles(session, "歩く") == ["川を歩く会"]
    assert titles(session, "公園") == []


def test_the_latest_edition_is_found_item_by_item(client: FlaskClient, session: Session) -> None:
    world = make_world(session)
    world.old_entry("桜並木の手入れをした。", kind=EntryKind.RESULT, year=YEAR - 1)
    published(session, now=NOW)
    assert index_editions(session, NOW) > 1
    assert index_editions(session, NOW) == 0
    (found,) = search.find_documents(session, DocumentFilter("桜並木"), limit=5)
    assert found.reference == f"edition:{YEAR}"
    assert found.department_id == world.department.id
    page = client.get("/search?q=桜並木").text
    address = re.search(rf'href="(/reports/{YEAR}/\?item=[^"]+)"', page)
    assert address is not None
    assert "桜並木" in client.get(address[1].replace("&amp;", "&")).text
    published(session, now=NOW + timedelta(minutes=1), correction="誤字を直した")
    index_editions(session, NOW)
    assert len(titles(session, "桜並木")) == 1


def test_it_is_narrowed_by_kind_department_and_year(client: FlaskClient, session: Session) -> None:
    green, youth = make_department(session, "みどり課"), make_department(session, "青少年課")
    today = clock.local_date(NOW)
    make_campaign(session, green, title="緑の計画", announced_on=today)
    make_campaign(session, youth, title="緑の遊び場", announced_on=today.replace(year=2021))
    make_workshop(session, green, title="緑の会")
    session.commit()
    index_everything(session, NOW)
    index_workshops(session, NOW)

    def found(query: str) -> set[str]:
        page = client.get(f"/search?q=緑&{query}").text.partition("<main")[2]
        return {
            re.sub("<[^>]+>", "", title)
            for title in re.findall(r'found__title"><a[^>]*>(.*?)</a>', page)
        }

    assert found("") == {"緑の計画", "緑の遊び場", "緑の会"}
    assert found("kind=1") == {"緑の計画", "緑の遊び場"}
    assert found(f"department={green.id}") == {"緑の計画", "緑の会"}
    assert found(f"department={green.id}&kind=3") == {"緑の会"}
    year = today.year if today.month > 3 else today.year - 1
    assert "緑の遊び場" not in found(f"year={year}")
    assert found(f"year={2021 if today.month > 3 else 2020}&kind=1") == {"緑の遊び場"}
    assert len(found("kind=99&department=999999&year=1&before=x")) == 3


def test_pages_follow_each_other_without_a_gap(client: FlaskClient, session: Session) -> None:
    department = make_department(session)
    for number in range(45):
        make_campaign(session, department, title=f"緑の計画その{number}。")
    session.commit()
    index_everything(session, NOW)
    seen: list[str] = []
    address = "/search?q=緑"
    while address:
        page = client.get(address).text
        seen += re.findall(r"計画その(\d+)。</span></a>", page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert sorted(map(int, seen)) == list(range(45))


@pytest.mark.parametrize("query", ["", "   ", "%00", "%22%22*", "%ED%A0%80", "&" * 50])
def test_whatever_is_typed_has_an_answer(client: FlaskClient, query: str) -> None:
    page = client.get(f"/search?q={query}")
    assert page.status_code == 200
    assert "found-list" not in page.text


def test_a_hostile_title_stays_a_text(client: FlaskClient, session: Session) -> None:
    make_campaign(session, make_department(session), title='<img src=x onerror="a"> 緑')
    session.commit()
    index_everything(session, NOW)
    page = client.get("/search?q=緑").text
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page


def test_a_cancelled_campaign_is_found_no_more(session: Session) -> None:
    campaign = make_campaign(session, make_department(session), title="緑の計画")
    session.commit()
    index_everything(session, NOW)
    assert titles(session, "緑") == ["緑の計画"]
    campaign.state, campaign.cancel_reason = CampaignState.CANCELLED, "方針が変わった"
    campaign.version += 1
    session.commit()
    index_everything(session, NOW)
    assert titles(session, "緑") == []


def test_the_search_box_is_on_every_page(client: FlaskClient) -> None:
    assert 'action="/search"' in client.get("/").text
    assert client.get("/search").text.count('name="q"') == 1
