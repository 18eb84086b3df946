"""A campaign with answers and a result on its way, as the tests of results need them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from participation.accounts.models import StaffUser
from participation.campaigns.jobs.results import freeze_result
from participation.campaigns.models import (
    Amendment,
    AmendmentSource,
    Campaign,
    CampaignResult,
    CampaignState,
    Opinion,
    OpinionGroup,
    Outcome,
    ResponseCategory,
    Submission,
)
from participation.campaigns.queries import results as queries
from participation.campaigns.services import result_approval as approval
from participation.campaigns.services import results as services
from participation.campaigns.services.results import ResultWords
from participation.core import clock
from participation.core.actors import Actor, Role
from participation.jobs.models import Job
from participation.jobs.runner import JobRun
from tests.campaigns.arrange import make_campaign, make_submission, opinions_of
from tests.campaigns.documents_arrange import make_document
from tests.factories import make_department, make_user

NOW = clock.now().replace(microsecond=0)


class World:
    """A department with a writer and an approver, and a campaign whose period is over."""

    def __init__(self, session: Session, *, texts: tuple[str, ...] = (), **more: Any) -> None:
        self.session = session
        self.department = make_department(session)
        self.writer = make_user(session, Role.CONTRIBUTOR, self.department, name="石田 恵子")
        self.approver = make_user(session, Role.APPROVER, self.department, name="岡部 正志")
        today = clock.local_date(clock.now())
        self.campaign: Campaign = make_campaign(
            session,
            self.department,
            **{
                "state": CampaignState.REVIEWING,
                "opens_on": today - timedelta(days=70),
                "closes_on": today - timedelta(days=40),
                **more,
            },
        )
        make_document(session, self.campaign)
        session.commit()
        self.submissions: list[Submission] = []
        self.groups: list[OpinionGroup] = []
        for text in texts:
            self.answered(text)

    def answered(
        self, *texts: str, category: str = "B", group: OpinionGroup | None = None, **more: Any
    ) -> OpinionGroup:
        """A submission with an opinion for each text, all in one answered group."""
        submission = make_submission(self.session, self.campaign, *texts, **more)
        self.submissions.append(submission)
        group = group or self.group(category=category)
        for opinion in opinions_of(self.session, submission):
            opinion.group_id = group.id
        self.session.commit()
        return group

    def group(self, *, category: str = "B", **more: Any) -> OpinionGroup:
        """A finished group."""
        number = len(self.groups) + 1
        group = OpinionGroup(
            **{
                "campaign_id": self.campaign.id,
                "number": number,
                "position": number,
                "heading": "第1章 現状",
                "summary": f"{number}番目の要旨",
                "view": f"{number}番目の考え方",
                "category_id": self.category(category).id,
                "ready": True,
                "author_id": self.writer.id,
                "updated_at": NOW,
                **more,
            }
        )
        self.session.add(group)
        self.session.commit()
        self.groups.append(group)
        return group

    def category(self, code: str) -> ResponseCategory:
        """The campaign's category of a code."""
        return (
            self.session.query(ResponseCategory)
            .filter_by(campaign_id=self.campaign.id, code=code)
            .one()
        )

    def amended(self, *groups: OpinionGroup, **more: Any) -> Amendment:
        """An amendment that answers some groups."""
        number = self.session.query(Amendment).count() + 1
        amendment = Amendment(
            **{
                "campaign_id": self.campaign.id,
                "number": number,
                "place": "12ページ",
                "before": "駐車場を配置します。",
                "after": "駐車場を配置し、空き状況を知らせます。",
                "reason": "選びやすくするため",
                "updated_at": NOW,
                **more,
            }
        )
        self.session.add(amendment)
        self.session.flush()
        self.session.add_all(
            AmendmentSource(amendment_id=amendment.id, group_id=group.id) for group in groups
        )
        self.session.commit()
        return amendment

    def draft(self, **words: Any) -> CampaignResult:
        """A draft of the result (or of its correction)."""
        words = {"outcome": Outcome.UNCHANGED, "outcome_note": "考え方のとおりです。", **words}
        result = services.draft_result(
            self.session, self.campaign, ResultWords(**words), actor=actor(self.writer), now=NOW
        )
        self.session.commit()
        return result

    def submit(self, result: CampaignResult) -> Job:
        """Ask for 決裁 as the writer."""
        job = services.submit_result(
            self.session, self.campaign, result, actor=actor(self.writer), now=NOW
        )
        self.session.commit()
        return job

    def frozen(self, **words: Any) -> CampaignResult:
        """A result that waits for 決裁 with its files."""
        result = self.draft(**words)
        job = self.submit(result)
        run_job(self.session, job)
        return result

    def approve(
        self, result: CampaignResult, scheduled_for: datetime | None = None, now: datetime = NOW
    ) -> None:
        """決裁 as the approver."""
        approval.approve_result(
            self.session,
            self.campaign,
            result,
            snapshot_sha256=result.snapshot_sha256,
            scheduled_for=scheduled_for,
            actor=actor(self.approver),
            now=now,
        )
        self.session.commit()

    def published(self, **words: Any) -> CampaignResult:
        """A published result."""
        result = self.frozen(**words)
        self.approve(result)
        return result


def actor(person: StaffUser) -> Actor:
    """The actor of a person, for services."""
    return Actor(staff_id=person.id, name=person.name)


def run_job(session: Session, job: Job) -> None:
    """Do a job here and now."""
    run = JobRun(job.id, dict(job.payload), session, lambda *_: None, session.commit)
    session.rollback()
    freeze_result(run)
    session.commit()


def opinion_of(session: Session, submission: Submission, number: int = 1) -> Opinion:
    """One opinion of a submission."""
    return opinions_of(session, submission)[number - 1]


def parts_of(session, result):
    """The frozen parts of a result."""
    return list(queries.frozen_parts(session, result.id))
