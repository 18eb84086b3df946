"""What of workshops waits for a person, on the staff home."""

from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import Actor
from participation.policy import Permission, holds, reachable_departments
from participation.web.feature import WaitingTask
from participation.web.templating import wareki_filter
from participation.workshops.queries import waiting

# An announcement is asked for so long before the first day; an outcome so long after the last.
_AHEAD = timedelta(days=60)
_AFTER = timedelta(days=14)


def waiting_tasks(session: Session, actor: Actor, now: datetime) -> list[WaitingTask]:
    """Return what waits for ``actor``: events to announce, lotteries to draw, outcomes to write."""
    if not holds(actor, Permission.WORKSHOP_WRITE):
        return []
    reach = reachable_departments(actor, Permission.WORKSHOP_WRITE)
    today = clock.local_date(now)
    tasks = [
        WaitingTask(
            _(
                "「%(title)s」を公表する（最初の日 %(day)s）",
                title=one.title,
                day=wareki_filter(one.first_day),
            ),
            1,
            url_for("staff.workshops.workshop", workshop_id=one.id),
        )
        for one in waiting.to_announce(session, reach=reach, until=today + _AHEAD)
    ]
    if holds(actor, Permission.WORKSHOP_APPROVE):
        deciding = reachable_departments(actor, Permission.WORKSHOP_APPROVE)
        tasks += [
            WaitingTask(
                _("「%(title)s」の抽選を行う", title=one.title),
                pools,
                url_for("staff.workshops.draws", workshop_id=one.id),
            )
            for one, pools in waiting.to_draw(session, reach=deciding, now=now)
        ]
    tasks += [
        WaitingTask(
            _(
                "「%(title)s」の開催結果を公表する（最後の日 %(day)s）",
                title=one.title,
                day=wareki_filter(one.last_day),
            ),
            1,
            url_for("staff.workshops.outcome", workshop_id=one.id),
        )
        for one in waiting.to_report(session, reach=reach, before=today - _AFTER)
    ]
    return tasks
