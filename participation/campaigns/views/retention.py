"""The staff page that says what personal data is held and when it is erased."""

from datetime import timedelta

from flask.typing import ResponseReturnValue

from participation.campaigns.models import CampaignState
from participation.campaigns.queries.retention import holdings
from participation.campaigns.sweeps import NETWORK_KEPT_FOR
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.db.extension import db
from participation.mail.retention import MAIL_DAYS
from participation.policy import Permission
from participation.web import gate


@staff.get("/<int(max=999999999):campaign_id>/retention")
@gate.requires(Permission.SUBMISSION_READ)
def retention(campaign_id: int) -> ResponseReturnValue:
    """Show what is held of senders and on which day it goes."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    return pages.page(
        "campaigns/staff/retention.html",
        campaign,
        actor,
        tab="submissions",
        held=holdings(db.session(), campaign.id),
        is_over=campaign.state in {CampaignState.PUBLISHED, CampaignState.CANCELLED},
        network_days=NETWORK_KEPT_FOR // timedelta(days=1),
        mail_days=MAIL_DAYS,
    )
