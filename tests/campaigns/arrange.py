"""Campaigns and submissions as the tests need them, made without the services."""

import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignChannel,
    CampaignState,
    DeadlineRule,
    Eligibility,
    Opinion,
    Outcome,
    ResponseCategory,
    Submission,
    ViewingPlace,
)
from participation.campaigns.texts import text_key
from participation.core import clock
from participation.departments.models import Department
from participation.submissions.models import Channel, Receipt

# (code, label, needs an amendment, out of scope)
CATEGORIES = (
    ("A", "反映（案を修正）", True, False),
    ("B", "既に記載・同趣旨", False, False),
    ("C", "今後の参考", False, False),
    ("D", "反映困難", False, False),
    ("E", "その他（質問・感想）", False, False),
    ("F", "対象外", False, True),
)


def make_campaign(
    session: Session,
    department: Department,
    *,
    state: CampaignState = CampaignState.OPEN,
    opens_on: date | None = None,
    closes_on: date | None = None,
    **more: Any,
) -> Campaign:
    """A campaign of ``department`` that runs now, 31 days long, unless told otherwise."""
    today = clock.local_date(clock.now())
    opens_on = opens_on or today - timedelta(days=10)
    closes_on = closes_on or opens_on + timedelta(days=30)
    now = datetime(2024, 4, 1, tzinfo=UTC)
    values: dict[str, Any] = {
        "title": "緑の基本計画（案）",
        "fiscal_year": opens_on.year,
        "announced_on": None if state is CampaignState.PREPARING else opens_on - timedelta(days=14),
        "outcome": Outcome.UNCHANGED if state is CampaignState.PUBLISHED else None,
        "cancel_reason": "国の指針が改められたため" if state is CampaignState.CANCELLED else "",
        "sender_fields": [
            {"key": "name", "required": True},
            {"key": "address", "required": True},
            {"key": "phone", "required": False},
            {"key": "email", "required": False},
        ],
        **more,
    }
    campaign = Campaign(
        department_id=department.id,
        state=state,
        opens_on=opens_on,
        closes_on=closes_on,
        created_at=now,
        updated_at=now,
        **values,
    )
    campaign.eligibilities = [
        Eligibility(position=0, label="市内に住所を有する方"),
        Eligibility(position=1, label="市内に在勤・在学の方"),
    ]
    campaign.channels = [
        CampaignChannel(position=0, channel=Channel.WEB, rule=DeadlineRule.RECEIVED_BY_TIME),
        CampaignChannel(
            position=1,
            channel=Channel.POST,
            rule=DeadlineRule.POSTMARK,
            grace_days=7,
            destination="市役所 みどり課",
        ),
        CampaignChannel(position=2, channel=Channel.COUNTER, rule=DeadlineRule.OFFICE_HOURS),
        CampaignChannel(position=3, channel=Channel.FAX, rule=DeadlineRule.RECEIVED_BY_TIME),
        CampaignChannel(position=4, channel=Channel.EMAIL, rule=DeadlineRule.RECEIVED_BY_TIME),
    ]
    campaign.places = [ViewingPlace(position=0, name="市役所1階ロビー", hours="8:30–17:00")]
    session.add(campaign)
    session.flush()
    for position, (code, label, amends, outside) in enumerate(CATEGORIES):
        session.add(
            ResponseCategory(
                campaign_id=campaign.id,
                position=position,
                code=code,
                label=label,
                needs_amendment=amends,
                out_of_scope=outside,
            )
        )
    session.commit()
    return campaign


def make_submission(
    session: Session,
    campaign: Campaign,
    *texts: str,
    channel: Channel = Channel.WEB,
    received_at: datetime | None = None,
    **more: Any,
) -> Submission:
    """One submission with an opinion for each text, sender and files left out."""
    at = received_at or clock.now()
    receipt = Receipt(
        number=f"R-{secrets.token_hex(6)}",
        secret_hash=secrets.token_hex(32),
        idempotency_key=secrets.token_hex(32),
        subject=f"campaign:{campaign.id}",
        channel=channel,
        received_at=at,
    )
    session.add(receipt)
    session.flush()
    submission = Submission(
        **{
            "campaign_id": campaign.id,
            "receipt_id": receipt.id,
            "channel": channel,
            "received_at": at,
            "arrived_on": clock.local_date(at),
            "person_key": secrets.token_hex(32),
            **more,
        }
    )
    session.add(submission)
    session.flush()
    for number, text in enumerate(texts or ("公園に木陰を増やしてください。",), start=1):
        session.add(
            Opinion(
                campaign_id=campaign.id,
                submission_id=submission.id,
                number=number,
                text=text,
                text_key=text_key(text),
            )
        )
    session.commit()
    return submission


def opinions_of(session: Session, submission: Submission) -> list[Opinion]:
    """The opinions of a submission, in their order."""
    return (
        session.query(Opinion)
        .filter(Opinion.submission_id == submission.id)
        .order_by(Opinion.number)
        .all()
    )
