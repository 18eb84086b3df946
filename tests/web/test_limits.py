"""Rate limits hold where a view declares one, and nothing else is counted."""

import pytest
from flask import Flask

from participation.app import create_app
from participation.web.limits import limiter


@pytest.fixture
def limited(settings) -> Flask:
    app = create_app(settings)
    was = limiter.enabled
    limiter.enabled = True
    yield app
    limiter.enabled = was
    limiter.reset()


def test_a_view_with_a_limit_is_counted_and_one_without_is_not(limited):
    client = limited.test_client()
    invited = [client.get("/staff/invitation/unknown").status_code for _ in range(61)]
    assert 429 not in invited[:60]
    assert invited[60] == 429
    assert {client.get("/health/live").status_code for _ in range(200)} == {200}


def test_the_extension_does_not_look_at_every_request(limited):
    hooks = limited.before_request_funcs[None]
    assert not [hook for hook in hooks if getattr(hook, "__self__", None) is limiter]
