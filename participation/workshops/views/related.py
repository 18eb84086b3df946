"""What other features publish, as a workshop's pages link it: through their occasions."""

import re
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.core.occasions import OccasionSource
from participation.web.feature import Feature
from participation.workshops.views.occasions import NAME

_REFERENCE = re.compile(r"([a-z]{1,30}):([1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True)
class Related:
    """A public thing: what it is called, and where it is."""

    title: str
    url: str


def public_thing(session: Session, reference: str, now: datetime) -> Related | None:
    """Return what residents can see under ``reference`` (campaign:12); None if there is nothing."""
    found = _REFERENCE.fullmatch(reference)
    if found is None or found[1] == NAME:
        return None
    sources: tuple[OccasionSource, ...] = current_app.extensions["occasion_sources"]
    source = next((one for one in sources if one.name == found[1]), None)
    if source is None:
        return None
    try:
        parts = source.parts(session, int(found[2]), now)
    except NotFound:
        return None
    url = _address(reference)
    if not url:
        return None
    return Related(parts[0].title if parts else str(_("関係する募集")), url)


def _address(reference: str) -> str:
    features: tuple[Feature, ...] = current_app.extensions["features"]
    kind = reference.partition(":")[0]
    for feature in features:
        if kind in feature.addresses:
            return feature.addresses[kind](reference, "")
    return ""
