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
    return redirect(_remember(code), 303)


@public.post("/language/<code>")
@gate.public
def language_act(code: str) -> ResponseReturnValue:
    """Do the same from within a form: it is sent on as it is (307), so nothing typed is lost."""
    return redirect(_remember(code), 307)


def _remember(code: str) -> str:
    if code not in LANGUAGES:
        abort(404)
    session["locale"] = code
    return local_path(request.args.get("next"), url_for("portal.home"))
