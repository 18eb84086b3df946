"""Staff pages of what was sent in: the list, one submission, its flags, who sent it."""

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from participation.campaigns.forms.submissions import (
    FLAG_WORDS,
    DiscloseForm,
    FilterForm,
    FlagForm,
)
from participation.campaigns.models import Campaign, Eligibility, Submission
from participation.campaigns.queries import submissions as queries
from participation.campaigns.queries.submissions import SubmissionFilter
from participation.campaigns.services import disclosure
from participation.campaigns.services.desk import may_be_entered, waits_for_check
from participation.campaigns.services.flags import Flags, fingerprint, flags_of, set_flags
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.files.web import send_bytes
from participation.policy import Permission, holds, reaches
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel
from participation.submissions.sender_fields import FIELDS
from participation.submissions.services import senders
from participation.web import gate, transaction
from participation.web.forms import put_error
from participation.web.history import history_of
from participation.web.pagination import keyset_page

_PAGE = 50
_ONE = "/<int(max=999999999):campaign_id>/submissions/<int(max=999999999999):submission_id>"


@staff.get("/<int(max=999999999):campaign_id>/submissions")
@gate.requires(Permission.SUBMISSION_READ)
def submissions(campaign_id: int) -> ResponseReturnValue:
    """List what was sent in, newest first; never a name."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    form = FilterForm(request.args)
    valid = form.validate()
    wanted = _wanted(form) if valid else SubmissionFilter()
    lines = queries.submission_lines(
        db.session(), campaign.id, wanted, limit=_PAGE + 1, before=request.args.get("before")
    )
    page = pages.page(
        "campaigns/staff/submissions.html",
        campaign,
        actor,
        tab="submissions",
        form=form,
        filtered=wanted != SubmissionFilter(),
        page=keyset_page(lines, _PAGE, key="cursor"),
        channels=CHANNEL_LABELS,
        flag_words=FLAG_WORDS,
        may_write=holds(actor, Permission.SUBMISSION_WRITE),
    )
    return page, 200 if valid else 422


@staff.get(_ONE)
@gate.requires(Permission.SUBMISSION_READ)
def submission(campaign_id: int, submission_id: int) -> ResponseReturnValue:
    """Show one submission as it was sent, without who sent it."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    found = queries.get_submission(db.session(), campaign.id, submission_id)
    return _detail(campaign, actor, found)


@staff.post(_ONE + "/flags")
@gate.requires(Permission.SUBMISSION_WRITE)
def flag_submission(campaign_id: int, submission_id: int) -> ResponseReturnValue:
    """Set the flags of a submission, with the reason."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    session = db.session()
    found = queries.get_submission(session, campaign.id, submission_id)
    form, notice = FlagForm(), ""
    if form.validate_on_submit():
        try:
            changed = set_flags(
                session,
                campaign,
                found,
                Flags(
                    late=bool(form.late.data),
                    out_of_scope=bool(form.out_of_scope.data),
                    rerouted_to=(form.rerouted_to.data or "").strip(),
                    duplicate_of=(form.duplicate_of.data or "").strip(),
                ),
                note=form.note.data or "",
                seen=form.seen.data or "",
                actor=actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            notice = str(error)
            found = queries.get_submission(session, campaign_id, submission_id)
            form.seen.data = fingerprint(flags_of(session, found))
        else:
            transaction.commit()
            flash(_("印を変えました。") if changed else _("変更はありませんでした。"), "success")
            return redirect(_url(".submission", campaign_id, submission_id), 303)
    found = queries.get_submission(session, campaign_id, submission_id)
    return _detail(campaign, actor, found, flags=form, notice=notice), 409 if notice else 422


@staff.post(_ONE + "/sender")
@gate.requires(Permission.SENDER_DISCLOSE)
def disclose_sender(campaign_id: int, submission_id: int) -> ResponseReturnValue:
    """Show who sent it, once, and write down who looked and why."""
    campaign, actor = pages.load(campaign_id, Permission.SENDER_DISCLOSE)
    session = db.session()
    found = queries.get_submission(session, campaign.id, submission_id)
    form = DiscloseForm()
    if not form.validate_on_submit():
        return _detail(campaign, actor, found, disclose=form), 422
    reason = form.reason.data or ""
    values = senders.disclose(
        session,
        found.receipt_id,
        actor=actor,
        now=clock.now(),
        reason=reason,
        department_id=campaign.department_id,
    )
    names = disclosure.attachment_names(session, found)
    transaction.commit()
    # Not a redirect: nothing of this may stay anywhere but on this one page.
    return _detail(campaign, actor, found, sender=values, names=names, reason=reason)


@staff.post(_ONE + "/attachments/<uuid:attachment_id>")
@gate.requires(Permission.SENDER_DISCLOSE)
def open_attachment(
    campaign_id: int, submission_id: int, attachment_id: uuid.UUID
) -> ResponseReturnValue:
    """Hand out a file that came with a submission, and write down who took it and why."""
    campaign, actor = pages.load(campaign_id, Permission.SENDER_DISCLOSE)
    session = db.session()
    found = queries.get_submission(session, campaign.id, submission_id)
    opened = disclosure.open_attachment(
        session,
        campaign,
        found,
        attachment_id,
        reason=request.form.get("reason", "")[:200],
        actor=actor,
        now=clock.now(),
    )
    transaction.commit()
    return send_bytes(opened.data, name=opened.name, media_type=opened.media_type)


def _detail(
    campaign: Campaign,
    actor: Actor,
    found: Submission,
    *,
    flags: FlagForm | None = None,
    disclose: DiscloseForm | None = None,
    notice: str = "",
    **shown: Any,
) -> str:
    """The page of one submission; ``shown`` holds the sender where that was opened."""
    session = db.session()
    now_set = flags_of(session, found)
    may_write = reaches(actor, Permission.SUBMISSION_WRITE, campaign.department_id)
    original = found.duplicate_of_id
    values = shown.get("sender")
    return pages.page(
        "campaigns/staff/submission.html",
        campaign,
        actor,
        tab="submissions",
        submission=found,
        number=queries.number_of(session, found),
        opinions=queries.shown_opinions(session, found.id),
        attachments=queries.attachments_of(session, found.receipt_id),
        twins=queries.twins(session, found) if original is None else [],
        original=session.get(Submission, original) if original is not None else None,
        flags_now=now_set,
        eligibility=session.get(Eligibility, found.eligibility_id)
        if found.eligibility_id
        else None,
        flag_form=flags or _flag_form(now_set, found),
        disclose_form=disclose or DiscloseForm(formdata=None),
        conflict=notice,
        channels=CHANNEL_LABELS,
        sender=[(FIELDS.get(key, key), value) for key, value in values.items()]
        if values is not None
        else None,
        names=shown.get("names", {}),
        reason=shown.get("reason", ""),
        history=history_of(session, f"submission:{found.id}", f"receipt:{found.receipt_id}"),
        waits_for_check=waits_for_check(found),
        may_write=may_write,
        may_type=may_write and may_be_entered(campaign),
        may_disclose=reaches(actor, Permission.SENDER_DISCLOSE, campaign.department_id),
    )


def _flag_form(flags: Flags, found: Submission) -> FlagForm:
    """The form as it stands, with nothing that was posted."""
    return FlagForm(
        formdata=None,
        late="1" if flags.late else "",
        out_of_scope=flags.out_of_scope,
        rerouted_to=flags.rerouted_to,
        duplicate_of=flags.duplicate_of or _proposed(request.args),
        note=found.flag_note,
        seen=fingerprint(flags),
    )


def _proposed(arguments: "MultiDict[str, str]") -> str:
    """Return the receipt number that a link from the list of possible duplicates proposes."""
    return arguments.get("original", "")[:40]


def _wanted(form: FilterForm) -> SubmissionFilter:
    return SubmissionFilter(
        channel=Channel(form.channel.data) if form.channel.data else None,
        flag=form.flag.data or "",
        day=form.day.data,
    )


def _url(endpoint: str, campaign_id: int, submission_id: int) -> str:
    return url_for(endpoint, campaign_id=campaign_id, submission_id=submission_id)
