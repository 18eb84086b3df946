"""The forms on offer, remembered a moment by each process so that a flood asks seldom."""

from flask import Flask, current_app

from participation.campaigns.queries.form_offers import FormOffer, form_offer
from participation.submissions.offer_memory import OfferMemory

_NAME = "form_offers"


def init_app(app: Flask) -> None:
    """Prepare the memory of ``app``."""
    app.extensions[_NAME] = OfferMemory(form_offer)


def offer_now(campaign_id: int) -> FormOffer:
    """Return the form as it is offered now.

    Raises:
        NotFound: residents may not see such a campaign.

    """
    return _memory().now(campaign_id)


def offer_for_sending(campaign_id: int) -> FormOffer:
    """Return the form that is being sent; from memory where that is young, or all there is.

    Raises:
        NotFound: residents may not see such a campaign.

    """
    return _memory().for_sending(campaign_id)


def _memory() -> OfferMemory[FormOffer]:
    memory: OfferMemory[FormOffer] = current_app.extensions[_NAME]
    return memory
