"""What campaigns show of themselves on the staff home."""

from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, CampaignState
from participation.campaigns.queries import campaign_lists as lists
from participation.core import clock
from participation.core.actors import Actor
from participation.policy import Permission, holds, reachable_departments
from participation.web.feature import WaitingTask
from participation.web.templating import wareki_filter

# A task is shown so long before its day.
_AHEAD = timedelta(days=21)


def waiting_tasks(session: Session, actor: Actor, now: datetime) -> list[WaitingTask]:
    """Return what waits for ``actor``: what to announce, to review, and to publish in time."""
    if not holds(actor, Permission.CAMPAIGN_WRITE):
        return []
    reach = reachable_departments(actor, Permission.CAMPAIGN_WRITE)
    today = clock.local_date(now)
    tasks = []
    states = (CampaignState.PREPARING, CampaignState.CLOSED, CampaignState.REVIEWING)
    for one in lists.in_states(session, states, reach=reach):
        text = _task(one, today)
        if text:
            tasks.append(
                WaitingTask(text, 1, url_for("staff.campaigns.campaign", campaign_id=one.id))
            )
    return tasks


def _task(one: Campaign, today: date) -> str:
    """Return what is to be done about a campaign, empty when nothing is pressing."""
    if one.state is CampaignState.PREPARING:
        if one.opens_on is None or one.opens_on > today + _AHEAD:
            return ""
        day = wareki_filter(one.opens_on)
        return str(_("「%(title)s」を予告する（開始予定 %(day)s）", title=one.title, day=day))
    due = one.result_due_on
    if due is not None and due <= today + _AHEAD:
        day = wareki_filter(due)
        words = (
            _("「%(title)s」の結果を公表する（予定日 %(day)s を過ぎています）")
            if due < today
            else _("「%(title)s」の結果を公表する（予定日 %(day)s）")
        )
        return str(words % {"title": one.title, "day": day})
    if one.state is CampaignState.CLOSED:
        return str(_("「%(title)s」の検討を始める", title=one.title))
    return ""
