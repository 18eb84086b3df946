"""Making a campaign, with what the city and its department give to a new one."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import (
    Campaign,
    CampaignChannel,
    Eligibility,
    Procedure,
    ResponseCategory,
    SubjectType,
)
from participation.campaigns.wording import RULES_OF_CHANNEL, WHOLE_DAY
from participation.city.queries import categories, eligibility, rule
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.core.text import clean_input
from participation.departments.models import Department
from participation.departments.services.checks import check_plan
from participation.submissions import sender_fields
from participation.submissions.models import Channel

MAX_TITLE = 300
# Letters with a postmark of the last day are waited for (domain.md 1.6).
DEFAULT_GRACE_DAYS = 7


def create_campaign(
    session: Session,
    *,
    department: Department,
    title: str,
    procedure: Procedure,
    subject_type: SubjectType,
    year: int,
    takes_opinions: bool,
    actor: Actor,
    now: datetime,
) -> Campaign:
    """Make a campaign that only staff can see yet.

    Args:
        session: the session of the act.
        department: whose it is; its telephone and addresses are proposed as the contact.
        title: what it is called; titles recur and are no key.
        procedure: comment or inspection.
        subject_type: what the draft is.
        year: the fiscal year in which it is planned, until its period is fixed.
        takes_opinions: False for an inspection at which nothing can be handed in.
        actor: who makes it.
        now: when.

    Raises:
        InvalidInput: the title is missing, the year is far away, the department exists no longer,
            or a comment is to take no opinions.

    """
    title = clean_input(title).strip()
    today = clock.local_date(now)
    if not title or len(title) > MAX_TITLE:
        raise InvalidInput(f"件名を{MAX_TITLE}文字以内で入力してください。", field="title")
    check_plan(department, year, today)
    if procedure is Procedure.COMMENT and not takes_opinions:
        raise InvalidInput("パブリックコメントでは意見を受け付けます。", field="takes_opinions")
    campaign = Campaign(
        department_id=department.id,
        procedure=procedure,
        fiscal_year=year,
        title=title,
        subject_type=subject_type,
        phone=department.telephone,
        fax=department.fax,
        email=department.email,
        sender_fields=sender_fields.default_fields(),
        retention_days=rule(session, "campaign.retention_days"),
        created_at=now,
        updated_at=now,
        eligibilities=[
            Eligibility(position=position, label=label)
            for position, label in enumerate(eligibility(session))
        ],
        channels=_channels(department, department.name_on(today)) if takes_opinions else [],
    )
    session.add(campaign)
    session.flush()
    session.add_all(
        ResponseCategory(
            campaign_id=campaign.id,
            position=position,
            code=category.code,
            label=category.label,
            needs_amendment=category.needs_amendment,
            out_of_scope=category.out_of_scope,
        )
        for position, category in enumerate(categories(session))
    )
    session.flush()
    audit.record(
        session,
        "campaigns.campaign.created",
        actor=actor,
        now=now,
        subject=f"campaign:{campaign.id}",
        department_id=department.id,
        after={"title": title, "procedure": procedure, "fiscal_year": year},
    )
    return campaign


def position_of(channel: Channel) -> int:
    """Return where a channel stands in every campaign's list."""
    return list(Channel).index(channel)


def _channels(department: Department, name: str) -> list[CampaignChannel]:
    destinations = {
        Channel.EMAIL: department.email,
        Channel.FAX: department.fax,
        Channel.POST: name,
        Channel.COUNTER: name,
    }
    return [
        CampaignChannel(
            position=position_of(channel),
            channel=channel,
            rule=RULES_OF_CHANNEL[channel][0],
            closing_time=WHOLE_DAY,
            destination=destinations.get(channel, ""),
            grace_days=DEFAULT_GRACE_DAYS if channel is Channel.POST else 0,
        )
        for channel in Channel
        if channel is Channel.WEB or destinations[channel]
    ]
