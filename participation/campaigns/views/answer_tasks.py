"""The lines of the staff home about answers."""

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.campaigns.queries.answer_waiting import AnswersWaiting, answers_waiting
from participation.core.actors import Actor
from participation.web.feature import WaitingTask


def waiting_answers(session: Session, actor: Actor, now: datetime) -> list[WaitingTask]:
    """Return what waits for ``actor`` about answers, each with the page to do it on."""
    del now
    return [
        WaitingTask(_label(line), line.count, _url(line))
        for line in answers_waiting(session, actor)
    ]


def _label(line: AnswersWaiting) -> str:
    if line.kind == "sort":
        return str(_("「%(title)s」の意見をグループに分ける", title=line.title))
    if line.kind == "write":
        return str(_("「%(title)s」の回答を書く", title=line.title))
    return str(_("「%(title)s」の非公開の箇所を確認する", title=line.title))


def _url(line: AnswersWaiting) -> str:
    if line.kind == "sort":
        return url_for("staff.campaigns.opinions", campaign_id=line.campaign_id)
    if line.kind == "write":
        return url_for("staff.campaigns.groups", campaign_id=line.campaign_id, missing="ready")
    return url_for("staff.campaigns.masks", campaign_id=line.campaign_id)
