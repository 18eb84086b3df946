"""The lines of the staff home about the yearly report."""

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.reports.queries.waiting import Waiting, waiting
from participation.web.feature import WaitingTask
from participation.web.templating import fiscal_year_filter, wareki_filter


def waiting_tasks(session: Session, actor: Actor, now: datetime) -> list[WaitingTask]:
    """Return what waits for ``actor`` in the rounds, each with the page to do it on."""
    return [
        WaitingTask(_label(line), line.count, _url(line)) for line in waiting(session, actor, now)
    ]


def _label(line: Waiting) -> str:
    words = {
        "returned": _("差し戻された記載を直す"),
        "draft": _("入力中の記載を提出する"),
        "missing": _("まだ回答していない欄に記入する"),
        "to_approve": _("課内の記載を確認する"),
        "to_confirm": _("各課から提出された記載を確認する"),
        "behind": _("まだ提出を終えていない課を確かめる"),
    }[line.kind]
    round_name = _("%(year)sの照会", year=fiscal_year_filter(line.round_year))
    if line.due_on is None:
        return str(_("%(round)s：%(words)s", round=round_name, words=words))
    day = wareki_filter(line.due_on)
    due = _("期限 %(day)s を過ぎています", day=day) if line.is_late else _("期限 %(day)s", day=day)
    return str(_("%(round)s：%(words)s（%(due)s）", round=round_name, words=words, due=due))


def _url(line: Waiting) -> str:
    if line.kind == "behind":
        return url_for("staff.reports.round_progress", year=line.round_year, stage="approved")
    endpoint = {
        "to_approve": "staff.reports.approvals",
        "to_confirm": "staff.reports.confirmations",
    }.get(line.kind, "staff.reports.index")
    return url_for(endpoint, year=line.round_year)
