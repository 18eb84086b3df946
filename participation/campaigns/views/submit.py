"""Sending opinions: the form, its confirmation page, and the receipt at its end."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns.forms.public_form import (
    MOST_OPINIONS,
    Draft,
    DraftOpinion,
    check_draft,
    new_key,
    read_draft,
)
from participation.campaigns.models import CampaignState
from participation.campaigns.queries.documents import published_passage
from participation.campaigns.queries.form_offers import FormOffer
from participation.campaigns.views import kept_files, submit_pages
from participation.campaigns.views.blueprints import public
from participation.campaigns.views.offers import offer_for_sending, offer_now
from participation.campaigns.views.sending import send
from participation.core import clock
from participation.core.deadlines import end_of_day
from participation.core.errors import InvalidInput
from participation.db.engine import reading_until_a_write
from participation.db.extension import db
from participation.mail import services as mail
from participation.submissions import pressure
from participation.submissions.issuing import app_keys
from participation.submissions.networks import network_key
from participation.submissions.services.saved_forms import SavedContent, save_form, saved_form
from participation.web import gate, transaction
from participation.web.row_numbers import row_number

_KEPT_AFTER_CLOSING = timedelta(days=30)
_STATES_WITH_FORM = frozenset({CampaignState.PLANNED, CampaignState.OPEN})


@public.get("/<int:campaign_id>/submit/")
@gate.public
def submit(campaign_id: int) -> ResponseReturnValue:
    """Show an empty form, or the one that was put aside; after the period, say so."""
    offer = offer_now(campaign_id)
    now = clock.now()
    token = request.args.get("saved", "")
    if token:
        content = saved_form(db.session(), token, _subject(offer), now)
        if content is None or not content.asked:
            return submit_pages.nothing_saved(offer)
        draft = Draft.from_json(content.fields, saved=token)
        return submit_pages.form(offer, draft, files=content.files, now=now, opened_again=True)
    if offer.by_web is None or offer.state not in _STATES_WITH_FORM:
        return submit_pages.not_offered(offer, now)
    if not offer.has_begun(now) or offer.is_over(now):
        return submit_pages.not_offered(offer, now)
    draft = Draft(key=new_key())
    wanted = row_number(request.args.get("passage"))
    passage = None if wanted is None else published_passage(db.session(), offer.id, wanted)
    if passage is not None:
        draft = replace(draft, opinions=(DraftOpinion(place=passage.label, passage_id=passage.id),))
    return submit_pages.form(offer, draft, files=(), now=now)


@public.post("/<int:campaign_id>/submit/")
@gate.public
def submit_act(campaign_id: int) -> ResponseReturnValue:
    """Do what the pressed button says; everything typed goes along."""
    act, _colon, argument = request.form.get("act", "confirm").partition(":")
    if act == "send":
        offer = offer_for_sending(campaign_id)
        return send(offer, read_draft(request.form, offer.wanted))
    offer = offer_now(campaign_id)
    draft = read_draft(request.form, offer.wanted)
    now: datetime = g.received_at
    if act == "mail_link":
        return _mail_link(offer, draft, now)
    content = _put_aside(offer, draft, now)
    draft, content, refused = kept_files.take_uploads(
        draft,
        content,
        subject=_subject(offer),
        allowed=offer.accepts_attachments,
        now=now,
    )
    files = () if content is None else content.files
    number = int(argument) if argument.isdecimal() and argument.isascii() else -1
    match act:
        case "add":
            draft = _add(draft)
        case "remove":
            draft = _remove(draft, number)
        case "drop":
            draft, files = kept_files.drop(draft, content, number, subject=_subject(offer), now=now)
        case "save":
            return _save(offer, draft, content, refused, now)
        case "confirm":
            errors = {**check_draft(draft, offer.wanted, _ids(offer)), **refused}
            if not errors:
                return submit_pages.confirmation(offer, draft, files=files, now=now)
            return submit_pages.form(offer, draft, files=files, now=now, errors=errors)
        case _:
            pass
    return submit_pages.form(offer, draft, files=files, now=now, errors=refused, act=act)


def _save(
    offer: FormOffer,
    draft: Draft,
    content: SavedContent | None,
    refused: dict[str, str],
    now: datetime,
) -> ResponseReturnValue:
    """Put the form aside and give the link by which it is found again."""
    files = () if content is None else content.files
    if refused:
        return submit_pages.form(offer, draft, files=files, now=now, errors=refused)
    closes = now if offer.closes_on is None else end_of_day(offer.closes_on)
    expires_at = max(closes, now) + _KEPT_AFTER_CLOSING
    try:
        token = save_form(
            db.session(),
            token=draft.saved,
            subject=_subject(offer),
            fields=draft.to_json(),
            files=files,
            asked=True,
            now=now,
            expires_at=expires_at,
        )
    except InvalidInput as error:
        transaction.discard()
        return submit_pages.form(offer, draft, files=files, now=now, errors={"o0-text": str(error)})
    transaction.commit()
    draft = replace(draft, saved=token)
    return submit_pages.saved(offer, draft, _link(offer, token), expires_at, draft.mail_to)


def _mail_link(offer: FormOffer, draft: Draft, now: datetime) -> ResponseReturnValue:
    """Mail the link of a form that was put aside."""
    with reading_until_a_write():
        session = db.session()
        content = saved_form(session, draft.saved, _subject(offer), now)
        if content is None or not content.asked or content.expires_at is None:
            return submit_pages.nothing_saved(offer)
        link, address = _link(offer, draft.saved), draft.mail_to
        network = network_key(app_keys(), request.remote_addr)
        if not pressure.count(pressure.LETTERS, network):
            problem = _("短い時間に何度も送信されました。少し待つか、リンクを書き写してください。")
            return submit_pages.saved(
                offer, draft, link, content.expires_at, address, problem=problem
            )
        try:
            mail.send(
                session,
                kind="campaigns.saved_form",
                recipient=address,
                subject="書きかけの意見の続きを開くリンク",
                body=_link_letter(offer.title, link, content.expires_at),
                now=now,
            )
        except InvalidInput as error:
            transaction.discard()
            return submit_pages.saved(
                offer, draft, link, content.expires_at, address, problem=str(error)
            )
        transaction.commit()
    return submit_pages.saved(offer, draft, link, content.expires_at, "", mailed=True)


def _put_aside(offer: FormOffer, draft: Draft, now: datetime) -> SavedContent | None:
    if not draft.saved:
        return None
    with reading_until_a_write():
        return saved_form(db.session(), draft.saved, _subject(offer), now)


def _add(draft: Draft) -> Draft:
    if len(draft.opinions) >= MOST_OPINIONS:
        return draft
    return replace(draft, opinions=(*draft.opinions, DraftOpinion()))


def _remove(draft: Draft, number: int) -> Draft:
    left = tuple(one for position, one in enumerate(draft.opinions) if position != number)
    return replace(draft, opinions=left or (DraftOpinion(),))


def _subject(offer: FormOffer) -> str:
    return f"campaign:{offer.id}"


def _ids(offer: FormOffer) -> tuple[int, ...]:
    return tuple(row_id for row_id, _label in offer.eligibilities)


def _link(offer: FormOffer, token: str) -> str:
    """Return the address of a saved form; by the site's own address, never the Host header."""
    path = url_for("campaigns_public.submit", campaign_id=offer.id, saved=token)
    return submit_pages.base_url() + path


def _link_letter(title: str, link: str, expires_at: datetime) -> str:
    until = clock.local_date(expires_at)
    return (
        f"書きかけの意見を保存しました。次のリンクから続きを書けます。まだ提出はされていません。\n\n"
        f"{title}\n{link}\n\n"
        f"{submit_pages.day_words(until)}を過ぎると消去します。\n"
        f"リンクを知っている人は、書きかけの内容を見ることができます。\n"
        f"心当たりのない場合は、このメールを捨ててください。\n"
    )
