"""The writer of registrations from the web, and the memory of the forms: one for each app."""

from collections.abc import Sequence

from flask import Flask, current_app
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.errors import DomainError
from participation.core.settings import Settings
from participation.db.group_commit import GroupCommit
from participation.submissions.offer_memory import OfferMemory
from participation.submissions.writers import hand_over, new_writer
from participation.workshops.queries.form_offers import FormOffer, form_offer
from participation.workshops.services.registering import StoredApplication
from participation.workshops.services.web_registering import SentForm, receive

_WRITER = "registration_writer"
_OFFERS = "registration_offers"

Writer = GroupCommit[SentForm, StoredApplication]


def init_app(app: Flask) -> None:
    """Prepare the writer of ``app``, and tell sessions the site's own address."""
    settings: Settings = app.extensions["settings"]
    app.extensions["session_info"]["site_url"] = settings.base_url
    app.extensions[_WRITER] = new_writer(app, _write)
    app.extensions[_OFFERS] = OfferMemory(form_offer)


def store(form: SentForm) -> StoredApplication:
    """Store one form for good.

    Raises:
        NotStoredError: the database does not answer, is locked or full.
        DomainError: why this form cannot be taken.

    """
    writer: Writer = current_app.extensions[_WRITER]
    return hand_over(writer, form)


def offers() -> OfferMemory[FormOffer]:
    """Return the forms on offer."""
    found: OfferMemory[FormOffer] = current_app.extensions[_OFFERS]
    return found


def _write(session: Session, forms: Sequence[SentForm]) -> list[StoredApplication | DomainError]:
    return receive(session, forms, now=clock.now())
