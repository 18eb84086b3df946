"""P2: deadlines are exact to the millisecond, whatever zone the server thinks it is in."""

import os
import random
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from participation.campaigns.models import Submission
from participation.campaigns.services.intake import NewOpinion, NewSubmission
from participation.campaigns.services.web_intake import receive, sent_form
from participation.core import clock
from participation.privacy.crypto import keyring
from participation.submissions.models import Channel
from tests.campaigns.arrange import make_campaign
from tests.campaigns.test_submit_pages import begin, filled, receipt_page, url
from tests.factories import make_department, post

CLOSES = date(2026, 11, 30)
T = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # 24:00 in Japan
AFTERNOON = datetime(2026, 11, 30, 8, 15, tzinfo=UTC)  # 17:15 in Japan


@pytest.fixture(params=["Asia/Tokyo", "UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def zone(request):
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def form(session, campaign, received_at, key):
    return sent_form(
        keyring(session),
        NewSubmission(
            campaign_id=campaign.id,
            channel=Channel.WEB,
            received_at=received_at,
            arrived_on=clock.local_date(received_at),
            opinions=(NewOpinion("木陰を増やしてください。"),),
            sender={},
            idempotency_key=key,
            secret="x",
        ),
        title=campaign.title,
        receipt_url="http://localhost/receipts/",
        solution=None,
        saved_form_id=None,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("closing_time", "limit"), [("24:00", T), ("17:15", AFTERNOON)])
def test_none_of_1000_instants_is_misfiled(session, zone, closing_time, limit):
    campaign = make_campaign(session, make_department(session), closes_on=CLOSES,
                             opens_on=date(2026, 11, 1))  # fmt: skip
    campaign.channels[0].closing_time = closing_time
    session.commit()
    chosen = random.Random(zone + closing_time)
    offsets = [-1, 0, 1, -1000, 1000, *(round(chosen.gauss(0, 5_000)) for _ in range(995))]
    moments = [limit + timedelta(milliseconds=offset) for offset in offsets]
    forms = [form(session, campaign, at, f"key-{n}") for n, at in enumerate(moments)]
    received = receive(session, forms, now=T)
    session.commit()
    wrong = [
        offset for offset, one in zip(offsets, received, strict=True) if one.late != (offset >= 0)
    ]
    assert wrong == []
    stored = dict(session.execute(select(Submission.id, Submission.late)).all())
    assert len(stored) == 1000
    assert all(stored[one.submission_id] == one.late for one in received)


def test_a_request_that_began_in_time_is_in_time_however_long_it_takes(
    client, session, monkeypatch
):
    campaign = make_campaign(session, make_department(session))
    key = begin(client, campaign)
    limit = datetime.combine(
        campaign.closes_on + timedelta(days=1), datetime.min.time(), tzinfo=clock.TOKYO
    )
    for number, (first, late) in enumerate(
        [(limit - timedelta(milliseconds=1), False), (limit, True)]
    ):
        moments = iter([first])
        monkeypatch.setattr(
            clock, "now", lambda moments=moments: next(moments, limit + timedelta(seconds=9))
        )
        data = filled(campaign, f"{key}{number}", act="send")
        receipt_page(client, post(client, url(campaign), data))
        newest = session.scalars(select(Submission).order_by(Submission.id.desc())).first()
        assert newest.late is late
        session.rollback()


def test_an_extension_counts_at_once(client, session, monkeypatch):
    """The form in memory still has the old day; the writer asks the database."""
    campaign = make_campaign(session, make_department(session))
    key = begin(client, campaign)
    closes = campaign.closes_on
    monkeypatch.setattr(
        clock,
        "now",
        lambda: datetime.combine(
            closes + timedelta(days=1), datetime.min.time(), tzinfo=clock.TOKYO
        ),
    )
    campaign.closes_on = closes + timedelta(days=7)
    session.commit()
    receipt_page(client, post(client, url(campaign), filled(campaign, key, act="send")))
    assert session.scalar(select(Submission.late)) is False
