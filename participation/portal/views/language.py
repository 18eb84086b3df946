"""The choice of language."""

from flask import abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from participation.portal.blueprints import public
from participation.web import gate
from participation.web.language import LANGUAGES
from participation.web.local_paths import local_path


@public.get("/language/<code>")
@gate.public
def language(code: str) -> ResponseReturnValue:
    """Remember the language a reader chose and go back to where they were."""
    if code not in LANGUAGES:
        abort(404)
    session["locale"] = code
    return redirect(local_path(request.args.get("next"), url_for("portal.home")), 303)
