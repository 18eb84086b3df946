"""How long a campaign keeps who sent what, and what it forgets with them."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignResult,
    CampaignState,
    Eligibility,
    ResultState,
    Submission,
)
from participation.campaigns.queries import submissions as queries
from participation.core import clock
from participation.db.scrubbing import scrub_after_commit
from participation.mail import retention
from participation.mail.models import OutboxMessage
from participation.submissions.models import Sender

# The keyed hash of a network serves to see a burst, and a burst is looked at within a month.
NETWORK_DAYS = 30
MAIL_KINDS = ("campaigns.receipt", "campaigns.saved_form")
_IDS_A_QUERY = 500
_NETWORKS_AT_ONCE = 5_000
_KEY_BYTES = 32


def erasure_day(campaign: Campaign, published_on: date) -> date:
    """Return the last day on which senders of ``campaign`` are kept."""
    return published_on + timedelta(days=campaign.retention_days)


def set_erasure_dates(session: Session, campaign: Campaign, published_on: date) -> int:
    """Set the day of erasure for all senders of a campaign; return for how many it is new.

    Called when the result is published (or the campaign cancelled), with that day in Japan.
    """
    day = erasure_day(campaign, published_on)
    changed = session.execute(
        update(Sender)
        .where(
            Sender.contents.is_not(None),
            or_(Sender.erase_on.is_(None), Sender.erase_on != day),
            Sender.receipt_id.in_(
                select(Submission.receipt_id).where(Submission.campaign_id == campaign.id)
            ),
        )
        .values(erase_on=day)
        .execution_options(synchronize_session=False)
    )
    return int(changed.rowcount)  # type: ignore[attr-defined]


def date_what_came_later(session: Session, now: datetime) -> int:
    """Set the day for senders that were entered after the result was out; a sweep.

    Also for those of campaigns that were cancelled.
    """
    del now  # the days follow from the campaigns
    rows = session.execute(
        select(Campaign)
        .where(
            Campaign.state.in_([CampaignState.PUBLISHED, CampaignState.CANCELLED]),
            Campaign.id.in_(
                select(Submission.campaign_id)
                .join(Sender, Sender.receipt_id == Submission.receipt_id)
                .where(Sender.erase_on.is_(None), Sender.contents.is_not(None))
            ),
        )
        .order_by(Campaign.id)
    )
    return sum(
        set_erasure_dates(session, campaign, _ended_on(session, campaign))
        for campaign in rows.scalars().all()
    )


def forget_senders(session: Session, receipt_ids: Sequence[int]) -> None:
    """Replace what recognises the senders of some receipts by random values.

    Equal people of one campaign stay equal (they are counted as one), but nobody can be
    recognised by a name and an address any more.
    """
    people: set[tuple[int, str]] = set()
    for start in range(0, len(receipt_ids), _IDS_A_QUERY):
        ids = receipt_ids[start : start + _IDS_A_QUERY]
        rows = session.execute(
            select(Submission.campaign_id, Submission.person_key).where(
                Submission.receipt_id.in_(ids), Submission.person_key.is_not(None)
            )
        )
        people.update((campaign_id, key) for campaign_id, key in rows if key is not None)
        session.execute(
            update(Submission)
            .where(Submission.receipt_id.in_(ids), Submission.network_key.is_not(None))
            .values(network_key=None)
            .execution_options(synchronize_session=False)
        )
    for campaign_id, key in sorted(people):
        session.execute(
            update(Submission)
            .where(Submission.campaign_id == campaign_id, Submission.person_key == key)
            .values(person_key=secrets.token_hex(_KEY_BYTES))
            .execution_options(synchronize_session=False)
        )
    session.expire_all()
    scrub_after_commit(session, Submission.__tablename__)


def forget_networks(session: Session, now: datetime) -> int:
    """Erase the keyed hashes of networks after their days; a sweep, some thousands at once."""
    ids = session.scalars(
        select(Submission.id)
        .where(
            Submission.network_key.is_not(None),
            Submission.received_at < now - timedelta(days=NETWORK_DAYS),
        )
        .limit(_NETWORKS_AT_ONCE)
    ).all()
    for start in range(0, len(ids), _IDS_A_QUERY):
        session.execute(
            update(Submission)
            .where(Submission.id.in_(ids[start : start + _IDS_A_QUERY]))
            .values(network_key=None)
            .execution_options(synchronize_session=False)
        )
    if ids:
        scrub_after_commit(session, Submission.__tablename__)
    return len(ids)


def erase_old_mail(session: Session, now: datetime) -> int:
    """Erase mail to senders that went out, or never will, some days ago; a sweep."""
    return retention.erase_old_mail(session, OutboxMessage.kind.in_(MAIL_KINDS), now)


def export_submission(session: Session, receipt_id: int) -> dict[str, Any]:
    """Return what was sent with a receipt, for its sender, as JSON values."""
    submission = session.scalar(select(Submission).where(Submission.receipt_id == receipt_id))
    if submission is None:
        return {}
    campaign = session.get_one(Campaign, submission.campaign_id)
    kind = (
        session.get(Eligibility, submission.eligibility_id) if submission.eligibility_id else None
    )
    return {
        "意見募集": campaign.title,
        "到達日": submission.arrived_on.isoformat(),
        "消印日": submission.postmark_on.isoformat() if submission.postmark_on else None,
        "提出者の区分": kind.label if kind else None,
        "期限後": submission.late,
        "匿名": submission.anonymous,
        "対象外": submission.out_of_scope,
        "引き継いだ窓口": submission.rerouted_to or None,
        "重複": submission.duplicate_of_id is not None,
        "意見": [
            {
                "番号": opinion.number,
                "該当箇所": opinion.place,
                "意見": opinion.text,
                "理由": opinion.reason,
            }
            for opinion in queries.opinions_of(session, submission.id)
        ],
    }


def _ended_on(session: Session, campaign: Campaign) -> date:
    """Return the day on which the result came out first, or the campaign was cancelled."""
    published = session.scalar(
        select(CampaignResult.published_at)
        .where(
            CampaignResult.campaign_id == campaign.id,
            CampaignResult.state == ResultState.PUBLISHED,
        )
        .order_by(CampaignResult.number)
        .limit(1)
    )
    return clock.local_date(published or campaign.updated_at)
