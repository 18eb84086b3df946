"""The residents' home and the choice of language."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.city import services
from participation.core import clock
from participation.core.actors import system_actor
from participation.web.feature import Feature, HomeCard


def load_city(session: Session) -> None:
    services.update_city(
        session,
        name="例市",
        prefecture="例県",
        code="131016",
        contact=[("電話", "00-0000-0001")],
        seen=None,
        actor=system_actor("tests"),
        now=clock.now(),
    )
    session.commit()


def test_before_anything_is_loaded_it_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "city load-profile" in page.text


def test_nothing_open_is_a_dignified_page(client: FlaskClient, session: Session) -> None:
    load_city(session)
    page = client.get("/").text
    assert "例市" in page
    assert "現在、公開しているものはありません" in page
    assert 'href="/reports/"' in page


def test_features_show_their_cards(app: Flask, client: FlaskClient, session: Session) -> None:
    load_city(session)
    seen = []

    def cards(given: Session, now: object) -> list[HomeCard]:
        seen.append((given, now))
        return [HomeCard("意見を募集しています", "<b>今日まで</b>", "/x")]

    app.extensions["features"] = (Feature("one", home=cards), Feature("none"))
    page = client.get("/").text
    assert "意見を募集しています" in page
    assert "&lt;b&gt;今日まで" in page
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("", "/"),
        ("?next=/reports/", "/reports/"),
        ("?next=https://evil.example/", "/"),
        ("?next=//evil.example/", "/"),
        ("?next=/%5Cevil.example/", "/"),
    ],
)
def test_the_language_is_remembered(client: FlaskClient, query: str, location: str) -> None:
    answer = client.get(f"/language/en{query}")
    assert answer.status_code == 303
    assert answer.location == location
    assert '<html lang="en"' in client.get("/").text
    client.get("/language/ja")
    assert '<html lang="ja"' in client.get("/").text


def test_an_unknown_language_is_not_found(client: FlaskClient) -> None:
    assert client.get("/language/xx").status_code == 404
