"""Handing a receipt to the browser: number and secret, encrypted, in a cookie of a few minutes."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Response, current_app, redirect, request, url_for

from participation.privacy.crypto import DecryptionError, Keyring

_NAME = "receipt"
_SHOWN_FOR = timedelta(minutes=30)
_PLACE = {"table": "cookie", "column": _NAME, "row": "issued"}


@dataclass(frozen=True)
class Issued:
    """What the receipt page shows once."""

    number: str
    secret: str = field(repr=False)


def issue(issued: Issued, now: datetime) -> Response:
    """Return the redirect to the receipt page that brings number and secret along.

    Neither stands in an address, a log or a cookie that anybody can read; a reload of the page
    shows it again, and after half an hour nothing does.
    """
    text = json.dumps([issued.number, issued.secret, int(now.timestamp())])
    response = redirect(url_for("receipts.issued"), 303)
    response.set_cookie(
        _name(),
        app_keys().encrypt(text, **_PLACE),
        max_age=int(_SHOWN_FOR.total_seconds()),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    assert isinstance(response, Response)
    return response


def issued_now(now: datetime) -> Issued | None:
    """Return what was issued to this browser a moment ago."""
    value = request.cookies.get(_name())
    if not value:
        return None
    try:
        number, secret, at = json.loads(app_keys().decrypt(value, **_PLACE))
    except (DecryptionError, ValueError):
        return None
    if now.timestamp() - at > _SHOWN_FOR.total_seconds():
        return None
    return Issued(number, secret)


def forget(response: Response) -> None:
    """Have the browser forget the receipt."""
    response.delete_cookie(
        _name(), path="/", secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True
    )


def app_keys() -> Keyring:
    """Return the app's keyring, where there is no session to ask."""
    keys: Keyring = current_app.extensions["session_info"]["keyring"]
    return keys


def _name() -> str:
    return f"__Host-{_NAME}" if current_app.config["SESSION_COOKIE_SECURE"] else _NAME
