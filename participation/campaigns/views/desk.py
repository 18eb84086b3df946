"""Staff pages of the desk: typing what came on paper, and the second look at it."""

import secrets
from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from participation.campaigns.forms.desk import CheckForm, DeskForm
from participation.campaigns.models import Campaign, Submission
from participation.campaigns.queries import submissions as queries
from participation.campaigns.services import desk as services
from participation.campaigns.services import disclosure
from participation.campaigns.services.desk import Correction, Entered, Typed
from participation.campaigns.services.intake import NewOpinion
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, PermissionDenied, StateConflict
from participation.core.wareki import parse_date
from participation.db.extension import db
from participation.policy import Permission
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel
from participation.submissions.sender_fields import sender_fields
from participation.submissions.services import senders
from participation.submissions.services.sealed_files import SealedFile, seal
from participation.submissions.services.uploads import check_upload
from participation.web import gate, transaction
from participation.web.forms import put_error
from participation.web.pagination import keyset_page

_PAGE = 50
_ADD = "add"


@staff.route("/<int(max=999999999):campaign_id>/desk", methods=["GET", "POST"])
@gate.requires(Permission.SUBMISSION_WRITE)
def desk(campaign_id: int) -> ResponseReturnValue:
    """Type one submission after the other; channel and day stay from one to the next."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    if request.method == "GET":
        return _desk_page(campaign, actor, _empty_form(campaign))
    form = DeskForm()
    form.fit(campaign, sender_fields(campaign.sender_fields))
    if request.form.get("act") == _ADD:
        # For browsers without our script; whatever was typed stays.
        if len(form.opinions.entries) < services.MOST_OPINIONS:
            form.opinions.append_entry()
        return _desk_page(campaign, actor, form)
    notice, status = "", 422
    if form.validate_on_submit():
        try:
            entered = _enter(campaign, form, actor)
        except InvalidInput as error:
            transaction.discard()
            put_error(form, _at_our_field(error))
        except StateConflict as error:
            transaction.discard()
            notice, status = str(error), error.status
        else:
            transaction.commit()
            return _next_form(campaign_id, form, entered)
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    return _desk_page(campaign, actor, form, notice=notice), status


@staff.get("/<int(max=999999999):campaign_id>/checks")
@gate.requires(Permission.SUBMISSION_WRITE)
def checks(campaign_id: int) -> ResponseReturnValue:
    """List what was typed and waits for somebody else to compare it with the paper."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    lines = queries.unchecked_lines(
        db.session(), campaign.id, limit=_PAGE + 1, before=request.args.get("before")
    )
    typists = queries.typists(db.session(), [line.id for line in lines])
    return pages.page(
        "campaigns/staff/checks.html",
        campaign,
        actor,
        tab="desk",
        page=keyset_page(lines, _PAGE, key="cursor"),
        channels=CHANNEL_LABELS,
        typists=typists,
        me=actor.staff_id,
    )


@staff.route(
    "/<int(max=999999999):campaign_id>/checks/<int(max=999999999999):submission_id>",
    methods=["GET", "POST"],
)
@gate.requires(Permission.SUBMISSION_WRITE)
def check(campaign_id: int, submission_id: int) -> ResponseReturnValue:
    """Compare one with its paper; correct it, confirm it, or both at once."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    session = db.session()
    found = queries.get_submission(session, campaign.id, submission_id)
    if not services.waits_for_check(found):
        flash(_("この意見の見直しは済んでいます。"), "info")
        return redirect(
            url_for(".submission", campaign_id=campaign_id, submission_id=submission_id), 303
        )
    if request.method == "GET":
        return _check_page(campaign, actor, found, _check_form(campaign, found))
    form = CheckForm()
    form.keep_senders(sender_fields(campaign.sender_fields))
    notice, status = "", 422
    if form.validate_on_submit():
        confirms = request.form.get("act") == "confirm"
        try:
            changed = _correct(campaign, found, form, actor)
            if confirms:
                services.confirm(session, campaign, found, actor=actor, now=clock.now())
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except (StateConflict, PermissionDenied) as error:
            transaction.discard()
            notice, status = str(error), error.status
        else:
            transaction.commit()
            flash(_told(confirms=confirms, changed=changed), "success")
            return redirect(url_for(".checks", campaign_id=campaign_id), 303)
    found = queries.get_submission(session, campaign_id, submission_id)
    opened = form.opened.data == "1"
    return _check_page(campaign, actor, found, form, opened=opened, notice=notice), status


@staff.post(
    "/<int(max=999999999):campaign_id>/checks/<int(max=999999999999):submission_id>/original"
)
@gate.requires(Permission.SENDER_DISCLOSE)
def open_original(campaign_id: int, submission_id: int) -> ResponseReturnValue:
    """Show the sender and the scans for the comparison; on record as every look at them."""
    campaign, actor = pages.load(campaign_id, Permission.SENDER_DISCLOSE)
    session = db.session()
    found = queries.get_submission(session, campaign.id, submission_id)
    values = senders.disclose(
        session,
        found.receipt_id,
        actor=actor,
        now=clock.now(),
        reason=_("入力の見直し"),
        department_id=campaign.department_id,
    )
    names = disclosure.attachment_names(session, found)
    form = _check_form(campaign, found)
    form.put_senders(values)
    form.opened.data = "1"
    transaction.commit()
    return _check_page(campaign, actor, found, form, opened=True, names=names)


def _enter(campaign: Campaign, form: DeskForm, actor: Actor) -> Entered:
    now = clock.now()
    return services.enter(
        db.session(),
        campaign,
        Typed(
            channel=Channel(form.channel.data),
            arrived_on=form.arrived_on.data or clock.local_date(now),
            postmark_on=form.postmark_on.data,
            eligibility_id=form.eligibility.data or None,
            sender=form.sender_values(),
            opinions=tuple(
                NewOpinion(
                    text=part.text.data or "",
                    place=part.place.data or "",
                    reason=part.reason.data or "",
                )
                for part in form.opinions
            ),
            scans=_scans(form, actor),
        ),
        form_key=form.key.data or "",
        actor=actor,
        now=now,
    )


def _scans(form: DeskForm, actor: Actor) -> tuple[SealedFile, ...]:
    """Seal the scan, if one was chosen."""
    upload = form.scan.data
    if not isinstance(upload, FileStorage) or not upload.filename:
        return ()
    media_type, data = check_upload(upload.stream.read(), upload.filename)
    sealed = seal(
        db.session(),
        data,
        name=upload.filename,
        media_type=media_type,
        actor=actor,
        now=clock.now(),
    )
    return (sealed,)


def _at_our_field(error: InvalidInput) -> InvalidInput:
    # A list of forms has no room for a sentence of its own; the scan is a file like any other.
    field = {"files": "scan", "opinions": None}.get(error.field or "", error.field)
    return InvalidInput(str(error), field=field)


def _next_form(campaign_id: int, form: DeskForm, entered: Entered) -> ResponseReturnValue:
    """Lead to an empty form for the next one; the address says nothing about anybody."""
    number = entered.stored.number
    if entered.stored.again:
        flash(_("受付番号 %(number)s は、すでに登録されています。", number=number), "info")
    elif entered.late:
        flash(_("受付番号 %(number)s で登録しました。期限後の到達です。", number=number), "warning")
    else:
        flash(_("受付番号 %(number)s で登録しました（期限内）。", number=number), "success")
    onward = url_for(
        ".desk",
        campaign_id=campaign_id,
        channel=form.channel.data,
        arrived_on=form.arrived_on.data,
        saved=entered.stored.submission_id,
    )
    return redirect(onward, 303)


def _empty_form(campaign: Campaign) -> DeskForm:
    today = clock.local_date(clock.now())
    form = DeskForm(
        formdata=None,
        channel=_kept_channel(),
        arrived_on=_kept_day(today),
        key=secrets.token_urlsafe(16),
    )
    form.fit(campaign, sender_fields(campaign.sender_fields))
    return form


def _kept_channel() -> str:
    asked = request.args.get("channel", "")
    known = {channel.value for channel in services.DESK_CHANNELS}
    return asked if asked in known else services.DESK_CHANNELS[0].value


def _kept_day(today: date) -> date:
    try:
        return min(parse_date(request.args.get("arrived_on", "")), today)
    except InvalidInput:
        return today


def _desk_page(campaign: Campaign, actor: Actor, form: DeskForm, *, notice: str = "") -> str:
    session = db.session()
    saved = _just_saved(campaign)
    return pages.page(
        "campaigns/staff/desk.html",
        campaign,
        actor,
        tab="desk",
        form=form,
        conflict=notice,
        taking=services.may_be_entered(campaign),
        most_opinions=services.MOST_OPINIONS,
        saved=saved,
        saved_number=queries.number_of(session, saved) if saved else "",
        twins=queries.twins(session, saved) if saved else [],
        unchecked=queries.count_unchecked(session, [campaign.id], not_by=actor.staff_id),
        channels=CHANNEL_LABELS,
        is_new=request.method == "GET",
    )


def _just_saved(campaign: Campaign) -> Submission | None:
    """Return the submission that was stored a moment ago, to show its possible duplicates."""
    asked = request.args.get("saved", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 13):  # noqa: PLR2004
        return None
    found = db.session().get(Submission, int(asked))
    return found if found is not None and found.campaign_id == campaign.id else None


def _check_form(campaign: Campaign, found: Submission) -> CheckForm:
    opinions = [
        {"number": one.number, "place": one.place, "text": one.text, "reason": one.reason}
        for one in queries.opinions_of(db.session(), found.id)
    ]
    form = CheckForm(formdata=None, opinions=opinions)
    form.keep_senders(sender_fields(campaign.sender_fields))
    return form


def _correct(campaign: Campaign, found: Submission, form: CheckForm, actor: Actor) -> bool:
    session = db.session()
    ids = {opinion.number: opinion.id for opinion in queries.opinions_of(session, found.id)}
    corrections = [
        Correction(
            opinion_id=ids.get(_number(part.number.data), 0),
            text=part.text.data or "",
            place=part.place.data or "",
            reason=part.reason.data or "",
        )
        for part in form.opinions
    ]
    sender = None
    if form.opened.data == "1":
        gate.authorize(Permission.SENDER_DISCLOSE, campaign)
        sender = form.sender_values()
    return services.correct(
        session,
        campaign,
        found,
        corrections,
        sender=sender,
        actor=actor,
        now=clock.now(),
    )


def _number(text: Any) -> int:
    digits = str(text or "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0  # noqa: PLR2004


def _check_page(
    campaign: Campaign,
    actor: Actor,
    found: Submission,
    form: CheckForm,
    *,
    opened: bool = False,
    names: dict[Any, str] | None = None,
    notice: str = "",
) -> str:
    session = db.session()
    return pages.page(
        "campaigns/staff/check.html",
        campaign,
        actor,
        tab="desk",
        submission=found,
        number=queries.number_of(session, found),
        form=form,
        opened=opened,
        names=names or {},  # shown only by the request that put the look on record
        attachments=queries.attachments_of(session, found.receipt_id),
        channels=CHANNEL_LABELS,
        own=found.typed_by == actor.staff_id,
        conflict=notice,
    )


def _told(*, confirms: bool, changed: bool) -> str:
    if confirms and changed:
        told = _("直して、見直しを済ませました。")
    elif confirms:
        told = _("見直しを済ませました。")
    else:
        told = _("入力の誤りを直しました。") if changed else _("変更はありませんでした。")
    return str(told)
