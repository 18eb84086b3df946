"""Staff pages that edit a campaign, one section a page."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns.labels import SECTION_LABELS
from participation.campaigns.models import CampaignState
from participation.campaigns.phases import phase
from participation.campaigns.queries.campaigns import get_campaign
from participation.campaigns.services.editing import may_edit
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.edit_sections import PAGES
from participation.core import clock
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate
from participation.web.acts import attempt, status_of
from participation.web.form_texts import differences
from participation.web.forms import Form
from participation.web.templating import translated


@staff.route("/<int:campaign_id>/edit/<section>", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_WRITE)
def edit(campaign_id: int, section: str) -> ResponseReturnValue:
    """Edit one section; what somebody else changed meanwhile is shown beside what was typed."""
    found, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    if section not in PAGES:
        raise NotFound("お探しのページは見つかりませんでした。概要からお選びください。")
    part, now = PAGES[section], clock.now()
    overview = url_for(".campaign", campaign_id=campaign_id)
    form = part.make(found)
    if request.method == "GET":
        if not may_edit(found, section, now):
            flash(_("この部分は、今の状態では変えられません。"), "info")
            return redirect(overview, 303)
        part.fill(form, found)
        form.version.data = str(found.version)

    def act() -> str:
        changed = part.store(form, found, actor, now)
        return str(_("保存しました。") if changed else _("変更はありませんでした。"))

    response, conflict = attempt(form, act, back=overview)
    if response is not None:
        return response
    if form.is_submitted():
        found = get_campaign(db.session(), campaign_id)
    if conflict:
        # Whoever sends the form again has seen the other version beside the own.
        form.show_version(found.version)
    page = pages.page(
        "campaigns/staff/edit.html",
        found,
        actor,
        tab="campaign",
        form=form,
        section=section,
        section_title=translated(SECTION_LABELS[section]),
        overview=overview,
        conflict=conflict,
        theirs=_differences(section, form, campaign_id) if conflict else [],
        tells=section == "channels" and phase(found, now) is CampaignState.OPEN,
    )
    return page, status_of(form, conflict)


def _differences(section: str, form: Form, campaign_id: int) -> list[tuple[str, str, str]]:
    """Return (label, what was typed, what is stored) where the two differ."""
    campaign = get_campaign(db.session(), campaign_id)
    stored = PAGES[section].make(campaign)
    _empty(stored)
    PAGES[section].fill(stored, campaign)
    return differences(form, stored)


def _empty(form: object) -> None:
    rows = getattr(form, "rows", None)
    while rows is not None and rows.entries:
        rows.pop_entry()
