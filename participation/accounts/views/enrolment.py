"""What a page shows so that an authenticator app can be set up: a picture and the same in text."""

import segno
from flask_babel import gettext as _

from participation.accounts import second_factor
from participation.city.queries import get_city
from participation.db.extension import db


def enrolment(secret: str, email: str) -> dict[str, str]:
    """Return ``qr_code`` (a data: address of an SVG picture) and ``secret`` in groups of four."""
    city = get_city(db.session())
    issuer = f"{city.name} {_('市民参加')}" if city else _("市民参加")
    uri = second_factor.provisioning_uri(secret, email=email, issuer=issuer)
    picture = segno.make(uri, error="m").svg_data_uri(scale=5, border=4, light="#fff", dark="#000")
    return {"qr_code": picture, "secret": second_factor.grouped(secret)}
