"""What the staff pages of one campaign share: loading with the right, and the row of tabs."""

from flask import render_template, request

from participation.campaigns.labels import STATE_LABELS, STATE_TONES
from participation.campaigns.models import Campaign
from participation.campaigns.queries.campaigns import get_campaign
from participation.core.actors import Actor
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate
from participation.web.tabs import tabs_for

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
    tabs = tabs_for(actor, TABS, blueprint="staff.campaigns", current=tab, campaign_id=campaign.id)
    return render_template(
        template,
        campaign=campaign,
        tabs=tabs,
        state_label=STATE_LABELS[campaign.state],
        state_tone=STATE_TONES[campaign.state],
        here=request.path,
        **context,
    )
