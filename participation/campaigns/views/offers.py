"""The forms on offer, remembered a moment by each process so that a flood asks seldom."""

import time
from dataclasses import dataclass

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from participation.campaigns.queries.form_offers import FormOffer, form_offer
from participation.db.engine import reading_until_a_write
from participation.db.extension import db

_NAME = "form_offers"
_MOST_KEPT = 200
# What a form asks for may be so old when it is sent: it was shown a moment before. Whether it is
# in time is decided anew by the writer.
_SENDING_SECONDS = 60.0


@dataclass(frozen=True)
class _Kept:
    offer: FormOffer
    at: float


def init_app(app: Flask) -> None:
    """Prepare the memory of ``app``."""
    app.extensions[_NAME] = {}


def offer_now(campaign_id: int) -> FormOffer:
    """Return the form as it is offered now.

    Raises:
        NotFound: residents may not see such a campaign.

    """
    with reading_until_a_write():
        offer = form_offer(db.session(), campaign_id)
    memory: dict[int, _Kept] = current_app.extensions[_NAME]
    if len(memory) >= _MOST_KEPT:
        memory.clear()
    memory[campaign_id] = _Kept(offer, time.monotonic())
    return offer


def offer_for_sending(campaign_id: int) -> FormOffer:
    """Return the form that is being sent; from memory where that is young, or all there is.

    Raises:
        NotFound: residents may not see such a campaign.

    """
    memory: dict[int, _Kept] = current_app.extensions[_NAME]
    kept = memory.get(campaign_id)
    if kept is not None and time.monotonic() - kept.at < _SENDING_SECONDS:
        return kept.offer
    try:
        return offer_now(campaign_id)
    except SQLAlchemyError:
        if kept is None:
            raise
        return kept.offer
    finally:
        # No transaction of this request may be open while the writer works.
        db.session.rollback()
