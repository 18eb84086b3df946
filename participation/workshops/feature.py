"""What workshops add to the app."""

from participation.web.feature import Feature
from participation.workshops import models
from participation.workshops.views.blueprints import public, staff

# Imported for their tables.
MODELS = (models,)

feature = Feature(
    name="workshops",
    public=(public,),
    staff=(staff,),
)
