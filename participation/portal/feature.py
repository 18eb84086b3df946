"""What this feature adds to the app."""

from flask import Flask

from participation.news import models as news
from participation.portal import models
from participation.portal.blueprints import public
from participation.portal.cli import group
from participation.portal.sweeps import forget_what_is_over, send_digests
from participation.portal.views import (
    calendar,
    feeds,
    follow,
    home,
    ical,
    language,
    memory,
    open_data,
    search,
)
from participation.web.feature import Feature

# Imported for their routes and tables.
VIEWS = (calendar, feeds, follow, home, ical, language, open_data, search)
MODELS = (models, news)


def _setup(app: Flask) -> None:
    memory.init_app(app)
    follow.init_app(app)


feature = Feature(
    name="portal",
    public=(public,),
    cli=(group,),
    every_minute=(send_digests,),
    sweeps=(forget_what_is_over,),
    setup=_setup,
)
