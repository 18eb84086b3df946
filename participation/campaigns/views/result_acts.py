"""What staff do with a result: submit it, take it back, 決裁, give it back, give it up."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns import checks
from participation.campaigns.forms.results import ApproveForm, ReturnForm
from participation.campaigns.models import ResultState
from participation.campaigns.queries import results as queries
from participation.campaigns.services import result_approval as approval
from participation.campaigns.services import results as services
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.result import file_urls, load_result
from participation.core import clock
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate, transaction
from participation.web.forms import put_error


@staff.post("/<int:campaign_id>/result/<int:result_id>/submit")
@gate.requires(Permission.ANSWER_WRITE)
def submit_result(campaign_id: int, result_id: int) -> ResponseReturnValue:
    """Ask for 決裁."""
    campaign, actor, found = load_result(campaign_id, result_id, Permission.ANSWER_WRITE)
    job = services.submit_result(db.session(), campaign, found, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("決裁に出しました。公表するページとファイルを作成しています。"), "success")
    return _to_job(job.id, campaign_id)


@staff.post("/<int:campaign_id>/result/<int:result_id>/freeze")
@gate.requires(Permission.ANSWER_WRITE)
def freeze_result(campaign_id: int, result_id: int) -> ResponseReturnValue:
    """Make the pages and files once more after a failure."""
    _campaign, actor, found = load_result(campaign_id, result_id, Permission.ANSWER_WRITE)
    job = services.freeze_again(db.session(), found, actor=actor, now=clock.now())
    transaction.commit()
    return _to_job(job.id, campaign_id)


@staff.post("/<int:campaign_id>/result/<int:result_id>/take-back")
@gate.requires(Permission.ANSWER_WRITE)
def take_back_result(campaign_id: int, result_id: int) -> ResponseReturnValue:
    """Take a submitted result back."""
    campaign, actor, found = load_result(campaign_id, result_id, Permission.ANSWER_WRITE)
    services.take_back_result(db.session(), campaign, found, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("決裁から取り戻しました。直してから、もう一度出してください。"), "info")
    return redirect(url_for(".result", campaign_id=campaign_id), 303)


@staff.post("/<int:campaign_id>/result/<int:result_id>/discard")
@gate.requires(Permission.ANSWER_WRITE)
def discard_result(campaign_id: int, result_id: int) -> ResponseReturnValue:
    """Give up a result that was never published."""
    campaign, actor, found = load_result(campaign_id, result_id, Permission.ANSWER_WRITE)
    services.discard_result(db.session(), campaign, found, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("結果の作成をやめました。意見の整理と市の考え方は何も変わっていません。"), "info")
    return redirect(url_for(".result", campaign_id=campaign_id), 303)


@staff.route("/<int:campaign_id>/result/<int:result_id>/approve", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_APPROVE)
def approve_result(campaign_id: int, result_id: int) -> ResponseReturnValue:
    """決裁する: publish now or at a moment to come."""
    campaign, actor, found = load_result(campaign_id, result_id, Permission.CAMPAIGN_APPROVE)
    session = db.session()
    form = ApproveForm(snapshot_sha256=found.snapshot_sha256)
    if form.validate_on_submit():
        moment = form.moment
        try:
            approval.approve_result(
                session,
                campaign,
                found,
                snapshot_sha256=form.snapshot_sha256.data or "",
                scheduled_for=moment,
                actor=actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
            campaign, actor, found = load_result(
                campaign_id, result_id, Permission.CAMPAIGN_APPROVE
            )
        else:
            transaction.commit()
            flash(
                _("決裁しました。結果を公表しています。")
                if moment is None
                else _("決裁しました。指定の日時に公表します。"),
                "success",
            )
            return redirect(url_for(".result", campaign_id=campaign_id), 303)
    if found.state is not ResultState.SUBMITTED or not found.snapshot_sha256:
        flash(_("この結果は、いまは決裁できません。最新の状態を確かめてください。"), "warning")
        return redirect(url_for(".result", campaign_id=campaign_id), 303)
    body = pages.page(
        "campaigns/staff/result_approve.html",
        campaign,
        actor,
        tab="result",
        form=form,
        result=found,
        is_own=found.submitted_by == actor.staff_id,
        downloads=queries.downloads(session, found.id),
        file_urls=file_urls(campaign, found),
        findings=checks.checks_before_publishing(session, campaign, clock.now()),
    )
    return body, 422 if form.errors else 200


@staff.route("/<int:campaign_id>/result/<int:result_id>/return", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_APPROVE)
def return_result(campaign_id: int, result_id: int) -> ResponseReturnValue:
    """Give a result back with a reason."""
    campaign, actor, found = load_result(campaign_id, result_id, Permission.CAMPAIGN_APPROVE)
    form = ReturnForm()
    if form.validate_on_submit():
        approval.return_result(
            db.session(),
            campaign,
            found,
            reason=form.reason.data or "",
            actor=actor,
            now=clock.now(),
        )
        transaction.commit()
        flash(_("差し戻しました。担当者が直して、もう一度決裁に出します。"), "info")
        return redirect(url_for(".result", campaign_id=campaign_id), 303)
    body = pages.page(
        "campaigns/staff/result_return.html",
        campaign,
        actor,
        tab="result",
        form=form,
        result=found,
    )
    return body, 422 if form.errors else 200


def _to_job(job_id: int, campaign_id: int) -> ResponseReturnValue:
    onward = url_for(".result", campaign_id=campaign_id)
    return redirect(url_for("staff.administration.job", job_id=job_id, next=onward), 303)
