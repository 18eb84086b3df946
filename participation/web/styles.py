"""The style sheet of every page: its parts from static/css in one file, under a hashed address."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

from participation.web.gate import public

_FOLDER = Path(__file__).resolve().parents[1] / "static" / "css"
# In this order: a later part may change what an earlier one says.
PARTS = (
    "tokens",
    "base",
    "header",
    "layout",
    "components",
    "content",
    "tables",
    "forms",
    "campaigns/campaign",
    "campaigns/desk",
    "campaigns/form",
    "campaigns/result",
    "campaigns/reading",
    "campaigns/answers",
    "campaigns/search",
    "workshops/event",
    "workshops/door",
    "registration",
    "portal/home",
    "portal/calendar",
    "portal/agenda",
)
_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def style_sheet() -> bytes:
    """Return all parts one after the other; read once in a process, as they are deployed."""
    return b"\n".join((_FOLDER / f"{part}.css").read_bytes() for part in PARTS)


@cache
def fingerprint() -> str:
    """Return what changes in the address whenever a part does."""
    return hashlib.sha256(style_sheet()).hexdigest()[:12]


def address() -> str:
    """Return where the browser gets the style sheet, and may keep it for ever."""
    return url_for("styles", v=fingerprint())


@public
def _styles() -> Response:
    response = Response(style_sheet(), mimetype="text/css")
    response.set_etag(fingerprint())
    # An old page's address gives the new sheet, which must not be kept under it.
    is_this_one = request.args.get("v") == fingerprint()
    response.headers["Cache-Control"] = _FOR_EVER if is_this_one else "no-cache"
    response.make_conditional(request)
    return response


def init_app(app: Flask) -> None:
    """Serve the sheet and let templates link it."""
    app.add_url_rule("/styles.css", "styles", _styles)
    app.jinja_env.globals["style_sheet_address"] = address
