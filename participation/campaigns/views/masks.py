"""Staff pages of masks: made on an opinion's page, checked by a second person, taken away."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns.forms.answers import MaskForm, ReasonForm
from participation.campaigns.labels import FIELD_LABELS
from participation.campaigns.models import Campaign, Opinion
from participation.campaigns.queries import masks as queries
from participation.campaigns.queries.opinions import get_opinion
from participation.campaigns.services import masks as services
from participation.campaigns.views import pages
from participation.campaigns.views.answer_pages import writing
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.opinions import ONE, opinion_page
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError, InvalidInput, PermissionDenied, StateConflict
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate, transaction
from participation.web.acts import attempt, status_of
from participation.web.forms import put_error
from participation.web.pagination import keyset_page
from participation.web.row_numbers import row_number

_PAGE = 50


@staff.get("/<int:campaign_id>/masks")
@gate.requires(Permission.SUBMISSION_READ)
def masks(campaign_id: int) -> ResponseReturnValue:
    """List the masks that wait for a second person."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    return _list_page(campaign, actor)


@staff.post("/<int:campaign_id>/masks/check")
@gate.requires(Permission.ANSWER_WRITE)
def check_masks(campaign_id: int) -> ResponseReturnValue:
    """Confirm the ticked masks."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    numbers = [row_number(text) for text in request.form.getlist("masks")]
    try:
        done = services.check_masks(
            db.session(),
            campaign,
            [number for number in numbers if number is not None],
            actor=actor,
            now=clock.now(),
        )
    except (InvalidInput, PermissionDenied, StateConflict) as error:
        transaction.discard()
        campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
        return _list_page(campaign, actor, problem=error), error.status
    transaction.commit()
    flash(_("%(number)sか所を確認しました。", number=done), "success")
    opinion_id = row_number(request.args.get("opinion"), largest=999_999_999_999)
    if opinion_id is not None:
        return redirect(_opinion_url(campaign_id, opinion_id), 303)
    return redirect(url_for(".masks", campaign_id=campaign_id), 303)


@staff.post(f"{ONE}/masks")
@gate.requires(Permission.ANSWER_WRITE)
def make_mask(campaign_id: int, opinion_id: int) -> ResponseReturnValue:
    """Hide a phrase or a span of an opinion."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = get_opinion(session, campaign, opinion_id)
    form = MaskForm()
    problem: DomainError | None = None
    status = 422
    if form.validate_on_submit():
        try:
            number = _make(campaign, found, form, actor)
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            problem, status = error, error.status
        else:
            transaction.commit()
            if number:
                words = _(
                    "%(number)sか所を非公開にしました。ほかの職員の確認を待っています。",
                    number=number,
                )
                flash(words, "success")
            else:
                flash(_("そこはすでに非公開になっています。"), "info")
            return redirect(_opinion_url(campaign_id, opinion_id), 303)
    found = get_opinion(session, campaign, opinion_id)
    return opinion_page(campaign, actor, found, mask_form=form, problem=problem), status


@staff.post("/<int:campaign_id>/masks/<int:mask_id>/remove")
@gate.requires(Permission.ANSWER_WRITE)
def remove_mask(campaign_id: int, mask_id: int) -> ResponseReturnValue:
    """Take a mask away, with a reason."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    mask = queries.get_mask(session, campaign, mask_id)
    opinion_id = mask.opinion_id
    form = ReasonForm()

    def act() -> str:
        services.remove_mask(
            session, campaign, mask, reason=form.reason.data or "", actor=actor, now=clock.now()
        )
        return str(_("非公開の指定を取り消しました。"))

    response, refusal = attempt(form, act, back=_opinion_url(campaign_id, opinion_id))
    if response is not None:
        return response
    found = get_opinion(session, campaign, opinion_id)
    page = opinion_page(campaign, actor, found, remove_form=form, problem=refusal)
    return page, status_of(form, refusal)


def _make(campaign: Campaign, found: Opinion, form: MaskForm, actor: Actor) -> int:
    session, now, reason = db.session(), clock.now(), form.reason.data or ""
    if form.phrase.data:
        made = services.mask_phrase(
            session,
            campaign,
            found,
            form.phrase.data,
            nth=form.nth.data,
            reason=reason,
            actor=actor,
            now=now,
        )
    elif form.start.data and form.stop.data:
        # People count from 1 and mean the last one too.
        span = (form.field.data, form.start.data - 1, form.stop.data)
        made = services.mask_span(
            session, campaign, found, [span], reason=reason, actor=actor, now=now
        )
    else:
        raise InvalidInput(
            _("公開しない語句か、何文字目から何文字目までかを入力してください。"), field="phrase"
        )
    return len(made)


def _list_page(campaign: Campaign, actor: Actor, *, problem: DomainError | None = None) -> str:
    session = db.session()
    before = row_number(request.args.get("before"))
    found = queries.waiting_masks(session, campaign, limit=_PAGE + 1, before=before)
    return pages.page(
        "campaigns/staff/answers/masks.html",
        campaign,
        actor,
        tab="groups",
        page=keyset_page(found, _PAGE),
        field_labels=FIELD_LABELS,
        problem=str(problem) if problem else "",
        actor_id=actor.staff_id,
        writing=writing(session, campaign, actor),
    )


def _opinion_url(campaign_id: int, opinion_id: int) -> str:
    return url_for(".opinion", campaign_id=campaign_id, opinion_id=opinion_id)
