"""What receipts add to the app."""

from participation.submissions.views.blueprints import public
from participation.web.feature import Feature

feature = Feature(name="submissions", public=(public,))
