"""Forms on offer, remembered a moment by each process so that a flood asks the database seldom."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from participation.db.engine import reading_until_a_write
from participation.db.extension import db

Offer = TypeVar("Offer")
_MOST_KEPT = 200
# What a form asks for may be so old when it is sent: it was shown a moment before. Whether it can
# still be taken is decided anew by the writer.
_SENDING_SECONDS = 60.0


@dataclass(frozen=True)
class _Kept(Generic[Offer]):
    offer: Offer
    at: float


class OfferMemory(Generic[Offer]):
    """The forms of one kind of thing, by the thing's id; one for each app."""

    def __init__(self, load: Callable[[Session, int], Offer]) -> None:
        """``load`` reads a form as a plain value that needs no session any more."""
        self._load = load
        self._kept: dict[int, _Kept[Offer]] = {}

    def now(self, thing_id: int) -> Offer:
        """Return the form as it is offered now.

        Raises:
            NotFound: residents may not see such a thing.

        """
        with reading_until_a_write():
            offer = self._load(db.session(), thing_id)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[thing_id] = _Kept(offer, time.monotonic())
        return offer

    def for_sending(self, thing_id: int) -> Offer:
        """Return the form that is being sent; from memory where that is young, or all there is.

        Raises:
            NotFound: residents may not see such a thing.

        """
        kept = self._kept.get(thing_id)
        if kept is not None and time.monotonic() - kept.at < _SENDING_SECONDS:
            return kept.offer
        try:
            return self.now(thing_id)
        except SQLAlchemyError:
            if kept is None:
                raise
            return kept.offer
        finally:
            # No transaction of this request may be open while the writer works.
            db.session.rollback()
