"""The city on every page: one query at most, and from memory while the database is down."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from participation.city import context, services
from participation.core.actors import system_actor

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def store(session: Session) -> None:
    services.update_city(
        session,
        name="例市",
        prefecture="例県",
        code="131016",
        contact=[("ＦＡＸ", "00-0000-0009")],
        seen=None,
        actor=system_actor("tests"),
        now=NOW,
    )
    session.commit()


def test_pages_open_before_any_profile_is_loaded(client: FlaskClient, session: Session) -> None:
    page = client.get("/").text
    assert "city load-profile" in page
    store(session)
    page = client.get("/").text
    assert "例市" in page
    assert "00-0000-0009" in page
    assert "city load-profile" not in page


def test_one_query_for_the_city(client: FlaskClient, session: Session, queries: list[str]) -> None:
    store(session)
    queries.clear()
    assert client.get("/staff/sign-in").status_code == 200
    assert sum("FROM city" in statement for statement in queries) == 1


def test_the_way_to_reach_the_city_is_remembered(
    app: Flask, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(session)
    client.get("/")

    def down(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("down"))

    monkeypatch.setattr("participation.portal.views.home.get_city", down)
    monkeypatch.setattr(context, "get_city", down)
    answer = client.get("/?from=elsewhere")  # such a page is in no memory
    assert answer.status_code == 503
    assert "00-0000-0009" in answer.text


def test_a_failed_request_does_not_ask_again(
    app: Flask, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(session)
    client.get("/")
    asked = []

    def down(*_: object) -> None:
        asked.append(1)
        raise OperationalError("SELECT", {}, Exception("down"))

    monkeypatch.setattr("participation.portal.views.home.get_city", down)
    monkeypatch.setattr(context, "get_city", down)
    assert client.get("/?from=elsewhere").status_code == 503
    assert len(asked) == 1
