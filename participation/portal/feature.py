"""What this feature adds to the app."""

from participation.news import models as news
from participation.portal import models
from participation.portal.blueprints import public
from participation.portal.views import calendar, home, ical, language, memory, open_data
from participation.web.feature import Feature

# Imported for their routes and tables.
VIEWS = (calendar, home, ical, language, open_data)
MODELS = (models, news)

feature = Feature(name="portal", public=(public,), setup=memory.init_app)
