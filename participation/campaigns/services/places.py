"""Where the documents lie (閲覧場所)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, ViewingPlace
from participation.campaigns.services.editing import begin
from participation.campaigns.services.state_machine import record
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.core.text import clean_input

MAX_PLACES = 50


@dataclass(frozen=True)
class PlaceTerms:
    """A viewing place as it is to be."""

    name: str
    address: str = ""
    hours: str = ""
    opens_on: date | None = None
    closes_on: date | None = None


def edit_places(
    session: Session,
    campaign: Campaign,
    terms: Sequence[PlaceTerms],
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Set where the documents lie, in this order.

    Raises:
        StateConflict: as for ``edit_fields``.
        InvalidInput: a place has no name, two have one name, or its days are the wrong way round.

    """
    begin(session, campaign, "places", version, now)
    new = [_checked_place(one) for one in terms]
    if len(new) > MAX_PLACES:
        raise InvalidInput(f"{MAX_PLACES}か所以内にしてください。")
    if len({one.name for one in new}) < len(new):
        raise InvalidInput("同じ名称の場所が2つあります。")
    before = [
        PlaceTerms(one.name, one.address, one.hours, one.opens_on, one.closes_on)
        for one in campaign.places
    ]
    if before == new:
        return False
    for position, one in enumerate(new):
        if position < len(before):
            for name, value in vars(one).items():
                setattr(campaign.places[position], name, value)
        else:
            campaign.places.append(ViewingPlace(position=position, **vars(one)))
    del campaign.places[len(new) :]
    record(
        session,
        campaign,
        "places_edited",
        actor=actor,
        now=now,
        before={"places": [vars(one) for one in before]},
        after={"places": [vars(one) for one in new]},
    )
    return True


def _checked_place(terms: PlaceTerms) -> PlaceTerms:
    name = clean_input(terms.name).strip()
    if not name:
        raise InvalidInput("閲覧場所の名称を入力してください。")
    if terms.opens_on and terms.closes_on and terms.closes_on < terms.opens_on:
        raise InvalidInput(f"「{name}」の終わりの日が、始まりの日より前です。")
    return PlaceTerms(
        name,
        clean_input(terms.address),
        clean_input(terms.hours),
        terms.opens_on,
        terms.closes_on,
    )
