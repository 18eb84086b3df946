"""The desk: typing one registration after the other from the telephone, FAX, letters and mails."""

from datetime import datetime

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError, InvalidInput, NotFound
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate, transaction
from participation.workshops.forms import desk_form
from participation.workshops.forms.desk_form import DeskDraft
from participation.workshops.labels import CHANNEL_LABELS, SEAT_LABELS, STATUS_LABELS
from participation.workshops.models import SeatMethod, SignUp, Workshop, WorkshopState
from participation.workshops.needs import NEEDS
from participation.workshops.queries.applications import claims_of, receipt_number
from participation.workshops.queries.form_offers import ROOM_LABELS, FormOffer, form_offer
from participation.workshops.queries.registration_lists import get_application
from participation.workshops.services import desk as services
from participation.workshops.services.desk import ComesLate
from participation.workshops.services.seat_decisions import KnownPerson, NoSeat
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff
from participation.workshops.views.register_pages import day_title
from participation.workshops.views.registration_words import pool_names
from participation.workshops.views.speech import deadline

_LONGEST = 30
_LONGEST_ID = 12
# The controls that a service's refusal is about, where they are called otherwise.
_CONTROLS = {"children": "c0-year"}


@staff.route("/<int:workshop_id>/desk", methods=["GET", "POST"])
@gate.requires(Permission.REGISTRATION_WRITE)
def desk(workshop_id: int) -> ResponseReturnValue:
    """Type a registration; how and when it came stay from one to the next."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_WRITE)
    now = clock.now()
    if found.state is not WorkshopState.ANNOUNCED or found.sign_up is SignUp.NONE:
        return _page(found, actor, None, None, None)
    shown = form_offer(db.session(), found.id)
    offer = desk_form.as_desk(shown)
    if request.method == "GET":
        return _page(found, actor, shown, offer, _empty(offer, now))
    typed = desk_form.read_desk(request.form, offer)
    errors = desk_form.check_desk(typed, offer, now)
    status, asks_late = 422, typed.late_ok
    if not errors:
        try:
            entered = services.enter(
                db.session(),
                found,
                desk_form.new_application(typed, offer, now),
                arrived_on=typed.day or clock.local_date(now),
                late_ok=typed.late_ok,
                actor=actor,
                now=now,
            )
        except DomainError as error:
            transaction.discard()
            errors, status = _errors(typed, offer, error), error.status
            asks_late = asks_late or isinstance(error, ComesLate)
        else:
            transaction.commit()
            return redirect(
                url_for(
                    ".desk",
                    workshop_id=workshop_id,
                    saved=entered.stored.application_id,
                    channel=typed.channel,
                    arrived_on=typed.arrived_on,
                ),
                303,
            )
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_WRITE)
    page = _page(found, actor, shown, offer, typed, errors=errors, asks_late=asks_late)
    return page, status


def _empty(offer: FormOffer, now: datetime) -> DeskDraft:
    today = clock.local_date(now).isoformat()
    arguments = request.args
    return desk_form.empty_draft(
        offer,
        channel=arguments.get("channel", services.DESK_CHANNELS[0].value)[:_LONGEST],
        arrived_on=arguments.get("arrived_on", today)[:_LONGEST],
    )


def _errors(typed: DeskDraft, offer: FormOffer, error: DomainError) -> dict[str, str]:
    """Return a refusal at the control that it is about."""
    message = str(error)
    match error:
        case NoSeat():
            groups = {pool_id: f"day-{key}" for key, pool_id in typed.draft.chosen.items()}
            return {groups.get(pool_id, "childcare"): message for pool_id in error.pool_ids}
        case KnownPerson():
            return {f"s-{offer.wanted[0].key}" if offer.wanted else "days": message}
        case InvalidInput(field=str(name)):
            return {_CONTROLS.get(name, name): message}
        case _:
            return {"days": message}


def _page(
    found: Workshop,
    actor: Actor,
    shown: FormOffer | None,
    offer: FormOffer | None,
    typed: DeskDraft | None,
    *,
    errors: dict[str, str] | None = None,
    asks_late: bool = False,
) -> str:
    return pages.page(
        "workshops/staff/desk.html",
        found,
        actor,
        tab="registrations",
        shown=shown,
        offer=offer,
        typed=typed,
        draft=None if typed is None else typed.draft,
        errors=errors or {},
        asks_late=asks_late,
        asks_code=shown is not None
        and any(pool.method is SeatMethod.INVITED for pool in shown.pools.values()),
        channels=[(one.value, CHANNEL_LABELS[one]) for one in services.DESK_CHANNELS],
        room_labels=ROOM_LABELS,
        seat_labels=SEAT_LABELS,
        need_labels=NEEDS,
        day_title=day_title,
        deadline=deadline,
        now=clock.now(),
        saved=_saved(found),
        statuses=STATUS_LABELS,
    )


def _saved(found: Workshop) -> dict[str, object] | None:
    """Return what the form before this one became."""
    text = request.args.get("saved", "")
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID):
        return None
    session = db.session()
    try:
        one = get_application(session, found, int(text))
    except NotFound:
        return None
    claims = claims_of(session, one)
    names = pool_names(found, [claimed.pool for claimed in claims])
    return {
        "id": one.id,
        "number": receipt_number(session, one),
        "has_mail": one.has_mail,
        "lines": [
            (names[claimed.pool.id], claimed.registration.seats, claimed.registration.status)
            for claimed in claims
        ],
    }
