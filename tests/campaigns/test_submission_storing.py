"""The fast way into the tables leaves the same rows as the ordinary one."""

from datetime import timedelta

from sqlalchemy import select

from participation.campaigns.models import CampaignImport, ImportKind, ImportState
from participation.campaigns.services.intake import NewOpinion, NewSubmission, store_submissions
from participation.campaigns.services.submission_rows import (
    PERSONAL,
    Circumstances,
    FileOpinion,
    FileSubmission,
)
from participation.campaigns.services.submission_storing import insert_submissions
from participation.core import clock
from participation.core.actors import system_actor
from participation.db import Base
from participation.submissions.models import Channel, Sender
from participation.submissions.services.senders import contents_of
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department

NOW = clock.now()
TODAY = clock.local_date(NOW)
SENDER = {"name": '見本 "花子"\n', "address": "中央1-1\\", "email": "a@example.jp"}
NOBODY = ("",) * len(PERSONAL)
# Random, counted by the database, or following from such a value.
OWN = {"id", "receipt_id", "submission_id", "number", "secret_hash", "idempotency_key", "contents"}


def rows_of(session):
    """Every row of the four tables without what is each row's own."""
    found = {}
    for name in ("receipt", "sender", "submission", "opinion"):
        table = Base.metadata.tables[name]
        found[name] = [
            {key: value for key, value in row._mapping.items() if key not in OWN}
            for row in session.execute(select(table).order_by(table.primary_key.columns[0]))
        ]
    return found


def test_both_ways_leave_the_same_rows(session):
    yesterday = TODAY - timedelta(days=1)
    campaign = make_campaign(
        session,
        make_department(session),
        opens_on=yesterday - timedelta(days=29),
        closes_on=yesterday,
    )
    upload = CampaignImport(
        campaign_id=campaign.id,
        kind=ImportKind.SUBMISSIONS,
        state=ImportState.READY,
        file_name="x",
        created_at=NOW,
    )
    session.add(upload)
    session.flush()
    kind = campaign.eligibilities[0].id
    cases = [
        (
            Channel.FAX,
            None,
            kind,
            SENDER,
            [("木陰を。", "3ページ", "暑い"), ("別の意見", "", "")],
            True,
        ),
        (Channel.POST, yesterday, None, {}, [("匿名の意見", "", "")], False),
    ]
    store_submissions(
        session,
        [
            NewSubmission(
                campaign_id=campaign.id,
                channel=channel,
                received_at=NOW,
                arrived_on=TODAY,
                postmark_on=postmark,
                opinions=tuple(NewOpinion(text, place, reason) for text, place, reason in said),
                sender=sender,
                anonymous=not sender,
                late=late,
                eligibility_id=eligibility,
                import_id=upload.id,
                idempotency_key=f"one{number}",
            )
            for number, (channel, postmark, eligibility, sender, said, late) in enumerate(cases)
        ],
        actor=system_actor("test"),
        now=NOW,
        audit=False,
    )
    session.flush()
    ordinary = rows_of(session)
    insert_submissions(
        session,
        campaign,
        upload.id,
        [
            FileSubmission(
                number,
                Circumstances(channel, TODAY, postmark, eligibility),
                tuple(sender.get(key, "") for key in PERSONAL),
                [FileOpinion(*words) for words in said],
            )
            for number, (channel, postmark, eligibility, sender, said, _late) in enumerate(cases)
        ],
        first_key="two",
        now=NOW,
    )
    session.commit()
    both = rows_of(session)
    for name, rows in ordinary.items():
        fast = list(both[name])
        for row in rows:
            fast.remove(row)
        assert sorted(map(str, fast)) == sorted(map(str, rows)), name
    senders = session.scalars(select(Sender)).all()
    assert [contents_of(session, sender) for sender in senders] == [SENDER, SENDER]


def test_the_next_number_goes_on_after_them(session):
    """Explicit ids must not collide with those that the database gives next."""
    campaign = make_campaign(session, make_department(session))
    upload = CampaignImport(
        campaign_id=campaign.id,
        kind=ImportKind.SUBMISSIONS,
        state=ImportState.READY,
        file_name="x",
        created_at=NOW,
    )
    session.add(upload)
    session.flush()
    sent = Circumstances(Channel.WEB, TODAY)
    one = FileSubmission(1, sent, NOBODY, [FileOpinion("意見", "", "")])
    insert_submissions(session, campaign, upload.id, [one], first_key="a", now=NOW)
    [stored] = store_submissions(
        session,
        [
            NewSubmission(
                campaign_id=campaign.id,
                channel=Channel.FAX,
                received_at=NOW,
                arrived_on=TODAY,
                opinions=(NewOpinion("意見"),),
                sender={},
                anonymous=True,
                idempotency_key="b",
            )
        ],
        actor=system_actor("test"),
        now=NOW,
    )
    session.commit()
    assert not stored.again
