"""What an application's sender sees of it and may do: on the link's page and on the receipt."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.privacy.crypto import keyring
from participation.web.templating import translated
from participation.workshops.labels import (
    LAST_OF_ALL,
    SEAT_LABELS,
    STATUS_LABELS,
    STATUS_TONES,
)
from participation.workshops.models import (
    Application,
    Registration,
    RegistrationStatus,
    SeatKind,
    Workshop,
)
from participation.workshops.queries.applications import Claimed, claims_of, receipt_number
from participation.workshops.services.changing import is_changeable, is_held
from participation.workshops.services.joining import ways_to_join
from participation.workshops.services.links import link_token
from participation.workshops.services.seat_decisions import is_after_the_draw
from participation.workshops.services.seating import STANDING
from participation.workshops.views.register_pages import day_title
from participation.workshops.views.speech import deadline

# A line mostly says アドレス：https://…, without a blank between.
_ADDRESS = re.compile(r"(https?://[!-~]+[0-9A-Za-z/=_&#-])", re.ASCII)
_CHILDREN = frozenset({SeatKind.CHILDCARE})


@dataclass(frozen=True)
class Line:
    """One registration as its sender sees it; nothing that says who it is."""

    registration: Registration
    title: str
    people: str
    status: str
    tone: str
    until: str  # of an offer
    note: str  # why it stands where it does
    can_accept: bool
    can_cancel: bool


def lines_of(session: Session, application: Application, now: datetime) -> Sequence[Line]:
    """Return the registrations of an application."""
    workshop = session.get_one(Workshop, application.workshop_id)
    return [_line(session, workshop, one, now) for one in claims_of(session, application)]


def context_of(session: Session, application: Application, now: datetime) -> dict[str, Any]:
    """Return what ``workshops/public/_claims.html`` shows."""
    lines = lines_of(session, application, now)
    workshop = session.get_one(Workshop, application.workshop_id)
    return {
        "workshop": workshop,
        "application": application,
        "lines": lines,
        "can_cancel_all": sum(line.can_cancel for line in lines) > 1,
        "joining": [
            (day_title(one.day), _with_addresses(one.words))
            for one in ways_to_join(session, workshop, application, now)
        ],
        "token": link_token(keyring(session), receipt_number(session, application)),
    }


def _with_addresses(words: str) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether it is an address to follow."""
    pieces = enumerate(_ADDRESS.split(words))
    return [(piece, number % 2 == 1) for number, piece in pieces if piece]


def _line(session: Session, workshop: Workshop, claimed: Claimed, now: datetime) -> Line:
    one, pool = claimed.registration, claimed.pool
    is_offered = one.status is RegistrationStatus.OFFERED and one.offered_until is not None
    runs = is_offered and one.offered_until is not None and now < one.offered_until
    changeable = one.status in STANDING and is_changeable(session, pool, now)
    count = (
        _("お子さん%(count)s名", count=one.seats)
        if pool.kind in _CHILDREN
        else _("%(count)s名", count=one.seats)
    )
    return Line(
        registration=one,
        title=str(
            _(
                "%(day)s（%(kind)s）",
                day=day_title(claimed.day),
                kind=translated(SEAT_LABELS[pool.kind]),
            )
        ),
        people=str(count),
        status=STATUS_LABELS[one.status],
        tone=STATUS_TONES[one.status],
        until=deadline(one.offered_until) if one.offered_until is not None else "",
        note=LAST_OF_ALL if is_after_the_draw(one.status, one.place) else "",
        can_accept=runs and is_held(session, workshop, pool),
        can_cancel=changeable,
    )
