"""What the desk tells the staff home: typed submissions that wait for a second look."""

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.campaigns.models import CampaignState
from participation.campaigns.queries import campaign_lists as lists
from participation.campaigns.queries.submissions import count_unchecked
from participation.core.actors import Actor
from participation.policy import Permission, holds, reachable_departments
from participation.web.feature import WaitingTask

_STATES = (CampaignState.OPEN, CampaignState.CLOSED, CampaignState.REVIEWING)


def waiting_checks(session: Session, actor: Actor, _now: datetime) -> list[WaitingTask]:
    """Return a line for each campaign with typed submissions that ``actor`` may look at."""
    if not holds(actor, Permission.SUBMISSION_WRITE):
        return []
    reach = reachable_departments(actor, Permission.SUBMISSION_WRITE)
    tasks = []
    for campaign in lists.in_states(session, _STATES, reach=reach):
        count = count_unchecked(session, [campaign.id], not_by=actor.staff_id)
        if count:
            text = _("「%(title)s」の入力を見直す", title=campaign.title)
            url = url_for("staff.campaigns.checks", campaign_id=campaign.id)
            tasks.append(WaitingTask(text, count, url))
    return tasks
