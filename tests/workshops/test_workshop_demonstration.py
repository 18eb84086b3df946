"""The demo city's events: told by the real services, alive on any day, nobody real in them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from participation.audit.verification import verify
from participation.city.areas import DEFAULT_AREAS
from participation.core import clock
from participation.jobs.worker import run_pending
from participation.workshops.demonstration import DemoLoader
from participation.workshops.models import (
    LotteryDraw,
    QuestionnaireAnswer,
    Registration,
    RegistrationStatus,
    SeatKind,
    Workshop,
    WorkshopFile,
    WorkshopState,
)
from participation.workshops.queries.attendance import people
from participation.workshops.queries.public_lists import Listed, PublicFilter, listed
from tests.workshops.registering import assert_seats_add_up

DEMO = Path(__file__).resolve().parents[2] / "participation" / "demo"
DATA = json.loads((DEMO / "workshops.json").read_text(encoding="utf-8"))


@pytest.fixture
def city(app, session):
    """The demo city with its people."""
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
def test_every_stage_of_an_event_is_there(app, client, city):
    now = clock.now()
    assert load(app, city, now) == len(DATA["workshops"]) == 8
    assert load(app, city, now) == 0, "a second time nothing is added"
    counts = {
        which: len(listed(city, which, PublicFilter(), now=now, limit=50)) for which in Listed
    }
    assert counts == {Listed.OPEN: 4, Listed.COMING: 3, Listed.HELD: 1}
    by_state = dict(
        city.execute(select(Workshop.state, func.count()).group_by(Workshop.state)).all()
    )
    assert by_state == {
        WorkshopState.ANNOUNCED: 5,
        WorkshopState.POSTPONED: 1,
        WorkshopState.CANCELLED: 1,
        WorkshopState.REPORTED: 1,
    }
    assert_seats_add_up(city)
    assert verify(city).faults == []
    draw = city.scalars(select(LotteryDraw)).one()
    waiting = select(func.count()).where(
        Registration.pool_id == draw.pool_id, Registration.status == RegistrationStatus.WAITLISTED
    )
    assert city.scalar(waiting) > 0
    held = city.scalars(select(Workshop).where(Workshop.state == WorkshopState.REPORTED)).one()
    came = people(city, held.id)
    assert came.total > came.distinct > 0
    assert city.scalar(select(func.count()).select_from(QuestionnaireAnswer)) == 8
    assert city.scalar(select(func.count()).select_from(WorkshopFile)) == 2
    for workshop in city.scalars(select(Workshop)).all():
        assert client.get(f"/workshops/{workshop.id}/").status_code == 200
    park = city.scalars(select(Workshop).where(Workshop.title.like("%公園%"))).one()
    text = client.get(f"/workshops/{park.id}/").text
    assert "残りわずか" in text
    assert "託児" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "now",
    [
        datetime(2027, 3, 31, 14, 59, tzinfo=UTC),  # 23:59 on the last day of a fiscal year
        datetime(2028, 2, 28, 15, 0, tzinfo=UTC),  # 29 February
    ],
)
def test_lives_on_any_day(app, city, now):
    assert load(app, city, now) == 8
    assert_seats_add_up(city)
    assert len(listed(city, Listed.OPEN, PublicFilter(), now=now, limit=50)) == 4


def test_what_is_told():
    for told in DATA["workshops"]:
        assert set(told["areas"]) <= set(DEFAULT_AREAS)
        assert told["summary"].endswith("。")
        days = [timedelta(days=day["day"]) for day in told["days"]]
        assert days == sorted(days)
    kinds = {seats["kind"] for told in DATA["workshops"] for seats in told.get("seats", ())}
    assert kinds == {kind.value for kind in SeatKind}
