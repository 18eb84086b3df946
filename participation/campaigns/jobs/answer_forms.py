"""What the worker does for answer forms: notice that one is out of date, and print it."""

from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from participation.campaigns.answer_form_print import answer_form_pdf
from participation.campaigns.queries.campaigns import get_campaign
from participation.campaigns.services import answer_forms
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.settings import Settings
from participation.db.engine import writing
from participation.files.services import store
from participation.jobs.runner import JobRun


def base_url() -> str:
    """Return the public address of this site."""
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url


def renew_answer_forms(session: Session, now: datetime) -> None:
    """Have the forms printed whose words have changed."""
    answer_forms.renew_forms(session, now, base_url=base_url())


def print_answer_form(run: JobRun) -> None:
    """Print the form of a campaign as its words are now."""
    session, now = run.session, clock.now()
    campaign_id = run.payload["campaign"]
    campaign = get_campaign(session, campaign_id)
    sheet = answer_forms.sheet_of(session, campaign, base_url=base_url(), now=now)
    session.rollback()
    pdf = answer_form_pdf(sheet, created=now)
    with writing(session):
        stored = store(
            session,
            pdf,
            name=f"意見等提出用紙_{sheet.title}.pdf",
            media_type="application/pdf",
            actor=system_actor("campaigns answer-form"),
            now=now,
        )
        answer_forms.take_print(session, campaign_id, stored=stored, digest=sheet.digest())
