"""Residents' pages: what is open now, and one campaign."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from participation.campaigns import checks
from participation.campaigns.labels import (
    DOCUMENT_LABELS,
    LIST_LABELS,
    NOTICE_LABELS,
    OUTCOME_LABELS,
    PROCEDURE_LABELS,
)
from participation.campaigns.models import Campaign, CampaignState, Procedure
from participation.campaigns.periods import takes_opinions
from participation.campaigns.phases import phase
from participation.campaigns.queries import campaign_lists as lists
from participation.campaigns.queries.campaigns import get_announced
from participation.campaigns.queries.documents import published_versions
from participation.campaigns.queries.page_facts import list_facts, page_facts
from participation.campaigns.views.answer_form import form_url
from participation.campaigns.views.blueprints import public
from participation.campaigns.views.memory import from_memory
from participation.campaigns.views.speech import day_of, department_names, state_word, words
from participation.campaigns.wording import PROCEDURE_WORDS
from participation.core import clock
from participation.core.deadlines import days_inclusive
from participation.db.extension import db
from participation.departments.queries import all_departments, get_department
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel
from participation.web import gate
from participation.web.pagination import keyset_page
from participation.web.row_numbers import row_number

_PAGE = 20
_YEARS = range(1900, 2200)


@dataclass(frozen=True)
class Line:
    """A campaign in a list."""

    campaign: Campaign
    department: str
    state: str
    tone: str
    period: str
    days_left: int | None  # with today; None unless it is open


@public.get("/")
@gate.public
def index() -> ResponseReturnValue:
    """List what is open, planned, under review and published."""
    now = clock.now()
    return from_memory(
        list_facts(db.engine, "index", now),
        lambda: _render_index(now),
        arguments=("year", "department", "before"),
    )


def _render_index(now: datetime) -> str:
    session = db.session()
    wanted = _wanted()
    running = lists.running(session, wanted)
    before = row_number(request.args.get("before"))
    over = lists.over(session, wanted, limit=_PAGE + 1, before=before)
    names = department_names(session, [*running, *over])
    page = keyset_page(over, _PAGE)
    today = clock.local_date(now)
    departments = set(lists.departments_with_campaigns(session, announced_only=True))
    return render_template(
        "campaigns/public/index.html",
        sections=[
            (
                title,
                [
                    _line(campaign, names, now)
                    for campaign in running
                    if phase(campaign, now) in states
                ],
            )
            for states, title in LIST_LABELS.items()
        ],
        over=[_line(campaign, names, now) for campaign in page.items],
        page=page,
        wanted=wanted,
        is_narrowed=wanted != lists.CampaignFilter(),
        is_first_page=before is None,
        years=lists.years(session, announced_only=True),
        departments=[
            (one.id, one.name_on(today))
            for one in all_departments(session)
            if one.id in departments
        ],
        labels=PROCEDURE_LABELS,
        Procedure=Procedure,
    )


@public.get("/<int:campaign_id>/")
@gate.public
def campaign(campaign_id: int) -> ResponseReturnValue:
    """Show everything that the city says about one campaign, by its state."""
    now = clock.now()
    facts = page_facts(db.engine, campaign_id, now)
    return from_memory(facts, lambda: _render_campaign(campaign_id, now))


def _render_campaign(campaign_id: int, now: datetime) -> str:
    session = db.session()
    found = get_announced(session, campaign_id)
    department = get_department(session, found.department_id)
    state, tone = state_word(found, now)
    says = PROCEDURE_WORDS[found.procedure]
    speech = words()
    return render_template(
        "campaigns/public/campaign.html",
        campaign=found,
        department=department.name_on(day_of(found)),
        state=phase(found, now),
        State=CampaignState,
        state_label=state,
        state_tone=tone,
        says=says,
        situation=says[_SITUATIONS[phase(found, now)]],
        period=speech.planned(found.opens_on, found.closes_on, found.planned_period),
        channels=[
            (
                CHANNEL_LABELS[channel.channel],
                speech.deadline(channel, found.closes_on) if found.closes_on else "",
                channel.destination,
                channel.channel is Channel.WEB,
            )
            for channel in found.channels
        ],
        answer_form_url=form_url(session, found),
        documents=published_versions(session, found.id),
        document_url=lambda version_id: url_for(
            ".document", campaign_id=found.id, version_id=version_id
        ),
        result_url=url_for(".result", campaign_id=found.id),
        submit_url=submit_url(found, now),
        days_left=_days_left(found, now),
        counting_ends=_counting_ends(found, now),
        document_labels=DOCUMENT_LABELS,
        notice_labels=NOTICE_LABELS,
        outcome_label=OUTCOME_LABELS[found.outcome] if found.outcome else "",
        procedure_label=PROCEDURE_LABELS[found.procedure],
    )


_SITUATIONS = {
    CampaignState.PLANNED: "before",
    CampaignState.OPEN: "during",
    CampaignState.CLOSED: "after",
    CampaignState.REVIEWING: "reviewing",
    CampaignState.PUBLISHED: "published",
    CampaignState.CANCELLED: "cancelled",
}


def submit_url(found: Campaign, now: datetime) -> str | None:
    """Return the address of the form, or None when no opinion is taken here and now."""
    by_web = any(channel.channel is Channel.WEB for channel in found.channels)
    if not by_web or not takes_opinions(found, now):
        return None
    return url_for(".submit", campaign_id=found.id)


def _days_left(found: Campaign, now: datetime) -> int | None:
    if phase(found, now) is not CampaignState.OPEN or found.closes_on is None:
        return None
    return days_inclusive(clock.local_date(now), found.closes_on)


def _counting_ends(found: Campaign, now: datetime) -> date | None:
    """Return until when post is still waited for, once the period is over; None when it is not."""
    if found.closes_on is None or phase(found, now) is not CampaignState.CLOSED:
        return None
    last = checks.counting_ends(found, found.closes_on)
    waits = last > found.closes_on and clock.local_date(now) < last + timedelta(days=1)
    return last if waits else None


def _line(campaign: Campaign, names: dict[int, str], now: datetime) -> Line:
    state, tone = state_word(campaign, now)
    return Line(
        campaign,
        names[campaign.id],
        state,
        tone,
        words().planned(campaign.opens_on, campaign.closes_on, campaign.planned_period),
        _days_left(campaign, now),
    )


def _wanted() -> lists.CampaignFilter:
    year = row_number(request.args.get("year"))
    return lists.CampaignFilter(
        fiscal_year=year if year in _YEARS else None,
        department_id=row_number(request.args.get("department")),
    )
