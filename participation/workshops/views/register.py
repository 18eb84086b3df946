"""Registering: the form, its confirmation page, and the receipt at its end."""

from dataclasses import replace
from datetime import datetime

from flask import g, request
from flask.typing import ResponseReturnValue

from participation.core import clock
from participation.web import gate
from participation.workshops.forms.public_checks import check_draft
from participation.workshops.forms.public_form import (
    MOST_CHILDREN,
    Draft,
    DraftChild,
    new_key,
    read_draft,
)
from participation.workshops.queries.form_offers import FormOffer, Room
from participation.workshops.views import register_pages
from participation.workshops.views.blueprints import public
from participation.workshops.views.register_sending import send
from participation.workshops.views.writer import offers


@public.get("/<int:workshop_id>/register/")
@gate.public
def register(workshop_id: int) -> ResponseReturnValue:
    """Show an empty form; before, after, when it is full or cancelled, say so."""
    offer = offers().now(workshop_id)
    now = clock.now()
    if not is_offered(offer, now):
        return register_pages.not_offered(offer, now)
    return register_pages.form(offer, _empty(offer, now), now=now)


@public.post("/<int:workshop_id>/register/")
@gate.public
def register_act(workshop_id: int) -> ResponseReturnValue:
    """Do what the pressed button says; everything typed goes along."""
    act, _colon, argument = request.form.get("act", "confirm").partition(":")
    if act == "send":
        offer = offers().for_sending(workshop_id)
        return send(offer, read_draft(request.form, offer))
    offer = offers().now(workshop_id)
    draft = read_draft(request.form, offer)
    now: datetime = g.received_at
    match act:
        case "add":
            draft = _add(draft)
        case "remove":
            draft = _remove(draft, argument)
        case "confirm":
            errors = check_draft(draft, offer, now)
            if not errors:
                return register_pages.confirmation(offer, draft, now=now)
            return register_pages.form(offer, draft, now=now, errors=errors)
        case _:
            pass
    return register_pages.form(offer, draft, now=now, act=act)


def is_offered(offer: FormOffer, now: datetime) -> bool:
    """Whether there is anything that one can register for now."""
    return offer.is_held and any(
        pool.room is not Room.FULL for group in offer.open_groups(now) for pool in group.pools
    )


def _empty(offer: FormOffer, now: datetime) -> Draft:
    """Return a new form; what leaves no choice is chosen."""
    groups = offer.open_groups(now)
    if len(offer.groups) == 1 and len(groups) == 1 and len(groups[0].pools) == 1:
        return Draft(key=new_key(), chosen={groups[0].key: groups[0].pools[0].id})
    return Draft(key=new_key())


def _add(draft: Draft) -> Draft:
    if len(draft.children) >= MOST_CHILDREN:
        return draft
    return replace(draft, children=(*draft.children, DraftChild()))


def _remove(draft: Draft, argument: str) -> Draft:
    left = tuple(one for number, one in enumerate(draft.children) if str(number) != argument)
    return replace(draft, children=left or (DraftChild(),))
