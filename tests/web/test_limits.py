"""Rate limits hold where a view declares one, and nothing else is counted."""

from collections.abc import Iterator

import pytest
from flask import Flask

from participation.app import create_app
from participation.db.extension import db
from participation.web.limits import limiter
from tests.conftest import make_settings


@pytest.fixture
def limited(tmp_path, database_url) -> Iterator[Flask]:
    """An app that counts, as every one outside the tests does."""
    settings = make_settings(tmp_path / "data", database_url, PARTICIPATION_ENV="development")
    app = create_app(settings)
    yield app
    with app.app_context():
        limiter.reset()
        db.engine.dispose()
    limiter.enabled = False  # the extension is one for all apps of this process


def test_a_view_with_a_limit_is_counted_and_one_without_is_not(limited):
    client = limited.test_client()
    invited = [client.get("/staff/invitation/unknown").status_code for _ in range(61)]
    assert 429 not in invited[:60]
    assert invited[60] == 429
    assert {client.get("/health/live").status_code for _ in range(200)} == {200}


def test_the_extension_does_not_look_at_every_request(limited):
    hooks = limited.before_request_funcs[None]
    assert not [hook for hook in hooks if getattr(hook, "__self__", None) is limiter]
