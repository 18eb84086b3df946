"""The residents' home: what can I take part in now, and when."""

import time
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from participation.campaigns.models import CampaignState
from participation.core import clock
from participation.db.engine import engine_options
from participation.db.extension import db
from participation.news.models import NewsEvent
from participation.news.services import publish
from participation.portal.queries.freshness import freshness
from participation.workshops.models import SignUp, WorkshopState
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department
from tests.portal.arrange import decided_campaign, load_city, many_things, reported_workshop
from tests.workshops.arrange import make_pool, make_workshop


def section(page: str, name: str) -> str:
    """The part of the home page below the heading with this id."""
    return page.split(f'<h2 id="{name}">')[1].split("</section>", maxsplit=1)[0]


def test_before_anything_is_loaded_it_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "city load-profile" in page.text


def test_nothing_open_is_a_dignified_page(client: FlaskClient, session: Session) -> None:
    load_city(session)
    page = client.get("/").text
    assert "例市" in page
    assert "いま参加できるものはありません" in page
    assert "これから2週間に開く催しはありません" in page
    assert "予告しているものはありません" in page
    assert 'href="/reports/"' in page
    assert 'href="/calendar/"' in page


def test_everything_stands_in_its_place(client: FlaskClient, session: Session) -> None:
    load_city(session)
    department, now = make_department(session), clock.now()
    today = clock.local_date(now)
    make_campaign(session, department, title="募集中の案", closes_on=today + timedelta(days=20))
    make_campaign(
        session,
        department,
        title="予告した案",
        state=CampaignState.PLANNED,
        opens_on=today + timedelta(days=9),
    )
    make_campaign(session, department, title="準備中の案", state=CampaignState.PREPARING)
    soon = make_workshop(session, department, title="近く開く会", starts_at=now + timedelta(days=5))
    make_pool(session, soon, closes_at=now + timedelta(days=2))
    later = make_workshop(session, department, title="受付前の会")
    make_pool(session, later, opens_at=now + timedelta(days=1))
    make_workshop(
        session,
        department,
        title="中止した会",
        state=WorkshopState.CANCELLED,
        starts_at=now + timedelta(days=4),
    )
    decided_campaign(session, department, now - timedelta(days=3), title="結果の出た案")
    reported = reported_workshop(session, department, now - timedelta(days=2))
    reported.title = "報告した会"
    session.commit()

    page = client.get("/").text
    open_now, days = section(page, "open-now"), section(page, "days")
    assert open_now.index("近く開く会") < open_now.index("募集中の案")
    assert "予告した案" not in open_now
    assert "近く開く会" in days
    assert "中止した会" not in days
    coming, decided = section(page, "coming"), section(page, "decided")
    assert coming.index("予告した案") < coming.index("受付前の会")
    assert decided.index("報告した会") < decided.index("結果の出た案")
    assert "準備中の案" not in page
    assert "市民協働課" in open_now


def test_what_closes_soon_says_so_in_words_with_its_day(
    client: FlaskClient, session: Session
) -> None:
    load_city(session)
    department, today = make_department(session), clock.local_date(clock.now())
    for days in (0, 6, 7):
        make_campaign(
            session, department, title=f"あと{days}", closes_on=today + timedelta(days=days)
        )
    session.commit()
    cards = section(client.get("/").text, "open-now").split("<li ")[1:]
    assert "本日まで" in cards[0]
    assert "締切間近 あと7日" in cards[1]
    assert "occasion--soon" in cards[1]
    assert "occasion--soon" not in cards[2]
    for card, days in zip(cards, (0, 6, 7), strict=True):
        day = today + timedelta(days=days)
        assert f"意見募集締切：令和{day.year - 2018}年{day.month}月{day.day}日" in card


def test_a_title_is_text(client: FlaskClient, session: Session) -> None:
    load_city(session)
    make_workshop(
        session,
        make_department(session),
        title="<b>会</b>",
        sign_up=SignUp.NONE,
        starts_at=clock.now() + timedelta(days=1),
    )
    session.commit()
    page = client.get("/").text
    assert "&lt;b&gt;会" in page
    assert "<b>会" not in page


def test_what_becomes_public_is_on_the_next_page(client: FlaskClient, session: Session) -> None:
    load_city(session)
    department = make_department(session)
    assert "いま参加できるものはありません" in client.get("/").text
    campaign = make_campaign(session, department, title="いま公表した案")
    publish(
        session,
        NewsEvent.OPENED,
        reference=f"campaign:{campaign.id}",
        kind="campaign.comment",
        department_id=department.id,
        title=campaign.title,
        now=clock.now(),
    )
    session.commit()
    assert "いま公表した案" in client.get("/").text


def test_a_page_of_one_language_is_never_shown_in_another(
    client: FlaskClient, session: Session
) -> None:
    load_city(session)
    japanese = client.get("/", headers={"Accept-Language": "ja"}).text
    english = client.get("/", headers={"Accept-Language": "en"}).text
    assert '<html lang="ja"' in japanese
    assert '<html lang="en"' in english
    assert client.get("/", headers={"Accept-Language": "ja"}).text == japanese


@pytest.mark.slow
def test_it_asks_as_little_of_many_things_as_of_few(
    client: FlaskClient, session: Session, queries: list[str]
) -> None:
    load_city(session)
    counts = []
    for events in (50, 5_000):
        many_things(session, make_department(session), events, clock.now())
        queries.clear()
        assert client.get(f"/?events={events}").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 18


def test_a_page_from_memory_asks_one_thing(
    client: FlaskClient, session: Session, queries: list[str]
) -> None:
    load_city(session)
    client.get("/")
    queries.clear()
    client.get("/")
    assert len(queries) <= 1


def test_what_another_process_publishes_is_known_half_a_second_later(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_city(session)
    department = make_department(session)
    news = {"reference": "campaign:1", "department_id": department.id, "title": "ほかで公表した案"}
    session.commit()  # and nothing of it is read again: that would hold the write lock
    here, now = db.engine, clock.now()
    before = freshness(here, now)
    elsewhere = create_engine(here.url, **engine_options(str(here.url)))
    with Session(elsewhere) as other:
        publish(other, NewsEvent.OPENED, kind="campaign.comment", now=now, **news)
        other.commit()
    elsewhere.dispose()
    later = time.monotonic() + 0.5
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert freshness(here, now).news_id > before.news_id


def test_what_this_process_publishes_is_known_at_once(app: Flask, session: Session) -> None:
    load_city(session)
    department = make_department(session)
    news = {"reference": "campaign:1", "department_id": department.id, "title": "公表した案"}
    session.commit()
    here, now = db.engine, clock.now()
    before = freshness(here, now)
    # Another page is asked for between the word to commit and the commit itself.
    event.listen(here, "commit", lambda _connection: freshness(here, now), once=True)
    publish(session, NewsEvent.OPENED, kind="campaign.comment", now=now, **news)
    session.commit()
    assert freshness(here, now).news_id > before.news_id
