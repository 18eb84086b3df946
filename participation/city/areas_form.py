"""The form that says which areas of interest a public thing is about."""

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.city import queries
from participation.city.areas import areas_of
from participation.web.forms import Several, VersionForm


class AreasForm(VersionForm):
    """関心のある分野."""

    areas = Several(
        _l("関心のある分野"),
        validate_choice=False,
        description=_l("市民が探すときや、お知らせメールを受け取るときに使います。"),
    )

    def offer(self, session: Session, reference: str) -> None:
        """Offer the city's areas, and what the thing has although the list lost it."""
        listed = queries.areas(session)
        lost = [area for area in chosen_areas(session, reference) if area not in listed]
        self.areas.choices = [SelectChoice(area, area) for area in (*listed, *lost)]

    def show(self, session: Session, reference: str) -> None:
        """Put into the form what the thing is about."""
        self.areas.data = list(chosen_areas(session, reference))


def chosen_areas(session: Session, reference: str) -> tuple[str, ...]:
    """Return what one thing is about."""
    return areas_of(session, [reference]).get(reference, ())
