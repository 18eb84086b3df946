"""What this feature adds to the app."""

from participation.portal import views
from participation.portal.blueprints import public
from participation.web.feature import Feature

# Imported for its routes.
VIEWS = (views,)

feature = Feature(name="portal", public=(public,))
