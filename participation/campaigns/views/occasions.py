"""Campaigns as the residents' front door shows them: home, calendar, feeds."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import cache

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.campaigns.labels import PROCEDURE_LABELS, STATE_LABELS
from participation.campaigns.models import CampaignState
from participation.campaigns.phases import phase
from participation.campaigns.queries import occasions as queries
from participation.campaigns.views.speech import words
from participation.campaigns.wording import PROCEDURE_WORDS
from participation.core import clock
from participation.core.deadlines import end_of_day
from participation.core.errors import NotFound
from participation.core.occasions import Occasion, OccasionFilter, OccasionState
from participation.core.text import opening
from participation.web.templating import translated

_STATES = {
    CampaignState.PLANNED: OccasionState.COMING,
    CampaignState.OPEN: OccasionState.OPEN,
    CampaignState.CLOSED: OccasionState.CLOSED,
    CampaignState.REVIEWING: OccasionState.CLOSED,
    CampaignState.PUBLISHED: OccasionState.DECIDED,
    CampaignState.CANCELLED: OccasionState.CANCELLED,
}
_MIDNIGHT = time(tzinfo=clock.TOKYO)


class CampaignOccasions:
    """Periods for opinions and inspections, whole; one query a call."""

    name = "campaign"

    def kinds(self, session: Session) -> Sequence[tuple[str, str]]:
        """Return 意見募集 and its procedures."""
        del session
        return [
            (self.name, str(_("意見募集"))),
            *(
                (f"{self.name}.{procedure.value}", translated(label))
                for procedure, label in PROCEDURE_LABELS.items()
            ),
        ]

    def on_days(
        self, session: Session, first: date, last: date, wanted: OccasionFilter, now: datetime
    ) -> Sequence[Occasion]:
        """Return the campaigns whose period has any of these days."""
        if not wanted.wants(self.name):
            return ()
        return _occasions(queries.on_days(session, first, last, wanted), now)

    def closing(
        self, session: Session, first: date, last: date, wanted: OccasionFilter, now: datetime
    ) -> Sequence[Occasion]:
        """Return the campaigns whose last day is one of these."""
        if not wanted.wants(self.name):
            return ()
        return _occasions(queries.closing(session, first, last, wanted), now)

    def open_now(
        self, session: Session, wanted: OccasionFilter, now: datetime, limit: int
    ) -> Sequence[Occasion]:
        """Return the campaigns that are open, those that close first in front."""
        if not wanted.wants(self.name):
            return ()
        today = clock.local_date(now)
        return _occasions(queries.open_on(session, today, wanted, limit), now)

    def coming(
        self, session: Session, wanted: OccasionFilter, now: datetime, limit: int
    ) -> Sequence[Occasion]:
        """Return the campaigns that are announced and have not opened."""
        if not wanted.wants(self.name):
            return ()
        today = clock.local_date(now)
        return _occasions(queries.coming(session, today, wanted, limit), now)

    def decided(
        self, session: Session, wanted: OccasionFilter, now: datetime, limit: int
    ) -> Sequence[Occasion]:
        """Return the campaigns whose result is published, the latest first."""
        if not wanted.wants(self.name):
            return ()
        return _occasions(queries.decided(session, wanted, limit), now)

    def parts(self, session: Session, number: int, now: datetime) -> Sequence[Occasion]:
        """Return the one period of a campaign; none while it is not fixed."""
        found = _occasions(queries.one(session, number), now)
        if not found:
            raise NotFound("お探しの意見募集は見つかりませんでした。")
        return [one for one in found if one.first_day is not None]


def _occasions(lines: Sequence[queries.Line], now: datetime) -> Sequence[Occasion]:
    speech = words()
    speak = cache(translated)
    found = []
    for line in lines:
        stands = phase(line, now)
        reference = f"campaign:{line.id}"
        says = PROCEDURE_WORDS[line.procedure]
        has_period = line.opens_on is not None and line.closes_on is not None
        decided = stands is CampaignState.PUBLISHED and line.published_at is not None
        found.append(
            Occasion(
                ref=reference,
                part="",
                kind=f"campaign.{line.procedure.value}",
                kind_label=speak(PROCEDURE_LABELS[line.procedure]),
                title=line.title,
                department_id=line.department_id,
                state=_STATES[stands],
                state_label=speak(
                    says["open"] if stands is CampaignState.OPEN else STATE_LABELS[stands]
                ),
                url=url_for(
                    "campaigns_public.result" if decided else "campaigns_public.campaign",
                    campaign_id=line.id,
                ),
                when=speech.planned(line.opens_on, line.closes_on, line.planned_period),
                first_day=line.opens_on if has_period else None,
                last_day=line.closes_on if has_period else None,
                opens_at=_start_of(line.opens_on) if has_period else None,
                closes_at=end_of_day(line.closes_on) if has_period else None,
                opening_label=speak(says["opens_mark"]),
                closing_label=speak(says["closes_mark"]),
                decided_on=clock.local_date(line.published_at) if decided else None,
                text=opening(line.purpose),
                updated_at=line.updated_at,
                version=line.version,
            )
        )
    return found


def _start_of(day: date) -> datetime:
    return datetime.combine(day, _MIDNIGHT).astimezone(UTC)
