"""iCalendar files: read again by a library, with whatever text people write."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.occasions import OccasionState
from participation.core.text import clean_input
from participation.portal.ical import Subscription, calendar_file
from participation.workshops.models import WorkshopState
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department
from tests.portal.arrange import about, at, load_city
from tests.portal.test_months import occasion
from tests.workshops.arrange import make_workshop

SITE = Subscription("例市 市民参加カレンダー", "https://sanka.example.jp")
HOSTILE = [
    "a;b,c\\d:e",
    "一行目\n二行目",
    "BEGIN:VEVENT\r\nEND:VCALENDAR",
    '"引用" =cmd|x',
    "𠮷野家" * 40,
    "\t全角　空白",
]
LEAP = date(2028, 2, 29)


def read(data: bytes) -> list:
    """The events of a file, once it has been seen to keep the rules of RFC 5545."""
    assert data.endswith(b"END:VCALENDAR\r\n")
    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    calendar = Calendar.from_ical(data)
    assert not calendar.errors
    assert calendar["version"] == "2.0"
    assert calendar["prodid"]
    events = calendar.walk("VEVENT")
    for event in events:
        assert not event.errors
        for name in ("uid", "dtstamp", "dtstart", "dtend", "summary", "url", "sequence", "status"):
            assert name in event, name
        assert event["dtend"].dt > event["dtstart"].dt
        assert event["url"] in event["description"]
        assert event["dtstamp"].dt.utcoffset() == timedelta(0)
    uids = [event["uid"] for event in events]
    assert len(set(uids)) == len(uids)
    return events


def meeting(**values):
    start = datetime(2028, 2, 28, 15, 0, tzinfo=UTC)  # the leap day begins
    return occasion(
        **{
            "ref": "workshop:7",
            "part": "day:31",
            "first_day": LEAP,
            "last_day": LEAP,
            "starts_at": start,
            "ends_at": start + timedelta(hours=24),
            "url": "/workshops/7/",
            "updated_at": datetime(2028, 1, 5, 1, 2, 3, 456, tzinfo=UTC),
            "version": 4,
            **values,
        }
    )


def test_a_meeting_in_utc_with_its_revision():
    (event,) = read(calendar_file([meeting()], SITE))
    assert event["uid"] == "workshop-7-day-31@sanka.example.jp"
    assert event["dtstart"].dt == datetime(2028, 2, 28, 15, tzinfo=UTC)
    assert event["dtend"].dt == datetime(2028, 2, 29, 15, tzinfo=UTC)
    assert (
        event["last-modified"].dt
        == event["dtstamp"].dt
        == datetime(2028, 1, 5, 1, 2, 3, tzinfo=UTC)
    )
    assert event["sequence"] == 4
    assert event["status"] == "CONFIRMED"
    assert event["url"] == "https://sanka.example.jp/workshops/7/"


def test_a_period_is_whole_days_with_an_exclusive_end():
    period = occasion(ref="campaign:1", first_day=LEAP, last_day=LEAP)
    (event,) = read(calendar_file([period], SITE))
    assert event["dtstart"].dt == LEAP
    assert event["dtend"].dt == date(2028, 3, 1)
    assert event["transp"] == "TRANSPARENT"


@pytest.mark.parametrize("state", [OccasionState.CANCELLED, OccasionState.POSTPONED])
def test_what_does_not_take_place_is_cancelled(state: OccasionState):
    (event,) = read(calendar_file([meeting(state=state, state_label="延期")], SITE))
    assert event["status"] == "CANCELLED"
    assert event["summary"] == "【延期】題名"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_come_back_as_they_were(text: str):
    one = meeting(title=text, text=text, place=text)
    (event,) = read(calendar_file([one], SITE, {one.ref: (text,)}))
    expected = text.replace("\r\n", "\n")
    assert event["summary"] == expected
    assert event["location"] == expected
    assert event["description"].startswith(expected)


@given(st.text(max_size=200).map(clean_input))
def test_any_stored_text_makes_a_file_that_can_be_read(text: str):
    (event,) = read(calendar_file([meeting(title=text or "x", place=text)], SITE))
    assert event["summary"].split() == (text or "x").split()


def test_the_same_content_gives_the_same_bytes():
    assert calendar_file([meeting()], SITE) == calendar_file([meeting()], SITE)


def test_a_subscription_holds_what_its_filter_lets_through(
    client: FlaskClient, session: Session
) -> None:
    load_city(session)
    department, today = make_department(session), clock.local_date(clock.now())
    workshop = make_workshop(session, department, days=2, starts_at=at(today, 30))
    about(session, f"workshop:{workshop.id}", "防災・防犯")
    campaign = make_campaign(session, make_department(session, "別の課"))
    make_workshop(session, department, state=WorkshopState.PREPARING)
    session.commit()

    def uids(query: str) -> set[str]:
        response = client.get(f"/calendar.ics?{query}")
        assert response.mimetype == "text/calendar"
        return {str(event["uid"]) for event in read(response.data)}

    days = {f"workshop-{workshop.id}-day-{day.id}@localhost" for day in workshop.days}
    period = {f"campaign-{campaign.id}@localhost"}
    assert uids("") == days | period
    assert uids("kind=workshop") == uids("area=防災・防犯") == days
    assert uids(f"department={department.id}") == days
    assert uids("kind=campaign.comment") == period


def test_nothing_new_is_answered_in_a_word(client: FlaskClient, session: Session) -> None:
    load_city(session)
    first = client.get("/calendar.ics")
    again = client.get("/calendar.ics", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    make_campaign(session, make_department(session))
    session.commit()
    changed = client.get(
        "/calendar.ics?kind=campaign", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert changed.status_code == 200


def test_one_thing_is_a_file_with_all_its_days(client: FlaskClient, session: Session) -> None:
    load_city(session)
    department = make_department(session)
    workshop = make_workshop(session, department, days=3)
    campaign = make_campaign(session, department)
    hidden = make_workshop(session, department, state=WorkshopState.PREPARING)
    session.commit()
    assert len(read(client.get(f"/calendar/workshop/{workshop.id}.ics").data)) == 3
    assert len(read(client.get(f"/calendar/campaign/{campaign.id}.ics").data)) == 1
    for missing in (f"workshop/{hidden.id}", "workshop/999", "nothing/1"):
        assert client.get(f"/calendar/{missing}.ics").status_code == 404
