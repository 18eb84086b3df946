"""Staff pages of the steps in a campaign's life: announcing, extending, cancelling and the like."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns import checks
from participation.campaigns.forms.campaigns import (
    CancelForm,
    ExtendForm,
    FixPeriodForm,
    NoticeForm,
    ReasonForm,
)
from participation.campaigns.models import Campaign
from participation.campaigns.queries.campaigns import get_campaign
from participation.campaigns.queries.opening import waiting_documents
from participation.campaigns.services import notices, steps
from participation.campaigns.services.state_machine import ANNOUNCE, CANCEL, OPEN
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.speech import words
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate, transaction
from participation.web.acts import act_or_page


@staff.route("/<int:campaign_id>/announce", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_APPROVE)
def announce(campaign_id: int) -> ResponseReturnValue:
    """Announce a campaign after a look at the checks."""
    found, actor = pages.load(campaign_id, Permission.CAMPAIGN_APPROVE)
    form = ReasonForm()

    def act() -> str:
        steps.announce(
            db.session(),
            found,
            reason=form.reason.data or "",
            version=form.version_seen(),
            actor=actor,
            now=clock.now(),
        )
        return str(_("予告しました。公開ページが見られるようになりました。"))

    return _step_page(
        "campaigns/staff/announce.html",
        found,
        actor,
        form,
        act,
        possible=found.state in ANNOUNCE.sources,
    )


@staff.route("/<int:campaign_id>/period", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_APPROVE)
def fix_period(campaign_id: int) -> ResponseReturnValue:
    """Fix or change the period of an announced campaign before it begins."""
    found, actor = pages.load(campaign_id, Permission.CAMPAIGN_APPROVE)
    form = FixPeriodForm(obj=found)

    def act() -> str:
        steps.fix_period(
            db.session(),
            found,
            opens_on=form.opens_on.data or date.min,
            closes_on=form.closes_on.data or date.min,
            short_reason=form.short_reason.data or "",
            reason=form.reason.data or "",
            actor=actor,
            now=clock.now(),
        )
        return str(_("期間を決めました。最初の日になると、自動で始まります。"))

    begun = found.opens_on is not None and found.opens_on <= clock.local_date(clock.now())
    return _step_page(
        "campaigns/staff/fix_period.html",
        found,
        actor,
        form,
        act,
        possible=found.state in OPEN.sources and not begun,
    )


@staff.route("/<int:campaign_id>/extend", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_APPROVE)
def extend(campaign_id: int) -> ResponseReturnValue:
    """Extend the period."""
    found, actor = pages.load(campaign_id, Permission.CAMPAIGN_APPROVE)
    form = ExtendForm()

    def act() -> str:
        steps.extend(
            db.session(),
            found,
            closes_on=form.closes_on.data or date.min,
            reason=form.reason.data or "",
            actor=actor,
            now=clock.now(),
        )
        return str(_("期間を延長し、お知らせを公表しました。"))

    return _step_page(
        "campaigns/staff/extend.html",
        found,
        actor,
        form,
        act,
        possible=found.state in steps.EXTENDABLE and found.closes_on is not None,
    )


@staff.route("/<int:campaign_id>/cancel", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_APPROVE)
def cancel(campaign_id: int) -> ResponseReturnValue:
    """Cancel the campaign."""
    found, actor = pages.load(campaign_id, Permission.CAMPAIGN_APPROVE)
    form = CancelForm()

    def act() -> str:
        steps.cancel(
            db.session(), found, reason=form.reason.data or "", actor=actor, now=clock.now()
        )
        return str(_("中止しました。"))

    return _step_page(
        "campaigns/staff/cancel.html",
        found,
        actor,
        form,
        act,
        possible=found.state in CANCEL.sources,
    )


@staff.route("/<int:campaign_id>/notices/new", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_WRITE)
def publish_notice(campaign_id: int) -> ResponseReturnValue:
    """Tell residents something."""
    found, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    form = NoticeForm()

    def act() -> str:
        notices.publish_notice(
            db.session(), found, text=form.text.data or "", actor=actor, now=clock.now()
        )
        return str(_("お知らせを公表しました。"))

    return _step_page(
        "campaigns/staff/notice.html",
        found,
        actor,
        form,
        act,
        possible=found.announced_on is not None,
    )


@staff.post("/<int:campaign_id>/review")
@gate.requires(Permission.CAMPAIGN_WRITE)
def begin_review(campaign_id: int) -> ResponseReturnValue:
    """Say that the opinions are being looked at."""
    found, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    steps.begin_review(db.session(), found, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("「検討中」にしました。"), "success")
    return redirect(url_for(".campaign", campaign_id=campaign_id), 303)


def _step_page(
    template: str,
    found: Campaign,
    actor: Actor,
    form: Any,
    act: Callable[[], str],
    *,
    possible: bool,
) -> ResponseReturnValue:
    """Carry the step out, or show its page; what was typed stays after a no."""
    campaign_id = found.id
    overview = url_for(".campaign", campaign_id=campaign_id)

    def page(refusal: DomainError | None) -> str:
        session, now = db.session(), clock.now()
        campaign = get_campaign(session, campaign_id) if form.is_submitted() else found
        # The page shows the campaign as it is now, so that is what the next yes is about.
        form.show_version(campaign.version)
        return pages.page(
            template,
            campaign,
            actor,
            tab="campaign",
            form=form,
            overview=overview,
            refusal=refusal,
            documents=[
                document.title for document, _version in waiting_documents(session, campaign_id)
            ],
            findings=checks.checks_before_opening(session, campaign, now),
            period=words().planned(campaign.opens_on, campaign.closes_on, campaign.planned_period),
        )

    return act_or_page(form, act, back=overview, may=possible, page=page)
