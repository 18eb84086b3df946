"""Feeds: what a reader gets, whatever the titles hold."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import feedparser
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.city.models import SubjectArea
from participation.news.models import NewsEvent, NewsItem
from participation.portal.feeds import Frame, Told, atom, entry_id
from tests.factories import make_department
from tests.portal.followers import tell

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOSTILE = '</title><script>alert(1)</script> & ]]> "quoted" \x00\x08\x1b\x85\ud800\ufffe\U0001f600'


def read(client: FlaskClient, query: str = ""):
    answer = client.get(f"/feeds/news.atom{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    found = feedparser.parse(answer.data)
    assert not found.bozo, found.get("bozo_exception")
    return found


def test_the_newest_come_first_with_all_that_a_reader_needs(
    client: FlaskClient, session: Session
) -> None:
    department = make_department(session, "みどり課")
    tell(session, now=NOW, department_id=department.id, title="緑の計画", text="意見を募集します。")
    tell(session, now=NOW + timedelta(hours=1), event=NewsEvent.DECIDED, title="公園の計画")
    session.commit()
    found = read(client)
    assert [entry.title for entry in found.entries] == [
        "公園の計画：結果を公表しました",
        "緑の計画：受付を始めました",
    ]
    entry = found.entries[1]
    assert entry.link == "http://localhost/campaigns/1/"
    assert entry.id == "tag:localhost,2026:news/1"
    assert entry.updated == "2026-11-22T03:00:00Z"
    assert entry.author == "みどり課"
    assert entry.summary == "意見を募集します。"
    assert entry.tags[0].term == "campaign.comment"
    assert found.feed.updated == "2026-11-22T04:00:00Z"
    assert found.feed.id == "tag:localhost,2026:news"
    links = {link.rel: link.href for link in found.feed.links}
    assert links == {
        "self": "http://localhost/feeds/news.atom",
        "alternate": "http://localhost/",
    }


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?kind=campaign", ["丙", "甲"]),
        ("?kind=campaign.inspection", ["丙"]),
        ("?area=防災・防犯", ["乙"]),
        ("?department={department}", ["甲"]),
        ("?department={department}&kind=edition", []),
        ("?department=999999&kind=nonsense&area=%00", ["丙", "乙", "甲"]),
    ],
)
def test_a_feed_is_narrowed_as_the_calendar_is(
    client: FlaskClient, session: Session, query: str, titles: list[str]
) -> None:
    department = make_department(session, "みどり課")
    tell(session, now=NOW, title="甲", department_id=department.id)
    tell(session, now=NOW, title="乙", kind="edition", reference="edition:2026")
    tell(session, now=NOW, title="丙", kind="campaign.inspection", reference="campaign:2")
    session.add(SubjectArea(reference="edition:2026", area="防災・防犯"))
    session.commit()
    found = read(client, query.format(department=department.id))
    assert [entry.title.partition("：")[0] for entry in found.entries] == titles
    assert (found.feed.id == "tag:localhost,2026:news") == (len(titles) == 3)


def test_no_text_breaks_out_of_the_feed() -> None:
    frame = Frame(HOSTILE, HOSTILE, "https://city.example", "https://x/", "https://x/f?a&b", {})
    item = NewsItem(
        id=7,
        event=NewsEvent.OPENED,
        reference="campaign:1",
        kind="campaign.comment",
        title=HOSTILE,
        text=HOSTILE,
        at=NOW,
    )
    body = atom(frame, [Told(item, HOSTILE, HOSTILE, HOSTILE, 'https://x/"><b>')])
    root = ET.fromstring(body)
    texts = [element.text or "" for element in root.iter()]
    assert sum("<script>alert(1)</script>" in text for text in texts) == 5
    assert not [element for element in root.iter() if "script" in element.tag]
    assert not feedparser.parse(body).bozo
    assert entry_id("https://city.example:8443/sub", 7) == "tag:city.example,2026:news/7"


def test_a_reader_that_has_it_is_told_so(client: FlaskClient, session: Session) -> None:
    first = client.get("/feeds/news.atom")
    etag = first.headers["ETag"]
    again = client.get("/feeds/news.atom", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    english = client.get("/feeds/news.atom", headers={"Accept-Language": "en"})
    assert english.data == first.data
    tell(session, now=NOW)
    session.commit()
    assert client.get("/feeds/news.atom", headers={"If-None-Match": etag}).status_code == 200


def test_an_empty_feed_is_one(client: FlaskClient) -> None:
    found = read(client)
    assert found.entries == []
    assert found.feed.updated == "2026-01-01T00:00:00Z"


def test_feeds_are_found_from_every_page_and_listed(client: FlaskClient, session: Session) -> None:
    department = make_department(session, "みどり課")
    page = client.get("/").text
    assert '<link rel="alternate" type="application/atom+xml"' in page
    listed = client.get("/feeds/").text
    assert f'href="/feeds/news.atom?department={department.id}"' in listed
    assert 'href="/feeds/news.atom?kind=campaign"' in listed
