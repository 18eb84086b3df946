"""What this feature adds to the app."""

from participation.news import models as news
from participation.portal import models
from participation.portal.blueprints import public
from participation.portal.views import home, language
from participation.web.feature import Feature

# Imported for their routes and tables.
VIEWS = (home, language)
MODELS = (models, news)

feature = Feature(name="portal", public=(public,))
