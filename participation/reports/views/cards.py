"""What the report shows of itself on the staff home."""

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.policy import Permission, holds
from participation.reports.models import EditionState
from participation.reports.queries import editions as queries
from participation.web.feature import WaitingTask
from participation.web.templating import fiscal_year_filter


def waiting_editions(session: Session, actor: Actor, now: datetime) -> list[WaitingTask]:
    """Return the editions that wait for being looked at and published."""
    del now
    if not holds(actor, Permission.EDITION_PUBLISH):
        return []
    return [
        WaitingTask(
            _("%(year)s版の報告書を確かめて公開する", year=fiscal_year_filter(edition.fiscal_year)),
            1,
            url_for("staff.reports.edition", edition_id=edition.id),
        )
        for edition in queries.all_editions(session)
        if edition.state is EditionState.BUILT
    ]
