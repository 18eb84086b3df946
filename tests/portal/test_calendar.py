"""The calendar as month, list and day."""

import re
from datetime import date, timedelta
from html import unescape

import html5lib
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.campaigns.models import CampaignState
from participation.city.models import ClosedDay
from participation.core import clock
from participation.portal.months import Month
from participation.workshops.models import SignUp, WorkshopState
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department
from tests.portal.arrange import about, at, load_city, many_things
from tests.workshops.arrange import make_pool, make_workshop

TODAY = clock.local_date(clock.now())
THIS = Month.of(TODAY)
NEXT = THIS.plus(1)


def cell(page: str, day: date) -> str:
    """The cell of a day in the month's table."""
    found = [part for part in page.split("<td ")[1:] if f'datetime="{day}"' in part]
    assert len(found) == 1, len(found)
    return found[0].split("</td>")[0]


def test_a_month_is_a_table_of_weeks(client: FlaskClient, session: Session) -> None:
    load_city(session)
    page = client.get("/calendar/").text
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    (table,) = [one for one in tree.iter("table") if one.get("class") == "month"]
    heads = [head.find("abbr") for head in table.iter("th")]
    assert [head.text for head in heads] == list("日月火水木金土")
    assert heads[0].get("title") == "日曜日"
    rows = [list(row.iter("td")) for row in table.find("tbody").iter("tr")]
    assert [len(row) for row in rows] == [7] * len(THIS.weeks())
    assert "今日" in cell(page, TODAY)
    assert page.count('aria-current="date"') == 1


def test_a_campaign_is_marked_on_its_first_and_its_last_day(
    client: FlaskClient, session: Session
) -> None:
    load_city(session)
    first, last = NEXT.first + timedelta(days=2), NEXT.first + timedelta(days=20)
    make_campaign(
        session,
        make_department(session),
        title="緑の案",
        state=CampaignState.PLANNED,
        opens_on=first,
        closes_on=last,
    )
    session.commit()
    page = client.get(f"/calendar/?month={NEXT}").text
    assert "意見募集開始" in cell(page, first)
    assert "意見募集締切" in cell(page, last)
    assert "緑の案" not in cell(page, first + timedelta(days=1))
    assert "この月に期間がかかるもの" in page


def test_a_workshop_stands_on_its_days_and_its_deadline_is_marked(
    client: FlaskClient, session: Session
) -> None:
    load_city(session)
    day = NEXT.first + timedelta(days=10)
    workshop = make_workshop(
        session, make_department(session), starts_at=at(day, 14), days=2, title="公園の会"
    )
    workshop.days[1].heading = "第2回"
    make_pool(session, workshop, closes_at=at(day - timedelta(days=3), 17))
    session.commit()
    page = client.get(f"/calendar/?month={NEXT}").text
    assert re.search(r"14:00.*公園の会", cell(page, day), re.DOTALL)
    assert "公園の会　第2回" in cell(page, day + timedelta(days=7))
    assert re.search(r"申込締切.*17:00", cell(page, day - timedelta(days=3)), re.DOTALL)


def test_what_was_cancelled_says_so(client: FlaskClient, session: Session) -> None:
    load_city(session)
    day = NEXT.first + timedelta(days=5)
    for state in (WorkshopState.CANCELLED, WorkshopState.POSTPONED):
        make_workshop(session, make_department(session), starts_at=at(day, 14), state=state)
    session.commit()
    for view in ("month", "list"):
        page = client.get(f"/calendar/?view={view}&month={NEXT}").text
        assert "中止" in page
        assert "延期" in page


def test_holidays_and_closed_days_are_named(client: FlaskClient, session: Session) -> None:
    load_city(session)
    year = TODAY.year
    session.add(ClosedDay(day=date(year, 11, 4), label="創立記念日"))
    session.commit()
    page = client.get(f"/calendar/?month={year}-11").text
    assert "文化の日" in cell(page, date(year, 11, 3))
    assert "創立記念日" in cell(page, date(year, 11, 4))
    day_page = client.get(f"/calendar/?view=day&day={year}-11-03").text
    assert "文化の日" in day_page


def test_many_things_of_a_day_are_counted_and_all_on_its_page(
    client: FlaskClient, session: Session
) -> None:
    load_city(session)
    department, day = make_department(session), NEXT.first
    for number in range(60):
        make_workshop(session, department, starts_at=at(day, 9), title=f"会その{number:02}号")
    session.commit()
    month = cell(client.get(f"/calendar/?month={NEXT}").text, day)
    assert month.count("会その") == 4
    assert "ほか56件" in month
    first = client.get(f"/calendar/?view=day&day={day}").text
    second = client.get(f"/calendar/?view=day&day={day}&page=2").text
    shown = re.findall(r"会その(\d\d)号", first) + re.findall(r"会その(\d\d)号", second)
    assert sorted(shown) == [f"{number:02}" for number in range(60)]
    assert client.get(f"/calendar/?view=day&day={day}&page=3").status_code == 404
    listed = client.get(f"/calendar/?view=list&month={NEXT}&page=2").text
    assert listed.count("会その") == 10


def test_the_filter_is_kept_in_every_link(client: FlaskClient, session: Session) -> None:
    load_city(session)
    department, day = make_department(session), NEXT.first + timedelta(days=3)
    wanted = make_workshop(session, department, starts_at=at(day, 9), title="欲しい会")
    about(session, f"workshop:{wanted.id}", "防災・防犯")
    make_workshop(session, make_department(session, "別の課"), starts_at=at(day, 9), title="別の会")
    session.commit()
    query = f"kind=workshop.town_meeting&area=防災・防犯&department={department.id}"
    for view in ("", f"view=list&month={NEXT}&", f"view=day&day={day}&", f"month={NEXT}&"):
        page = client.get(f"/calendar/?{view}{query}").text
        assert "別の会" not in page
        if view:
            assert "欲しい会" in page
        links = [unescape(link) for link in re.findall(r'href="(/calendar[^"]*)"', page)]
        own = [link for link in links if link != "/calendar/" and "絞り込みをやめる" not in link]
        without = [link for link in own if "department=" not in link]
        # The one that takes the filter away, and nothing else.
        assert len(without) == 1
        assert all("kind=workshop.town_meeting" in link for link in own if link not in without)
        assert "noindex, nofollow" in page


def test_an_unknown_filter_narrows_nothing(client: FlaskClient, session: Session) -> None:
    load_city(session)
    day = NEXT.first + timedelta(days=3)
    make_workshop(session, make_department(session), starts_at=at(day, 9), title="公園の会")
    session.commit()
    page = client.get(f"/calendar/?month={NEXT}&kind=%27--&area=x&department=999").text
    assert "公園の会" in page


@pytest.mark.parametrize(
    "query",
    [
        "view=week",
        "month=2026-13",
        "month=x",
        "day=2026-02-30&view=day",
        "day=20260230&view=day",
        "view=list&page=0",
        "view=list&page=2",
        f"month={THIS.plus(37)}",
        f"month={THIS.plus(-37)}",
        f"view=day&day={THIS.plus(37).first}",
        "month=9999-12",
    ],
)
def test_what_there_is_not_is_not_found(client: FlaskClient, session: Session, query: str) -> None:
    load_city(session)
    assert client.get(f"/calendar/?{query}").status_code == 404


@pytest.mark.parametrize(("by", "rel", "words"), [(36, "next", "次の月"), (-36, "prev", "前の月")])
def test_turning_pages_comes_to_an_end(
    client: FlaskClient, session: Session, by: int, rel: str, words: str
) -> None:
    load_city(session)
    near = client.get("/calendar/").text
    assert f'rel="{rel} nofollow"' in near
    assert "noindex" not in near
    last = client.get(f"/calendar/?month={THIS.plus(by)}").text
    assert words not in last
    assert "noindex, nofollow" in last


def test_a_leap_day_has_its_page(client: FlaskClient, session: Session) -> None:
    load_city(session)
    leap = next(
        (
            date(year, 2, 29)
            for year in range(TODAY.year - 3, TODAY.year + 4)
            if year % 4 == 0 and Month(year, 2).is_near(TODAY)
        ),
    )
    page = client.get(f"/calendar/?view=day&day={leap}").text
    assert "2月29日" in page
    assert f"day={leap + timedelta(days=1)}" in page
    assert f"day={leap - timedelta(days=1)}" in page


def test_english_readers_read_english_days(client: FlaskClient, session: Session) -> None:
    load_city(session)
    make_workshop(
        session,
        make_department(session),
        starts_at=at(NEXT.first, 9),
        sign_up=SignUp.NONE,
    )
    session.commit()
    page = client.get(f"/calendar/?view=list&month={NEXT}", headers={"Accept-Language": "en"}).text
    assert f"{NEXT.first:%B %Y}" in page
    assert f"{NEXT.first:%a} 1 {NEXT.first:%B}" in page


@pytest.mark.slow
@pytest.mark.parametrize("view", ["month", "list", "day"])
def test_it_asks_as_little_of_many_things_as_of_few(
    client: FlaskClient, session: Session, queries: list[str], view: str
) -> None:
    load_city(session)
    counts = []
    for events in (50, 5_000):
        many_things(session, make_department(session), events, clock.now())
        queries.clear()
        # An argument that the page does not know keeps it out of the memory.
        address = f"/calendar/?view={view}&month={THIS}&x={events}"
        if view == "day":
            address = f"/calendar/?view=day&day={TODAY}&x={events}"
        assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 12
