"""The pages of the public form; each carries everything that was typed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from participation.campaigns.forms.public_form import (
    LONGEST_TEXT,
    MOST_OPINIONS,
    Draft,
    new_key,
    sent_opinions,
    sent_sender,
)
from participation.campaigns.models import AnonymousPolicy
from participation.campaigns.queries.documents import passages
from participation.campaigns.queries.form_offers import FormOffer
from participation.campaigns.views.speech import words
from participation.campaigns.wording import PROCEDURE_WORDS
from participation.core.settings import Settings
from participation.core.wareki import format_date
from participation.db.engine import reading_until_a_write
from participation.db.extension import db
from participation.submissions import pressure
from participation.submissions.issuing import app_keys
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel
from participation.submissions.networks import network_key
from participation.submissions.patience import LEAST, is_mark, remember_try, start_waiting
from participation.submissions.sender_fields import AUTOCOMPLETE
from participation.submissions.services.challenges import new_challenge
from participation.submissions.services.sealed_files import SealedFile
from participation.submissions.services.uploads import (
    ACCEPTED,
    ACCEPTED_WORDS,
    MOST_BYTES,
    MOST_FILES,
)
from participation.web import transaction
from participation.web.headers import unstored

_INVALID = 422
_CONFLICT = 409
_GONE = 410
_UNAVAILABLE = 503


def form(
    offer: FormOffer,
    draft: Draft,
    *,
    files: Sequence[SealedFile],
    now: datetime,
    errors: dict[str, str] | None = None,
    act: str = "",
    opened_again: bool = False,
) -> ResponseReturnValue:
    """Return the form with everything that was typed.

    Args:
        offer: the campaign.
        draft: what was typed.
        files: what was attached.
        now: when, for the note on lateness.
        errors: the control's id to a sentence.
        act: the button that led here, so that the page opens where its work goes on.
        opened_again: it was put aside and has just been opened.

    """
    page = render_template(
        "campaigns/public/submit.html",
        **_common(offer, draft, files, now),
        errors=errors or {},
        autocomplete=AUTOCOMPLETE,
        most_opinions=MOST_OPINIONS,
        longest_text=LONGEST_TEXT,
        accepted=ACCEPTED,
        accepted_words=ACCEPTED_WORDS,
        most_files=MOST_FILES,
        most_megabytes=MOST_BYTES // 1024 // 1024,
        can_be_anonymous=any(one.required for one in offer.wanted),
        is_reference=offer.anonymous_policy is AnonymousPolicy.REFERENCE,
        deadline=_deadline(offer),
        act=act,
        opened_again=opened_again,
    )
    return unstored(page, _INVALID if errors else 200)


def confirmation(
    offer: FormOffer,
    draft: Draft,
    *,
    files: Sequence[SealedFile],
    now: datetime,
    tried_at: datetime | None = None,
) -> ResponseReturnValue:
    """Return the page on which everything is seen once more before it is sent.

    A network that sends very much gets a challenge, which a script of the page solves while the
    person reads; without scripts it is enough to have read for some seconds.

    Args:
        offer: the campaign.
        draft: what was typed.
        files: what was attached.
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
        "campaigns/public/confirm.html",
        **_common(offer, draft, files, now),
        shown_opinions=sent_opinions(draft),
        shown_sender=[(one.label, sent_sender(draft).get(one.key, "")) for one in offer.wanted],
        eligibility=dict(offer.eligibilities).get(draft.eligibility_id or 0, ""),
        is_reference=draft.anonymous and offer.anonymous_policy is AnonymousPolicy.REFERENCE,
        waited=waited or start_waiting(keys, draft.key, now),
        tried=draft.tried if tried_at is None else _try(draft, tried_at),
        challenge=new_challenge(keys, draft.key, now) if busy else None,
        asks_for_patience=tried_at is not None,
        wait_seconds=int(LEAST.total_seconds()),
    )
    return unstored(page)


def saved(
    offer: FormOffer,
    draft: Draft,
    link: str,
    expires_at: datetime,
    address: str,
    *,
    mailed: bool = False,
    problem: str = "",
) -> ResponseReturnValue:
    """Return the page with the link to a form that was put aside."""
    page = render_template(
        "campaigns/public/saved.html",
        offer=offer,
        draft=draft,
        link=link,
        expires_at=expires_at,
        address=address,
        mailed=mailed,
        problem=problem,
    )
    return unstored(page, _INVALID if problem else 200)


def nothing_saved(offer: FormOffer) -> ResponseReturnValue:
    """Return the page for a link behind which there is nothing (any more)."""
    return unstored(render_template("campaigns/public/nothing_saved.html", offer=offer), _GONE)


def not_offered(offer: FormOffer, now: datetime) -> ResponseReturnValue:
    """Return the page that says why there is no form: not begun, over, cancelled, not by web."""
    return unstored(
        render_template(
            "campaigns/public/not_offered.html",
            offer=offer,
            says=PROCEDURE_WORDS[offer.procedure],
            has_begun=offer.has_begun(now),
            is_over=offer.is_over(now),
            by_web=offer.by_web is not None,
            channels=_other_channels(offer),
            opens_on=offer.opens_on,
            closes_on=offer.closes_on,
        )
    )


def refused(offer: FormOffer, draft: Draft, message: str, status: int) -> ResponseReturnValue:
    """Return why the form could not be taken, with its texts to copy."""
    transaction.discard()
    page = render_template(
        "campaigns/public/refused.html",
        offer=offer,
        draft=draft,
        message=message,
        channels=_other_channels(offer),
    )
    return unstored(page, status)


def sent_before(offer: FormOffer, draft: Draft, number: str) -> ResponseReturnValue:
    """Return the page for a form that was sent before with other words."""
    page = render_template(
        "campaigns/public/sent_before.html",
        offer=offer,
        draft=draft,
        number=number,
        other_key=new_key(),
    )
    return unstored(page, _CONFLICT)


def unavailable(offer: FormOffer, draft: Draft, tried_at: datetime) -> ResponseReturnValue:
    """Return the page for a moment in which nothing can be stored: how to send it otherwise.

    It asks nothing of the database. The same form can be sent again from it; should the first
    have been stored after all, that is the same submission. The moment of the first try counts.
    """
    g.database_down = True  # what every page shows of the city comes from memory
    transaction.discard()
    page = render_template(
        "campaigns/public/unavailable.html",
        offer=offer,
        draft=draft,
        tried=_try(draft, tried_at),
        channels=_other_channels(offer),
    )
    response = unstored(page, _UNAVAILABLE)
    response.headers["Retry-After"] = "30"
    return response


def _try(draft: Draft, tried_at: datetime) -> str:
    return remember_try(app_keys(), draft.key, draft.digest, tried_at)


def base_url() -> str:
    """Return the site's own address, without a slash at its end."""
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url


def day_words(day: date) -> str:
    """Return a day in words, for a letter."""
    return format_date(day)


def _common(
    offer: FormOffer, draft: Draft, files: Sequence[SealedFile], now: datetime
) -> dict[str, Any]:
    wanted = {one.passage_id for one in draft.opinions if one.passage_id is not None}
    shown = {}
    if wanted:
        with reading_until_a_write():
            shown = passages(db.session(), wanted)
    return {
        "offer": offer,
        "draft": draft,
        "files": files,
        "says": PROCEDURE_WORDS[offer.procedure],
        "passages": shown,
        "is_late": offer.is_over(now),
    }


def _deadline(offer: FormOffer) -> str:
    if offer.by_web is None or offer.closes_on is None:
        return ""
    return words().deadline(offer.by_web, offer.closes_on)


def _other_channels(offer: FormOffer) -> list[tuple[str, str, str]]:
    """Return (name, deadline, destination) of every way but this site."""
    if offer.closes_on is None:
        return []
    speech = words()
    return [
        (CHANNEL_LABELS[one.channel], speech.deadline(one, offer.closes_on), one.destination)
        for one in offer.channels
        if one.channel is not Channel.WEB
    ]
