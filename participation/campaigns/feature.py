"""What public comments add to the app."""

from participation.campaigns.cli import group
from participation.campaigns.views.blueprints import public, staff
from participation.web.feature import Feature

feature = Feature(name="campaigns", public=(public,), staff=(staff,), cli=(group,))
