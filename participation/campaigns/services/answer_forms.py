"""Printing the answer form of each campaign, and printing it anew when its words change."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.answer_form_print import AnswerSheet, answer_sheet
from participation.campaigns.models import AnswerForm, Campaign, CampaignState
from participation.city.queries import get_city
from participation.core import clock
from participation.core.actors import Actor, system_actor
from participation.departments.queries import get_department
from participation.files.models import StoredFile
from participation.jobs.models import Job
from participation.jobs.services import enqueue
from participation.submissions.services.kept_prints import (
    has_words,
    is_printing,
    locked_paper,
    needs_print,
    print_under_way,
    printed_file,
    replace_print,
)

PRINT_JOB = "campaigns.print_answer_form"
# Forms that residents can see are kept in step with the page by the worker.
_KEPT_IN_STEP = (CampaignState.PLANNED, CampaignState.OPEN)


def sheet_of(session: Session, campaign: Campaign, *, base_url: str, now: datetime) -> AnswerSheet:
    """Return the words that the form of a campaign has today."""
    city = get_city(session)
    department = get_department(session, campaign.department_id)
    return answer_sheet(
        campaign,
        municipality=city.name if city is not None else "",
        department=department.name_on(clock.local_date(now)),
        base_url=base_url,
    )


def printed_form(session: Session, campaign_id: int) -> StoredFile | None:
    """Return the form as last printed."""
    return printed_file(session, session.get(AnswerForm, campaign_id))


def is_being_printed(session: Session, campaign_id: int) -> bool:
    """Whether the worker has yet to print it."""
    return is_printing(session, session.get(AnswerForm, campaign_id))


def is_up_to_date(session: Session, campaign: Campaign, *, base_url: str, now: datetime) -> bool:
    """Whether the printed form has the words of today."""
    words = sheet_of(session, campaign, base_url=base_url, now=now)
    return has_words(session.get(AnswerForm, campaign.id), words.digest())


def request_printing(
    session: Session, campaign: Campaign, *, base_url: str, actor: Actor, now: datetime
) -> Job:
    """Have the worker print the form; one that is being printed is not printed twice."""
    form = locked_paper(session, AnswerForm, campaign.id)
    under_way = print_under_way(session, form)
    if under_way is not None:
        return under_way
    digest = sheet_of(session, campaign, base_url=base_url, now=now).digest()
    job = enqueue(
        session,
        PRINT_JOB,
        {"campaign": campaign.id, "digest": digest},
        actor=actor,
        now=now,
        label="提出用紙を作成しています",
    )
    form.job_id = job.id
    session.flush()
    return job


def renew_forms(session: Session, now: datetime, *, base_url: str) -> int:
    """Have the forms printed whose words have changed; a duty of every minute.

    What could not be printed is tried again only when its words change or a person asks.
    """
    campaigns = session.scalars(
        select(Campaign).where(Campaign.state.in_(_KEPT_IN_STEP)).order_by(Campaign.id)
    ).all()
    asked = 0
    for campaign in campaigns:
        form = session.get(AnswerForm, campaign.id)
        digest = sheet_of(session, campaign, base_url=base_url, now=now).digest()
        if not needs_print(session, form, digest):
            continue
        actor = system_actor("campaigns answer-form")
        request_printing(session, campaign, base_url=base_url, actor=actor, now=now)
        asked += 1
    return asked


def take_print(session: Session, campaign_id: int, *, stored: StoredFile, digest: str) -> None:
    """Offer a fresh print instead of the one before it, whose file is erased."""
    form = locked_paper(session, AnswerForm, campaign_id)
    replace_print(session, form, stored=stored, digest=digest)
