"""What waits for a person about results, on the staff home."""

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.campaigns.models import ResultState
from participation.campaigns.queries import results as queries
from participation.core.actors import Actor
from participation.policy import Permission, holds, reachable_departments
from participation.web.feature import WaitingTask


def waiting_results(session: Session, actor: Actor, now: datetime) -> list[WaitingTask]:
    """Return the results that wait for the actor's 決裁, and those that came back to them."""
    del now
    tasks = []
    if holds(actor, Permission.CAMPAIGN_APPROVE):
        reach = reachable_departments(actor, Permission.CAMPAIGN_APPROVE)
        for result, campaign in queries.in_state(session, ResultState.SUBMITTED, reach=reach):
            if result.snapshot_sha256 and result.submitted_by != actor.staff_id:
                words = _("「%(title)s」の結果を決裁する", title=campaign.title)
                tasks.append(_task(words, campaign.id))
    if holds(actor, Permission.ANSWER_WRITE):
        reach = reachable_departments(actor, Permission.ANSWER_WRITE)
        for _result, campaign in queries.in_state(session, ResultState.RETURNED, reach=reach):
            words = _("差し戻された「%(title)s」の結果を直す", title=campaign.title)
            tasks.append(_task(words, campaign.id))
    return tasks


def _task(words: str, campaign_id: int) -> WaitingTask:
    return WaitingTask(words, 1, url_for("staff.campaigns.result", campaign_id=campaign_id))
