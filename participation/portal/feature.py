"""What this feature adds to the app."""

from participation.news import models as news
from participation.portal import models, views
from participation.portal.blueprints import public
from participation.web.feature import Feature

# Imported for their routes and tables.
VIEWS = (views,)
MODELS = (models, news)

feature = Feature(name="portal", public=(public,))
