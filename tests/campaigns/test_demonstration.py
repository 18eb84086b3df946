"""The demo city's campaigns: told by the real services, alive on any day, nobody real in them."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from participation.audit.verification import verify
from participation.campaigns.demonstration import DemoLoader
from participation.campaigns.jobs import results as jobs
from participation.campaigns.models import Campaign, CampaignState, Procedure, Submission
from participation.campaigns.queries.counts import counts
from participation.campaigns.queries.result_checks import missing
from participation.campaigns.queries.results import latest_published
from participation.campaigns.queries.trace import trace
from participation.core import clock
from participation.jobs.worker import run_pending

DEMO = Path(__file__).resolve().parents[2] / "participation" / "demo"
DATA = json.loads((DEMO / "campaigns.json").read_text(encoding="utf-8"))


@pytest.fixture
def city(app, session, monkeypatch):
    """The demo city with its people."""
    monkeypatch.setattr(jobs, "result_pdf", lambda *_, **__: b"%PDF-1.7")
    runner = app.test_cli_runner()
    for command in (
        ["city", "load-profile", str(DEMO / "profile.json")],
        ["users", "create-demo", str(DEMO / "people.json")],
    ):
        done = runner.invoke(args=command)
        assert done.exit_code == 0, done.output
    session.rollback()
    return session


def load(app, session, now):
    def run_jobs():
        session.commit()
        run_pending(app)
        session.rollback()

    told = DemoLoader(session, now=now, run_jobs=run_jobs).load(DATA)
    session.commit()
    return told


@pytest.mark.slow
def test_every_stage_of_a_campaign_is_there(app, city):
    now = clock.now()
    assert load(app, city, now) == len(DATA["campaigns"])
    states = sorted(state.value for state in city.scalars(select(Campaign.state)))
    assert states == ["open", "open", "planned", "published", "published", "reviewing"]
    assert city.scalar(select(func.count()).where(Campaign.procedure == Procedure.INSPECTION)) == 1
    published = city.scalars(
        select(Campaign).where(Campaign.state == CampaignState.PUBLISHED)
    ).all()
    tallies = sorted(counts(city, campaign.id).opinions for campaign in published)
    assert tallies == [0, 16]
    for campaign in published:
        assert latest_published(city, campaign.id).snapshot_sha256
        for submission in city.scalars(
            select(Submission).where(Submission.campaign_id == campaign.id)
        ):
            assert trace(city, submission.receipt_id)
    (reviewing,) = city.scalars(select(Campaign).where(Campaign.state == CampaignState.REVIEWING))
    assert city.scalar(select(func.count()).where(Submission.campaign_id == reviewing.id)) >= 40
    assert len(counts(city, reviewing.id).by_channel) == 5
    assert counts(city, reviewing.id).late == 1
    assert missing(city, reviewing, None, now)
    assert load(app, city, now) == 0  # a second time changes nothing
    assert verify(city).faults == []


@pytest.mark.slow
@pytest.mark.parametrize("days", [0, 100, 250])
def test_it_is_alive_on_any_day(app, city, days):
    """Holidays, the turn of a year and of a fiscal year are no trouble."""
    if days and "sqlite" not in str(city.get_bind().url):
        pytest.skip("the day does not depend on the database")
    now = clock.now() + timedelta(days=days)
    load(app, city, now)
    today = clock.local_date(now)
    for campaign in city.scalars(select(Campaign).where(Campaign.state == CampaignState.OPEN)):
        assert campaign.opens_on <= today <= campaign.closes_on


def test_a_system_in_production_refuses_it(app, monkeypatch):
    settings = app.extensions["settings"]
    monkeypatch.setattr(type(settings), "is_production", property(lambda _self: True))
    done = app.test_cli_runner().invoke(
        args=["campaigns", "load-demo", str(DEMO / "campaigns.json")]
    )
    assert done.exit_code == 1
    assert "本番環境" in done.output


def test_nobody_in_it_can_be_reached():
    text = json.dumps(DATA, ensure_ascii=False)
    assert not re.search(r"\d{2,4}-\d{2,4}-\d{4}|@|090|080", text)
