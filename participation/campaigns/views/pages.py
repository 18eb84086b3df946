"""What the staff pages of one campaign share: loading with the right, and the row of tabs."""

from dataclasses import dataclass

from flask import current_app, render_template, request, url_for

from participation.campaigns.labels import STATE_LABELS, STATE_TONES
from participation.campaigns.models import Campaign
from participation.campaigns.queries.campaigns import get_campaign
from participation.core.actors import Actor
from participation.db.extension import db
from participation.policy import Permission, holds
from participation.web import gate

# Label, endpoint below staff.campaigns, right; in the order of the work. A tab is the current one
# for its own endpoint and for every page whose template names it (``tab``).
TABS = (
    ("概要", "campaign", Permission.CAMPAIGN_READ),
    ("資料", "documents", Permission.CAMPAIGN_READ),
    ("提出された意見", "submissions", Permission.SUBMISSION_READ),
    ("紙・FAXなどの入力", "desk", Permission.SUBMISSION_WRITE),
    ("似た意見", "clusters", Permission.SUBMISSION_READ),
    ("整理と回答", "groups", Permission.SUBMISSION_READ),
    ("修正", "amendments", Permission.SUBMISSION_READ),
    ("結果の公表", "result", Permission.CAMPAIGN_READ),
)


@dataclass(frozen=True)
class Owned:
    """A department as the owner of something that is yet to be made."""

    department_id: int


@dataclass(frozen=True)
class Tab:
    """One tab of a campaign's pages."""

    label: str
    url: str
    current: bool


def load(campaign_id: int, permission: Permission) -> tuple[Campaign, Actor]:
    """Return the campaign and the actor who has ``permission`` over it.

    Raises:
        PermissionDenied: the actor has it nowhere.
        NotFound: there is no such campaign, or it is another department's.

    """
    gate.authorize(permission)
    campaign = get_campaign(db.session(), campaign_id)
    return campaign, gate.authorize(permission, campaign)


def page(template: str, campaign: Campaign, actor: Actor, *, tab: str, **context: object) -> str:
    """Render a staff page of ``campaign`` with its tabs.

    Args:
        template: extends ``campaigns/staff/layout.html``.
        campaign: whose page it is.
        actor: whose rights decide which tabs are shown.
        tab: the endpoint (without its blueprint) of the tab that the page lies under.
        context: what the template needs beside.

    """
    tabs = [
        Tab(label, url_for(f"staff.campaigns.{name}", campaign_id=campaign.id), name == tab)
        for label, name, permission in TABS
        if holds(actor, permission) and f"staff.campaigns.{name}" in current_app.view_functions
    ]
    return render_template(
        template,
        campaign=campaign,
        tabs=tabs,
        state_label=STATE_LABELS[campaign.state],
        state_tone=STATE_TONES[campaign.state],
        here=request.path,
        **context,
    )
