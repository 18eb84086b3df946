"""The example of a reverse proxy: what it writes into its log."""

import re
from pathlib import Path

from flask import Flask

CONF = Path(__file__).parents[2] / "docs" / "deploy" / "nginx.conf"
LOCATION = re.compile(r"^    location (~ )?(\S+) \{\n(.*?)^    \}", re.MULTILINE | re.DOTALL)


def test_no_address_with_a_secret_is_logged(app: Flask) -> None:
    silent = [
        re.compile(place if is_pattern else "^" + re.escape(place))
        for is_pattern, place, body in LOCATION.findall(CONF.read_text(encoding="utf-8"))
        if "access_log off;" in body
    ]
    secret = [rule.rule for rule in app.url_map.iter_rules() if "token" in rule.arguments]
    assert len(secret) >= 5
    for rule in secret:
        address = rule.replace("<token>", "0" * 64)
        assert any(one.search(address) for one in silent), rule


def test_the_log_has_neither_what_was_typed_nor_where_people_came_from() -> None:
    text = CONF.read_text(encoding="utf-8")
    formats = re.findall(r"log_format (\w+) (.*?);", text, re.DOTALL)
    assert [name for name, _words in formats] == ["participation"]
    words = formats[0][1]
    for leak in ("$request ", '$request"', "$request_uri", "$args", "$http_referer"):
        assert leak not in words
    logged = re.findall(r"access_log (\S+)(.*?);", text)
    assert {rest.strip() for target, rest in logged if target != "off"} == {"participation"}


def test_the_log_of_errors_has_no_request() -> None:
    """With "error" nginx writes each request that met a stopped application, address and all."""
    text = CONF.read_text(encoding="utf-8")
    assert re.findall(r"error_log \S+ (\w+);", text) == ["alert"]
