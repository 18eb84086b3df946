"""What a receipt shows of an application: the state of each day, and the code for the door."""

from datetime import datetime

import segno
from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core.settings import Settings
from participation.submissions.models import Receipt
from participation.submissions.pages import ReceiptDetail
from participation.workshops.models import Application, RegistrationStatus
from participation.workshops.queries.applications import application_of_receipt
from participation.workshops.views.claims import context_of

_TEMPLATE = "workshops/public/_receipt.html"
_CHECK_IN = "staff.workshops.check_in"
_SCALE = 6
_BORDER = 4  # modules of white around it, which the standard wants


def detail(session: Session, receipt: Receipt, now: datetime) -> ReceiptDetail | None:
    """Return the part of the receipt page that speaks of the application."""
    found = application_of_receipt(session, receipt.id)
    if found is None:
        return None
    context = context_of(session, found, now)
    held = any(
        line.registration.status is RegistrationStatus.CONFIRMED for line in context["lines"]
    )
    return ReceiptDetail(
        _TEMPLATE,
        {**context, "door_picture": door_picture(found) if held else ""},
        thanks=str(_("お申込みをありがとうございました。")),
    )


def door_picture(application: Application) -> str:
    """Return the QR code for the door as a picture's address (data:), without any person's data.

    It leads to a page for signed-in staff that ticks off who has come.
    """
    settings: Settings = current_app.extensions["settings"]
    address = settings.base_url + url_for(
        _CHECK_IN, workshop_id=application.workshop_id, code=application.door_code
    )
    return str(
        segno.make(address, error="m", micro=False).svg_data_uri(scale=_SCALE, border=_BORDER)
    )
