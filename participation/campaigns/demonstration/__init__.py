"""Campaigns of a demo city, told in days from today and lived through by the real services.

Every act is done by the services that the pages use, with the moment at which it is said to have
happened, so that receipts, audit events, counts and results are what they would be in a city.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.accounts.queries import actor_of, appointed_in
from participation.campaigns.demonstration.answering import publish, review
from participation.campaigns.demonstration.receiving import receive
from participation.campaigns.demonstration.story import OPENED_AT, Days, People, Story
from participation.campaigns.models import Campaign, DocumentKind, Procedure, SubjectType
from participation.campaigns.services import editing, steps
from participation.campaigns.services.campaigns import create_campaign
from participation.campaigns.services.clockwork import move_by_clock
from participation.campaigns.services.document_versions import VersionContent, add_version
from participation.campaigns.services.documents import add_document
from participation.campaigns.services.places import PlaceTerms, edit_places
from participation.city.queries import places
from participation.core import fiscal_year
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput
from participation.departments.models import Department
from participation.departments.queries import find_by_name


class DemoLoader:
    """Tells the campaigns of a file."""

    def __init__(self, session: Session, *, now: datetime, run_jobs: Callable[[], None]) -> None:
        """Keep what every story needs; ``run_jobs`` commits and does what waits for the worker."""
        self._session, self._days, self._run_jobs = session, Days(now), run_jobs

    def load(self, data: dict[str, Any]) -> int:
        """Tell every campaign that is not there yet; return how many were told.

        Raises:
            InvalidInput: a department or a word is not known.

        """
        known = set(self._session.scalars(select(Campaign.title)))
        told = [each for each in data["campaigns"] if each["title"] not in known]
        for each in told:
            self._tell(each)
        return len(told)

    def _tell(self, told: dict[str, Any]) -> None:
        department = self._department(told["department"])
        people = self._people(department)
        story = self._prepare(told, department, people)
        self._announce(story)
        if self._days.day(told["opens"]) > self._days.today:
            return
        self._session.flush()
        move_by_clock(self._session, self._days.at(told["opens"], 0))
        receive(self._session, self._days, story)
        if self._days.day(told["closes"]) >= self._days.today:
            return
        move_by_clock(self._session, self._days.at(told["closes"] + 1, 0))
        self._session.refresh(story.campaign)
        if "reviewing" in told:
            review(self._session, self._days, story)
        if "result" in told:
            publish(self._session, self._days, story, self._run_jobs)
        self._session.flush()

    def _prepare(self, told: dict[str, Any], department: Department, people: People) -> Story:
        session = self._session
        at = self._days.at(told["announced"] - 10, 14)
        campaign = create_campaign(
            session,
            department=department,
            title=told["title"],
            procedure=Procedure(told.get("procedure", "comment")),
            subject_type=SubjectType(told["subject"]),
            year=fiscal_year.fiscal_year_of(self._days.day(told["opens"])),
            takes_opinions=True,
            actor=people.writer,
            now=at,
        )
        sections: dict[str, dict[str, Any]] = {
            "basics": {
                "title": told["title"],
                "purpose": told["purpose"],
                "subject_type": campaign.subject_type,
                "plan_name": told["plan_name"],
                "plan_stage": told["plan_stage"],
                "legal_basis": told["legal_basis"],
            },
            "period": {
                "opens_on": self._days.day(told["opens"]),
                "closes_on": self._days.day(told["closes"]),
                "planned_period": "",
                "short_reason": "",
            },
            "result": {
                "result_due_on": self._days.day(told["result_due"]),
                "published_until": self._days.day(told["result_due"] + 365),
            },
            "contact": {
                "section_name": told["section_name"],
                "phone": campaign.phone,
                "fax": campaign.fax,
                "email": campaign.email,
            },
        }
        for section, values in sections.items():
            editing.edit_fields(
                session,
                campaign,
                section,
                values,
                version=campaign.version,
                actor=people.writer,
                now=at,
            )
        editing.edit_areas(
            session,
            campaign,
            told["areas"],
            version=campaign.version,
            actor=people.writer,
            now=at,
        )
        edit_places(
            session,
            campaign,
            [PlaceTerms(place.name) for place in places(session, active_only=True)[:4]],
            version=campaign.version,
            actor=people.writer,
            now=at,
        )
        for each in told["documents"]:
            document = add_document(
                session,
                campaign,
                kind=DocumentKind(each["kind"]),
                title=each["title"],
                actor=people.writer,
                now=at,
            )
            content = VersionContent(source=each["text"])
            add_version(session, campaign, document, content, actor=people.writer, now=at)
        return Story(campaign, told, people, self._days.day(told["opens"]))

    def _announce(self, story: Story) -> None:
        steps.announce(
            self._session,
            story.campaign,
            reason="デモのため",
            actor=story.people.checker,
            now=self._days.at(story.told["announced"], OPENED_AT),
        )

    def _department(self, name: str) -> Department:
        found = find_by_name(self._session, name, self._days.today)
        if len(found) != 1:
            raise InvalidInput(
                f"「{name}」という課がありません。先に市の設定を読み込んでください。"
            )
        return found[0]

    def _people(self, department: Department) -> People:
        system = system_actor("campaigns load-demo")
        found = {
            role: next(
                (
                    actor_of(self._session, each.user, self._days.now)
                    for each in appointed_in(self._session, department.id, self._days.today)
                    if each.role is role
                ),
                system,
            )
            for role in (Role.CONTRIBUTOR, Role.APPROVER)
        }
        return People(found[Role.CONTRIBUTOR], found[Role.APPROVER])
