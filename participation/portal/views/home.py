"""The residents' home page."""

from typing import Any

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from participation.city.queries import get_city
from participation.core import clock
from participation.db.extension import db
from participation.portal.blueprints import public
from participation.web import gate
from participation.web.feature import Feature


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
