"""A campaign whose opinions are worked through: its people and shorthands for their acts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.accounts.models import StaffUser
from participation.accounts.queries import actor_of
from participation.audit.models import AuditEvent
from participation.campaigns.models import (
    Amendment,
    Campaign,
    CampaignImport,
    CampaignState,
    ImportKind,
    ImportState,
    Opinion,
    OpinionGroup,
    OpinionMask,
    ResponseCategory,
)
from participation.campaigns.services import groups
from participation.campaigns.services.amendments import AmendmentWords, create_amendment
from participation.campaigns.services.groups import GroupWords
from participation.campaigns.services.sorting import Selection, put_in_group
from participation.core.actors import Actor, Role
from participation.departments.models import Department
from tests.campaigns.arrange import make_campaign, make_submission, opinions_of
from tests.factories import make_department, make_user

NOW = datetime(2024, 6, 3, 1, 0, tzinfo=UTC)


@dataclass
class Desk:
    """A closed campaign, its department's people and another department's."""

    session: Session
    department: Department
    campaign: Campaign
    writer: StaffUser
    colleague: StaffUser
    chief: StaffUser
    stranger: StaffUser
    auditor: StaffUser
    now: datetime = NOW

    def actor(self, user: StaffUser | None = None) -> Actor:
        return actor_of(self.session, user or self.writer, self.now)

    def later(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def opinion(self, *texts: str, **more: object) -> list[Opinion]:
        return opinions_of(
            self.session, make_submission(self.session, self.campaign, *texts, **more)
        )

    def category(self, code: str) -> ResponseCategory:
        return self.session.scalars(
            select(ResponseCategory).where(
                ResponseCategory.campaign_id == self.campaign.id, ResponseCategory.code == code
            )
        ).one()

    def group(self, *opinions: Opinion, code: str | None = None, **words: object) -> OpinionGroup:
        if code is not None:
            words["category_id"] = self.category(code).id
        group = groups.create_group(
            self.session,
            self.campaign,
            GroupWords(**words),
            actor=self.actor(),
            now=self.later(),
        )
        if opinions:
            put_in_group(
                self.session,
                self.campaign,
                Selection(ids=tuple(opinion.id for opinion in opinions)),
                group,
                actor=self.actor(),
                now=self.now,
            )
        self.session.commit()
        return group

    def amendment(self, *numbers: int, **words: str):
        amendment = create_amendment(
            self.session,
            self.campaign,
            AmendmentWords(
                **{"place": "12ページ", "before": "植える。", "after": "育てる。", **words}
            ),
            numbers,
            actor=self.actor(),
            now=self.later(),
        )
        self.session.commit()
        return amendment

    def events(self, action: str) -> list[AuditEvent]:
        return list(
            self.session.scalars(
                select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
            )
        )


def make_desk(session: Session, **campaign: object) -> Desk:
    department = make_department(session, "みどり課")
    other = make_department(session, "道路課")
    values = {
        "state": CampaignState.CLOSED,
        "opens_on": date(2024, 4, 1),
        "closes_on": date(2024, 5, 1),
        **campaign,
    }
    return Desk(
        session,
        department,
        make_campaign(session, department, **values),
        writer=make_user(session, Role.CONTRIBUTOR, department, name="書き手 一"),
        colleague=make_user(session, Role.CONTRIBUTOR, department, name="同僚 二"),
        chief=make_user(session, Role.APPROVER, department, name="課長 三"),
        stranger=make_user(session, Role.CONTRIBUTOR, other, name="他課 四"),
        auditor=make_user(session, Role.AUDITOR, name="監査 五"),
    )


def make_answer_things(session: Session, campaign: Campaign, author: StaffUser) -> dict[str, Any]:
    """One of each kind of thing that the addresses of answers name."""
    opinion = opinions_of(session, make_submission(session, campaign, "一つ目。二つ目。"))[0]
    category = session.scalars(
        select(ResponseCategory).where(ResponseCategory.campaign_id == campaign.id)
    ).first()
    number = 1 + (session.scalar(select(func.max(OpinionGroup.number))) or 0)
    group = OpinionGroup(campaign_id=campaign.id, number=number, position=number, updated_at=NOW)
    amendment = Amendment(
        campaign_id=campaign.id, number=number, place="1ページ", after="加える。", updated_at=NOW
    )
    mask = OpinionMask(
        opinion_id=opinion.id,
        field="text",
        start=0,
        stop=2,
        reason="試験",
        made_by=author.id,
        made_at=NOW,
    )
    upload = CampaignImport(
        campaign_id=campaign.id,
        kind=ImportKind.ANSWERS,
        state=ImportState.READY,
        file_name="回答.xlsx",
        created_at=NOW,
    )
    session.add_all([group, amendment, mask, upload])
    session.commit()
    return {
        "submission_id": opinion.submission_id,
        "opinion_id": opinion.id,
        "group_id": group.id,
        "category_id": category.id,
        "amendment_id": amendment.id,
        "mask_id": mask.id,
        "answer_import_id": upload.id,
        "file_format": "xlsx",
    }
