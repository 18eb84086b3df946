"""The pages of a registration's form; each carries everything that was typed."""

from datetime import datetime
from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.submissions import pressure
from participation.submissions.issuing import app_keys
from participation.submissions.networks import network_key
from participation.submissions.patience import LEAST, is_mark, remember_try, start_waiting
from participation.submissions.sender_fields import AUTOCOMPLETE
from participation.submissions.services.challenges import new_challenge
from participation.web import transaction
from participation.web.headers import unstored
from participation.web.templating import translated
from participation.workshops.forms.public_checks import child_of, party_of
from participation.workshops.forms.public_form import MOST_CHILDREN, Draft, new_key
from participation.workshops.labels import METHOD_LABELS, SEAT_LABELS
from participation.workshops.models import SeatMethod, WorkshopState
from participation.workshops.needs import NEEDS
from participation.workshops.queries.form_offers import (
    ROOM_LABELS,
    FormOffer,
    OfferedPool,
    Room,
)
from participation.workshops.views.speech import ages, deadline, hours
from participation.workshops.wording import Meeting

_INVALID = 422
_CONFLICT = 409
_UNAVAILABLE = 503


def form(
    offer: FormOffer,
    draft: Draft,
    *,
    now: datetime,
    errors: dict[str, str] | None = None,
    act: str = "",
    status: int = _INVALID,
) -> ResponseReturnValue:
    """Return the form with everything that was typed.

    Args:
        offer: the workshop.
        draft: what was typed.
        now: when, for what is open.
        errors: the control's id to a sentence.
        act: the button that led here, so that the page opens where its work goes on.
        status: of a form with errors.

    """
    page = render_template(
        "workshops/public/register.html",
        **_common(offer, draft),
        groups=offer.open_groups(now),
        open_childcare=offer.open_childcare(now),
        errors=errors or {},
        autocomplete=AUTOCOMPLETE,
        most_children=MOST_CHILDREN,
        asks_code=any(pool.method is SeatMethod.INVITED for pool in offer.pools.values()),
        age_words=ages,
        act=act,
    )
    return unstored(page, status if errors else 200)


def confirmation(
    offer: FormOffer, draft: Draft, *, now: datetime, tried_at: datetime | None = None
) -> ResponseReturnValue:
    """Return the page on which everything is seen once more before it is sent.

    A network that sends very much gets a challenge, which a script of the page solves while the
    person reads; without scripts it is enough to have read for some seconds.

    Args:
        offer: the workshop.
        draft: what was typed.
        now: when.
        tried_at: when it was tried to be sent, and has to wait; that moment will count.

    """
    keys = app_keys()
    waited = draft.waited if is_mark(keys, draft.key, draft.waited) else ""
    network = network_key(keys, request.remote_addr)
    busy = (
        tried_at is not None or bool(draft.trap) or not pressure.is_below(pressure.SENDS, network)
    )
    page = render_template(
        "workshops/public/confirm.html",
        **_common(offer, draft),
        party=party_of(draft, offer),
        wished=[offer.pools[row_id] for row_id in draft.pool_ids if row_id in offer.pools],
        children=[
            (one.name, found.born) for one in draft.sent_children if (found := child_of(one))
        ],
        eligibility=dict(offer.eligibilities).get(draft.eligibility_id or 0, ""),
        waited=waited or start_waiting(keys, draft.key, now),
        tried=draft.tried if tried_at is None else _try(draft, tried_at),
        challenge=new_challenge(keys, draft.key, now) if busy else None,
        asks_for_patience=tried_at is not None,
        wait_seconds=int(LEAST.total_seconds()),
    )
    return unstored(page)


def not_offered(offer: FormOffer, now: datetime) -> ResponseReturnValue:
    """Return the page that says why there is no form: not begun, over, full, cancelled."""
    opens_at, closes_at = offer.opens_at, offer.closes_at
    page = render_template(
        "workshops/public/not_offered.html",
        **_words(),
        offer=offer,
        is_cancelled=offer.state is WorkshopState.CANCELLED,
        is_postponed=offer.state is WorkshopState.POSTPONED,
        has_begun=opens_at is not None and now >= opens_at,
        is_over=closes_at is not None and now >= closes_at,
        opens_at=opens_at,
        closes_at=closes_at,
    )
    return unstored(page)


def refused(offer: FormOffer, draft: Draft, message: str, status: int) -> ResponseReturnValue:
    """Return why the form could not be taken, when there is no form any more."""
    transaction.discard()
    page = render_template(
        "workshops/public/refused.html", offer=offer, draft=draft, message=message
    )
    return unstored(page, status)


def sent_before(offer: FormOffer, draft: Draft, number: str) -> ResponseReturnValue:
    """Return the page for a form that was sent before with other words."""
    page = render_template(
        "workshops/public/sent_before.html",
        offer=offer,
        draft=draft,
        number=number,
        other_key=new_key(),
    )
    return unstored(page, _CONFLICT)


def unavailable(offer: FormOffer, draft: Draft, tried_at: datetime) -> ResponseReturnValue:
    """Return the page for a moment in which nothing can be stored: how to register otherwise.

    It asks nothing of the database. The same form can be sent again from it; should the first
    have been stored after all, that is the same application. The moment of the first try counts.
    """
    g.database_down = True  # what every page shows of the city comes from memory
    transaction.discard()
    page = render_template(
        "workshops/public/unavailable.html",
        offer=offer,
        draft=draft,
        tried=_try(draft, tried_at),
    )
    response = unstored(page, _UNAVAILABLE)
    response.headers["Retry-After"] = "30"
    return response


def day_title(day: Meeting | None) -> str:
    """Return what a day is called: its heading and hours; all days without one."""
    if day is None:
        return str(_("全日程"))
    return f"{day.heading} {hours(day)}".strip()


def pool_title(pool: OfferedPool) -> str:
    """Return what a pool's seats are: the day and 会場, オンライン or 託児."""
    return str(
        _("%(day)s（%(kind)s）", day=day_title(pool.day), kind=translated(SEAT_LABELS[pool.kind]))
    )


def _try(draft: Draft, tried_at: datetime) -> str:
    return remember_try(app_keys(), draft.key, draft.digest, tried_at)


def _common(offer: FormOffer, draft: Draft) -> dict[str, Any]:
    return {
        **_words(),
        "offer": offer,
        "draft": draft,
        "this_year": clock.local_date(clock.now()).year,
    }


def _words() -> dict[str, Any]:
    return {
        "day_title": day_title,
        "pool_title": pool_title,
        "deadline": deadline,
        "seat_labels": SEAT_LABELS,
        "method_labels": METHOD_LABELS,
        "room_labels": ROOM_LABELS,
        "need_labels": NEEDS,
        "full": Room.FULL,
        "drawn": Room.DRAWN,
        "first_come": SeatMethod.FIRST_COME,
    }
