"""Dates of campaigns in the reader's language, and what several pages show of a campaign."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from participation.campaigns.labels import STATE_LABELS, STATE_TONES
from participation.campaigns.models import Campaign, CampaignState
from participation.campaigns.phases import phase
from participation.campaigns.wording import PROCEDURE_WORDS, Words
from participation.core import clock
from participation.departments.queries import all_departments
from participation.web.templating import wareki_filter


def _speak(sentence: str, **values: Any) -> str:
    return str(gettext(sentence, **values))


def words() -> Words:
    """Return the words of dates in the language of this request."""
    return Words(_speak, wareki_filter)


def state_word(campaign: Campaign, now: datetime) -> tuple[str, str]:
    """Return what the state of a campaign is called by its dates, and its tone."""
    state = phase(campaign, now)
    label = STATE_LABELS[state]
    if state is CampaignState.OPEN:
        label = PROCEDURE_WORDS[campaign.procedure]["open"]
    return label, STATE_TONES[state]


def day_of(campaign: Campaign) -> date:
    """Return the day whose names of departments a campaign is shown with."""
    return campaign.opens_on or campaign.announced_on or clock.local_date(campaign.created_at)


def department_names(session: Session, campaigns: Iterable[Campaign]) -> dict[int, str]:
    """Return for each campaign (by id) what its department was called in its time."""
    known = {department.id: department for department in all_departments(session)}
    return {
        campaign.id: known[campaign.department_id].name_on(day_of(campaign))
        for campaign in campaigns
    }
