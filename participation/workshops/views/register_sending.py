"""The last step: a confirmed form becomes an application, and its sender gets the receipt."""

import logging
from datetime import datetime

from flask import g, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from participation.core import clock
from participation.core.errors import DomainError, InvalidInput
from participation.db.engine import reading_until_a_write
from participation.db.extension import db
from participation.db.group_commit import NotStoredError
from participation.submissions.floods import Pressed, under_pressure
from participation.submissions.issuing import Issued, app_keys, issue
from participation.submissions.models import Channel
from participation.submissions.networks import network_key
from participation.submissions.patience import first_try
from participation.submissions.services.receipts import secret_of_form
from participation.web import language, transaction
from participation.workshops.childcare import children_json
from participation.workshops.forms.public_checks import check_draft, child_of, party_of
from participation.workshops.forms.public_form import Draft
from participation.workshops.models import SeatMethod
from participation.workshops.queries.form_offers import FormOffer
from participation.workshops.services.applying import NewApplication, Wish
from participation.workshops.services.asking_again import tell_the_known
from participation.workshops.services.extra_fields import PREFIX
from participation.workshops.services.registering import prepare
from participation.workshops.services.seat_decisions import KnownPerson, NoSeat
from participation.workshops.services.sent_before import same_as_stored
from participation.workshops.services.web_registering import RESIDENT, ChallengeSpent, SentForm
from participation.workshops.views import register_pages, writer

_logger = logging.getLogger(__name__)
# The controls that a service's refusal is about, where they are called otherwise.
_CONTROLS = {"children": "c0-year"}


def send(offer: FormOffer, draft: Draft) -> ResponseReturnValue:
    """Store a form and lead to its receipt; the same form sent again leads to the same receipt.

    The request's transactions are over before the writer is asked.
    """
    now: datetime = g.received_at
    keys = app_keys()
    tried_at = (draft.tried and first_try(keys, draft.key, draft.digest, draft.tried, now)) or now
    errors = check_draft(draft, offer, tried_at)
    if errors:
        return register_pages.form(offer, draft, now=now, errors=errors)
    pressed = under_pressure(keys, draft, network_key(keys, request.remote_addr), now)
    if pressed is None:
        return _once_more(offer, draft, now, tried_at)
    secret = secret_of_form(keys, draft.key)
    new = new_application(offer, draft, pressed, secret=secret, received_at=tried_at)
    prepared = prepare(keys, new)
    try:
        stored = writer.store(SentForm(prepared, pressed.solution))
    except (NotStoredError, DomainError) as error:
        if isinstance(error, KnownPerson) and prepared.person_key is not None:
            _tell_the_known(offer, draft, prepared.person_key, now)
        return _not_taken(offer, draft, error, now, tried_at)
    if stored.again and not _is_same(stored.application_id, new):
        return register_pages.sent_before(offer, draft, stored.number)
    return issue(Issued(stored.number, secret), clock.now())


def new_application(
    offer: FormOffer, draft: Draft, pressed: Pressed, *, secret: str, received_at: datetime
) -> NewApplication:
    """Return the application that a checked form asks for."""
    party = party_of(draft, offer) or 1
    children = [child for one in draft.sent_children if (child := child_of(one)) is not None]
    sender = {
        **draft.sender,
        "needs": ",".join(draft.needs),
        "needs_note": draft.needs_note,
        "children": children_json(children),
        **{f"{PREFIX}{key}": value for key, value in draft.extra.items()},
    }
    return NewApplication(
        workshop_id=offer.id,
        channel=Channel.WEB,
        received_at=received_at,
        wishes=(
            *(Wish(pool_id, party) for pool_id in draft.chosen.values()),
            *(Wish(pool_id, len(children)) for pool_id in draft.childcare),
        ),
        party=party,
        sender=sender,
        idempotency_key=draft.key,
        eligibility_id=draft.eligibility_id,
        first_time=draft.first_time,
        invitation_code=draft.code,
        network_key=pressed.network,
        mail_to=draft.mail_to or draft.sender.get("email", ""),
        secret=secret,
        language=language.choose(),
    )


def _once_more(
    offer: FormOffer, draft: Draft, now: datetime, tried_at: datetime
) -> ResponseReturnValue:
    """Return the page before the last step; what is drawn since the form was shown, it says."""
    chosen = [offer.pools[row_id] for row_id in draft.pool_ids if row_id in offer.pools]
    if any(pool.method is SeatMethod.LOTTERY and pool.closes_at <= now for pool in chosen):
        try:
            offer = writer.offers().now(offer.id)
        except SQLAlchemyError:
            transaction.discard()
    return register_pages.confirmation(offer, draft, now=now, tried_at=tried_at)


def _tell_the_known(offer: FormOffer, draft: Draft, person_key: str, now: datetime) -> None:
    """Write to who has registered before; that it fails changes nothing for who has sent."""
    try:
        tell_the_known(
            db.session(),
            offer.id,
            person_key,
            tuple(draft.chosen.values()),
            actor=RESIDENT,
            now=now,
        )
        transaction.commit()
    except (SQLAlchemyError, DomainError):
        transaction.discard()
        _logger.exception("who is registered already could not be told")


def _not_taken(
    offer: FormOffer,
    draft: Draft,
    error: NotStoredError | DomainError,
    now: datetime,
    tried_at: datetime,
) -> ResponseReturnValue:
    match error:
        case ChallengeSpent():
            return _once_more(offer, draft, now, tried_at)
        case DomainError():
            return _refused(offer, draft, error, now)
    return register_pages.unavailable(offer, draft, tried_at)


def _refused(
    offer: FormOffer, draft: Draft, error: DomainError, now: datetime
) -> ResponseReturnValue:
    """Return the form with the refusal at the control that it is about; nothing typed is lost."""
    offer = writer.offers().now(offer.id)
    if not offer.is_held or not offer.open_groups(now):
        return register_pages.refused(offer, draft, str(error), error.status)
    message = str(error)
    match error:
        case NoSeat():
            groups = {pool_id: f"day-{key}" for key, pool_id in draft.chosen.items()}
            errors = {groups.get(pool_id, "childcare"): message for pool_id in error.pool_ids}
        case KnownPerson():
            errors = {f"s-{offer.wanted[0].key}" if offer.wanted else "days": message}
        case InvalidInput(field=str(field)):
            errors = {_CONTROLS.get(field, field): message}
        case _:
            errors = {"days": message}
    return register_pages.form(offer, draft, now=now, errors=errors, status=error.status)


def _is_same(application_id: int, new: NewApplication) -> bool:
    with reading_until_a_write():
        return same_as_stored(db.session(), application_id, new)
