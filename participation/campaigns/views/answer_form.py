"""The answer form: for residents to download, for staff to look at before anybody else."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from participation.campaigns.jobs.answer_forms import base_url
from participation.campaigns.models import Campaign, CampaignState
from participation.campaigns.queries.campaigns import get_announced
from participation.campaigns.services import answer_forms
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import public, staff
from participation.core import clock
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.files.web import send
from participation.policy import Permission, reaches
from participation.web import gate, transaction


def form_url(session: Session, campaign: Campaign) -> str:
    """Return where residents find the form while it is of use; empty without one."""
    if campaign.state not in {CampaignState.PLANNED, CampaignState.OPEN}:
        return ""
    if answer_forms.printed_form(session, campaign.id) is None:
        return ""
    return url_for("campaigns_public.answer_form", campaign_id=campaign.id)


@public.get("/<int(max=999999999):campaign_id>/answer-form.pdf")
@gate.public
def answer_form(campaign_id: int) -> ResponseReturnValue:
    """Hand out the form on which opinions are written by hand."""
    session = db.session()
    campaign = get_announced(session, campaign_id)
    stored = answer_forms.printed_form(session, campaign.id)
    if stored is None:
        raise NotFound("提出用紙はまだありません。募集のページの提出方法をご覧ください。")
    return send(stored)


@staff.get("/<int(max=999999999):campaign_id>/answer-form")
@gate.requires(Permission.CAMPAIGN_READ)
def answer_form_page(campaign_id: int) -> ResponseReturnValue:
    """Say whether the printed form is up to date, and let it be printed."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_READ)
    session = db.session()
    return pages.page(
        "campaigns/staff/answer_form.html",
        campaign,
        actor,
        tab="desk",
        stored=answer_forms.printed_form(session, campaign.id),
        printing=answer_forms.is_being_printed(session, campaign.id),
        is_current=answer_forms.is_up_to_date(
            session, campaign, base_url=base_url(), now=clock.now()
        ),
        may_print=reaches(actor, Permission.CAMPAIGN_WRITE, campaign.department_id),
    )


@staff.get("/<int(max=999999999):campaign_id>/answer-form.pdf")
@gate.requires(Permission.CAMPAIGN_READ)
def answer_form_file(campaign_id: int) -> ResponseReturnValue:
    """Hand out the form as last printed."""
    campaign, _actor = pages.load(campaign_id, Permission.CAMPAIGN_READ)
    stored = answer_forms.printed_form(db.session(), campaign.id)
    if stored is None:
        return redirect(url_for(".answer_form_page", campaign_id=campaign_id), 303)
    return send(stored)


@staff.post("/<int(max=999999999):campaign_id>/answer-form")
@gate.requires(Permission.CAMPAIGN_WRITE)
def print_answer_form(campaign_id: int) -> ResponseReturnValue:
    """Have the form printed now."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    job = answer_forms.request_printing(
        db.session(), campaign, base_url=base_url(), actor=actor, now=clock.now()
    )
    onward = url_for(".answer_form_page", campaign_id=campaign_id)
    if job.created_by == actor.staff_id:  # else the page says that it is being printed
        onward = url_for("staff.administration.job", job_id=job.id, next=onward)
    transaction.commit()
    return redirect(onward, 303)
