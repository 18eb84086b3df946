"""What this feature adds to the app."""

from participation.departments.cli import group
from participation.web.feature import Feature

feature = Feature(name="departments", cli=(group,))
