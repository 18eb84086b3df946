"""Errors are pages that help, and a database that is down is said so (promise P10)."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from participation.core import errors
from participation.web.gate import public


def add_view(app: Flask, error: Exception) -> str:
    @public
    def view() -> str:
        raise error

    app.add_url_rule("/planted", "planted", view, methods=["GET"])
    return "/planted"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.DomainError("条件に合いません。"), 400),
        (errors.PermissionDenied("担当ではありません。"), 403),
        (errors.NotFound("見つかりません。"), 404),
        (errors.StateConflict("先に変更されました。"), 409),
        (errors.InvalidInput("年度が読めません。"), 422),
    ],
)
def test_a_rule_that_says_no_is_told_in_its_own_words(app: Flask, error, status: int):
    response = app.test_client().get(add_view(app, error))
    assert response.status_code == status
    assert str(error) in response.get_data(as_text=True)


def test_a_database_that_is_down_gives_the_other_ways(app: Flask):
    response = app.test_client().get(add_view(app, OperationalError("x", {}, Exception("down"))))
    assert response.status_code == 503
    assert "郵送・持参・FAX" in response.get_data(as_text=True)


def test_an_unforeseen_error_says_nothing_of_the_inside(app: Flask):
    app.config["SHOW_ERROR_PAGES"] = True
    response = app.test_client().get(add_view(app, RuntimeError("秘密の中身")))
    assert response.status_code == 500
    assert "秘密の中身" not in response.get_data(as_text=True)


def test_nowhere(client: FlaskClient):
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "ページが見つかりません" in response.get_data(as_text=True)


def test_a_wrong_method_names_the_right_ones(client: FlaskClient):
    response = client.put("/health/live")
    assert response.status_code in {400, 405}


def test_a_post_without_a_token_is_refused_with_advice(client: FlaskClient):
    response = client.post("/staff/sign-in", data={"email": "x@example.jp", "password": "x"})
    assert response.status_code == 400
    assert "もう一度送信" in response.get_data(as_text=True)


def test_health(client: FlaskClient):
    assert client.get("/health/live").get_json() == {"status": "live"}
    assert client.get("/health/ready").get_json()["status"] == "ready"


def test_health_when_the_database_is_gone(app: Flask, monkeypatch: pytest.MonkeyPatch):
    from participation.db.extension import db

    def down(*_arguments, **_options):
        raise OperationalError("SELECT 1", {}, Exception("down"))

    with app.app_context():
        monkeypatch.setattr(db.session, "execute", down)
        client = app.test_client()
        assert client.get("/health/ready").status_code == 503
        assert client.get("/health/live").status_code == 200


def test_a_foreign_host_is_refused(app: Flask, caplog: pytest.LogCaptureFixture):
    app.config["TRUSTED_HOSTS"] = ["city.example.jp"]
    client = app.test_client()
    foreign = client.get("/health/live", headers={"Host": "evil.example"})
    assert foreign.status_code == 400
    assert "evil" not in foreign.get_data(as_text=True)
    # Robots try it all day long: it is no fault of ours that somebody should look at.
    assert not [one for one in caplog.records if one.levelname == "ERROR"]
    assert client.get("/health/live", headers={"Host": "city.example.jp"}).status_code == 200
