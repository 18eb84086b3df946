"""The old address of residents' search: everything public is searched in one place."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from participation.campaigns.views.blueprints import public
from participation.web import gate

_MOVED = 301


@public.get("/search")
@gate.public
def search() -> ResponseReturnValue:
    """Lead to the one search, with what was asked."""
    query = request.args.get("q")
    return redirect(url_for("portal.search", q=query or None), _MOVED)
