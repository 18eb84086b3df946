"""The residents' home page and the choice of language."""

from typing import Any

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from participation.city.queries import get_city
from participation.core import clock
from participation.db.extension import db
from participation.portal.blueprints import public
from participation.web import gate
from participation.web.feature import Feature
from participation.web.language import LANGUAGES
from participation.web.local_paths import local_path


@public.get("/")
@gate.public
def home() -> ResponseReturnValue:
    """Show what is open now; before a profile is loaded, what the operator does next."""
    features: tuple[Feature, ...] = current_app.extensions["features"]
    now = clock.now()
    cards: list[Any] = [
        card
        for feature in features
        if feature.home is not None
        for card in feature.home(db.session(), now)
    ]
    return render_template(
        "portal/home.html", cards=cards, profile_loaded=get_city(db.session()) is not None
    )


@public.get("/language/<code>")
@gate.public
def language(code: str) -> ResponseReturnValue:
    """Remember the language a reader chose and go back to where they were."""
    if code not in LANGUAGES:
        abort(404)
    session["locale"] = code
    return redirect(local_path(request.args.get("next"), url_for("portal.home")), 303)
