"""What campaigns, workshops and reports tell the front door."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from participation import app as application
from participation.campaigns.models import CampaignState, Procedure
from participation.campaigns.views.addresses import address_of as campaign_address
from participation.campaigns.views.occasions import CampaignOccasions
from participation.core import clock
from participation.core.errors import NotFound
from participation.core.occasions import OccasionFilter, OccasionSource, OccasionState
from participation.features import features
from participation.reports.models import Edition, EditionState
from participation.reports.views.occasions import EditionOccasions
from participation.workshops.models import SeatMethod, SignUp, WorkshopState
from participation.workshops.views.occasions import WorkshopOccasions
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department
from tests.portal.arrange import (
    about,
    at,
    decided_campaign,
    many_things,
    reported_workshop,
)
from tests.workshops.arrange import make_pool, make_workshop

ALL = OccasionFilter()
NOW = clock.now()
TODAY = clock.local_date(NOW)
SOURCES = (CampaignOccasions(), WorkshopOccasions(), EditionOccasions())


@pytest.fixture(autouse=True)
def request_context(app: Flask, session: Session):
    """Addresses and words belong to a request."""
    with app.test_request_context():
        yield


def states(found):
    return [(one.state, one.state_label) for one in found]


class TestCampaigns:
    source = CampaignOccasions()

    @pytest.mark.parametrize(
        ("state", "days", "expected", "label"),
        [
            (CampaignState.PLANNED, (1, 30), OccasionState.COMING, "募集予定"),
            (CampaignState.PLANNED, (0, 30), OccasionState.OPEN, "募集中"),  # the worker is late
            (CampaignState.OPEN, (-5, 0), OccasionState.OPEN, "募集中"),
            (CampaignState.OPEN, (-9, -1), OccasionState.CLOSED, "締切"),
            (CampaignState.REVIEWING, (-40, -10), OccasionState.CLOSED, "検討中"),
            (CampaignState.CANCELLED, (-5, 5), OccasionState.CANCELLED, "中止"),
        ],
    )
    def test_its_state_follows_the_clock(self, session, state, days, expected, label):
        campaign = make_campaign(
            session,
            make_department(session),
            state=state,
            opens_on=TODAY + timedelta(days=days[0]),
            closes_on=TODAY + timedelta(days=days[1]),
        )
        session.commit()
        (one,) = self.source.parts(session, campaign.id, NOW)
        assert (one.state, one.state_label) == (expected, label)
        is_open = [found.ref for found in self.source.open_now(session, ALL, NOW, 5)]
        assert is_open == ([one.ref] if expected is OccasionState.OPEN else [])
        coming = [found.ref for found in self.source.coming(session, ALL, NOW, 5)]
        assert coming == ([one.ref] if expected is OccasionState.COMING else [])

    def test_both_ends_of_a_period_are_counted(self, session):
        day = date(2024, 2, 1)
        make_campaign(session, make_department(session), opens_on=day, closes_on=date(2024, 2, 29))
        session.commit()

        def found(first, last):
            return len(self.source.on_days(session, first, last, ALL, NOW))

        assert found(date(2024, 1, 1), date(2024, 1, 31)) == 0
        assert found(date(2024, 1, 1), day) == 1
        assert found(date(2024, 2, 29), date(2024, 3, 5)) == 1
        assert found(date(2024, 3, 1), date(2024, 3, 5)) == 0
        (one,) = self.source.closing(session, date(2024, 2, 29), date(2024, 2, 29), ALL, NOW)
        assert one.closes_at == at(date(2024, 3, 1), 0)
        assert one.closing_label == "意見募集締切"

    def test_what_is_prepared_is_told_nobody(self, session):
        campaign = make_campaign(session, make_department(session), state=CampaignState.PREPARING)
        session.commit()
        days = (TODAY - timedelta(days=400), TODAY + timedelta(days=400))
        assert not self.source.on_days(session, *days, ALL, NOW)
        assert not self.source.closing(session, *days, ALL, NOW)
        with pytest.raises(NotFound):
            self.source.parts(session, campaign.id, NOW)

    def test_a_plan_without_days_is_coming_last(self, session):
        department = make_department(session)
        vague = make_campaign(session, department, state=CampaignState.PLANNED)
        vague.opens_on = vague.closes_on = None
        vague.planned_period = "12月ごろ"
        fixed = make_campaign(
            session, department, state=CampaignState.PLANNED, opens_on=TODAY + timedelta(days=3)
        )
        session.commit()
        found = self.source.coming(session, ALL, NOW, 5)
        assert [one.ref for one in found] == [f"campaign:{fixed.id}", f"campaign:{vague.id}"]
        assert found[1].when == "12月ごろ"
        assert found[1].first_day is None
        assert self.source.parts(session, vague.id, NOW) == []

    def test_the_result_is_decided_on_its_day(self, session):
        department = make_department(session)
        older = decided_campaign(session, department, NOW - timedelta(days=30))
        newer = decided_campaign(session, department, NOW - timedelta(days=3))
        session.commit()
        found = self.source.decided(session, ALL, NOW, 5)
        assert [one.ref for one in found] == [f"campaign:{newer.id}", f"campaign:{older.id}"]
        assert found[0].decided_on == clock.local_date(NOW - timedelta(days=3))
        assert found[0].url == f"/campaigns/{newer.id}/result/"

    def test_a_filter_narrows(self, session):
        department = make_department(session)
        one = make_campaign(session, department)
        other = make_campaign(
            session, make_department(session, "防災課"), procedure=Procedure.INSPECTION
        )
        about(session, f"campaign:{one.id}", "防災・防犯", "環境・ごみ")
        session.commit()

        def found(**wanted):
            open_now = self.source.open_now(session, OccasionFilter(**wanted), NOW, 9)
            return {int(each.ref.partition(":")[2]) for each in open_now}

        assert found() == {one.id, other.id}
        assert found(department_id=department.id) == {one.id}
        assert found(kind="campaign") == {one.id, other.id}
        assert found(kind="campaign.inspection") == {other.id}
        assert found(kind="campaign.nothing") == set()
        assert found(kind="workshop") == set()
        assert found(area="環境・ごみ") == {one.id}
        assert found(area="環境") == set()

    @pytest.mark.parametrize(
        ("place", "address"),
        [
            ("", "/campaigns/7/"),
            ("about", "/campaigns/7/"),
            ("result", "/campaigns/7/result/"),
            ("answer-1-3", "/campaigns/7/result/#opinion-3"),
            ("answer-2-31", "/campaigns/7/result/?page=2#opinion-31"),
            ("opinions-2-31-1", "/campaigns/7/result/1/opinions/31/?page=2"),
        ],
    )
    def test_every_place_has_its_address(self, place, address):
        assert campaign_address("campaign:7", place) == address


class TestWorkshops:
    source = WorkshopOccasions()

    def whole(self, session, **values):
        """A workshop in three weeks with one pool that is as ``values`` say."""
        workshop = make_workshop(session, make_department(session))
        make_pool(session, workshop, **values)
        session.commit()
        (one,) = self.source.parts(session, workshop.id, NOW)
        return one

    @pytest.mark.parametrize(
        ("values", "state", "label"),
        [
            ({}, OccasionState.OPEN, "申込受付中"),
            ({"capacity": None}, OccasionState.OPEN, "申込受付中"),
            ({"capacity": 3, "taken": 2}, OccasionState.OPEN, "申込受付中"),
            ({"capacity": 3, "taken": 3}, OccasionState.FULL, "キャンセル待ち受付中"),
            (
                {"capacity": 3, "taken": 3, "has_waitlist": False},
                OccasionState.CLOSED,
                "満席",
            ),
            (
                {"capacity": 3, "method": SeatMethod.LOTTERY},
                OccasionState.OPEN,
                "申込受付中",
            ),
            ({"method": SeatMethod.INVITED}, OccasionState.CLOSED, "ご案内した方のみ"),
            (
                {"opens_at": NOW + timedelta(hours=1)},
                OccasionState.COMING,
                "申込受付前",
            ),
            (
                {"opens_at": NOW - timedelta(days=9), "closes_at": NOW},
                OccasionState.CLOSED,
                "申込受付終了",
            ),
        ],
    )
    def test_its_state_follows_its_seats(self, session, values, state, label):
        one = self.whole(session, **values)
        assert (one.state, one.state_label) == (state, label)
        joinable = state in {OccasionState.OPEN, OccasionState.FULL}
        assert bool(self.source.open_now(session, ALL, NOW, 5)) == joinable
        assert bool(self.source.coming(session, ALL, NOW, 5)) == (state is OccasionState.COMING)

    def test_without_registration_one_can_simply_come(self, session):
        make_workshop(session, make_department(session), sign_up=SignUp.NONE)
        session.commit()
        (one,) = self.source.open_now(session, ALL, NOW, 5)
        assert (one.state, one.state_label, one.closes_at) == (
            OccasionState.OPEN,
            "申込不要",
            None,
        )

    def test_what_ends_first_comes_first_with_registration_or_without(self, session):
        department = make_department(session)
        late = make_workshop(session, department)
        make_pool(session, late, closes_at=NOW + timedelta(days=9))
        walk_in = make_workshop(
            session, department, sign_up=SignUp.NONE, starts_at=NOW + timedelta(days=4)
        )
        soon = make_workshop(session, department)
        make_pool(session, soon, closes_at=NOW + timedelta(days=2))
        session.commit()
        found = self.source.open_now(session, ALL, NOW, 2)
        assert [one.ref for one in found] == [f"workshop:{soon.id}", f"workshop:{walk_in.id}"]

    @pytest.mark.parametrize(
        ("state", "expected"),
        [
            (WorkshopState.POSTPONED, OccasionState.POSTPONED),
            (WorkshopState.CANCELLED, OccasionState.CANCELLED),
        ],
    )
    def test_what_was_stopped_stays_in_the_calendar_only(self, session, state, expected):
        workshop = make_workshop(session, make_department(session), state=state)
        make_pool(session, workshop)
        session.commit()
        day = workshop.first_day
        assert [one.state for one in self.source.on_days(session, day, day, ALL, NOW)] == [expected]
        assert not self.source.open_now(session, ALL, NOW, 5)
        assert not self.source.closing(session, TODAY, TODAY + timedelta(days=60), ALL, NOW)

    def test_one_cancelled_day_leaves_the_others(self, session):
        workshop = make_workshop(session, make_department(session), days=2)
        make_pool(session, workshop)
        workshop.days[0].stop_reason = "台風のため"
        session.commit()
        first, second = self.source.parts(session, workshop.id, NOW)
        assert (first.state, second.state) == (OccasionState.CANCELLED, OccasionState.OPEN)
        assert first.event.remarks_on_time == "全2回の第1回　中止：台風のため"
        assert [one.state for one in self.source.open_now(session, ALL, NOW, 5)] == [
            OccasionState.OPEN
        ]

    def test_a_meeting_until_midnight_is_of_one_day(self, session):
        day = date(2028, 2, 29)
        workshop = make_workshop(session, make_department(session), starts_at=at(day, 22))
        session.commit()

        def found(first, last):
            return self.source.on_days(session, first, last, ALL, NOW)

        (one,) = found(day, day)
        assert (one.first_day, one.last_day) == (day, day)
        assert one.when.endswith("22:00～24:00")
        assert not found(day + timedelta(days=1), day + timedelta(days=1))
        assert not found(day - timedelta(days=1), day - timedelta(days=1))
        assert workshop.days[0].ends_at == at(day, 24)

    def test_registration_closes_on_the_day_before_midnight(self, session):
        workshop = make_workshop(
            session, make_department(session), starts_at=at(date(2028, 3, 9), 9)
        )
        make_pool(session, workshop, closes_at=at(date(2028, 3, 1), 0))
        session.commit()
        leap_day = date(2028, 2, 29)
        (one,) = self.source.closing(session, leap_day, leap_day, ALL, NOW)
        assert (one.closes_at, one.closing_label) == (at(leap_day, 24), "申込締切")
        assert not self.source.closing(session, date(2028, 3, 1), date(2028, 3, 1), ALL, NOW)

    def test_the_outcome_is_decided(self, session):
        workshop = reported_workshop(session, make_department(session), NOW - timedelta(days=2))
        session.commit()
        (one,) = self.source.decided(session, ALL, NOW, 5)
        assert one.ref == f"workshop:{workshop.id}"
        assert one.decided_on == clock.local_date(NOW - timedelta(days=2))

    def test_what_is_prepared_is_told_nobody(self, session):
        workshop = make_workshop(session, make_department(session), state=WorkshopState.PREPARING)
        make_pool(session, workshop)
        session.commit()
        assert not self.source.on_days(session, workshop.first_day, workshop.last_day, ALL, NOW)
        assert not self.source.open_now(session, ALL, NOW, 5)
        with pytest.raises(NotFound):
            self.source.parts(session, workshop.id, NOW)

    def test_a_filter_narrows(self, session):
        department = make_department(session)
        one = make_workshop(session, department, sign_up=SignUp.NONE)
        other = make_workshop(
            session, make_department(session, "防災課"), kind="briefing", sign_up=SignUp.NONE
        )
        about(session, f"workshop:{other.id}", "防災・防犯")
        session.commit()

        def found(**wanted):
            return {
                each.ref for each in self.source.open_now(session, OccasionFilter(**wanted), NOW, 9)
            }

        a, b = f"workshop:{one.id}", f"workshop:{other.id}"
        assert found() == found(kind="workshop") == {a, b}
        assert found(department_id=department.id) == {a}
        assert found(kind="workshop.briefing") == found(area="防災・防犯") == {b}
        assert found(kind="campaign") == set()


class TestEditions:
    source = EditionOccasions()

    def test_a_published_report_is_decided_and_nothing_else(self, session):
        for number, days in ((1, 9), (2, 4)):
            session.add(
                Edition(
                    fiscal_year=2024,
                    number=number,
                    correction="" if number == 1 else "誤記",
                    state=EditionState.PUBLISHED,
                    columns=[],
                    pdf_sha256="0" * 64,
                    created_at=NOW,
                    published_at=NOW - timedelta(days=days),
                )
            )
        session.commit()
        (one,) = self.source.decided(session, ALL, NOW, 5)
        assert (one.ref, one.url) == ("edition:2024", "/reports/2024/")
        assert one.decided_on == clock.local_date(NOW - timedelta(days=4))
        assert not self.source.decided(session, OccasionFilter(department_id=1), NOW, 5)
        assert not self.source.decided(session, OccasionFilter(kind="workshop"), NOW, 5)
        assert self.source.parts(session, 2024, NOW) == ()
        with pytest.raises(NotFound):
            self.source.parts(session, 2023, NOW)


@pytest.mark.slow
def test_each_call_has_a_fixed_number_of_queries(session: Session, queries: list[str]):
    counts = []
    for events in (50, 5_000):
        many_things(session, make_department(session), events, NOW)
        counts.append([_asked(session, queries, source) for source in SOURCES])
    assert counts[0] == counts[1]
    assert max(max(found) for found in counts[0]) <= 5


def _asked(session: Session, queries: list[str], source: OccasionSource) -> list[int]:
    found = []
    year = (TODAY - timedelta(days=365), TODAY + timedelta(days=365))
    for call in (
        lambda: source.on_days(session, *year, ALL, NOW),
        lambda: source.closing(session, *year, ALL, NOW),
        lambda: source.open_now(session, ALL, NOW, 9),
        lambda: source.coming(session, ALL, NOW, 9),
        lambda: source.decided(session, ALL, NOW, 9),
    ):
        session.expunge_all()
        queries.clear()
        call()
        found.append(len(queries))
    return found


def test_two_features_of_one_name_are_refused():
    chosen = features()
    twice = (*chosen, replace(chosen[-1], occasions=CampaignOccasions()))
    with pytest.raises(RuntimeError, match="campaign"):
        application._occasions(twice)
