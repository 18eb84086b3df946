"""Staff pages of workshops: own department only, one way through from making to cancelling."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.city.models import City, Place
from participation.core import clock
from participation.core.actors import Role
from participation.departments.models import Department
from participation.workshops.models import (
    RegistrationStatus,
    SeatKind,
    SeatMethod,
    SeatPool,
    Workshop,
    WorkshopState,
)
from tests.factories import make_department, make_user, post, sign_in
from tests.workshops.arrange import make_pool, make_registration, make_workshop

STAFF = "/staff/workshops/"


def as_a(client: FlaskClient, session: Session, role: Role, department: Department | None) -> None:
    sign_in(client, session, make_user(session, role, department))


def test_the_list_shows_the_own_departments_and_says_when_there_is_none(
    client: FlaskClient, session: Session, department: Department
) -> None:
    as_a(client, session, Role.CONTRIBUTOR, department)
    assert "催しはまだありません" in client.get(STAFF).text
    other = make_department(session, "税務課")
    mine = make_workshop(session, department, title="緑の会")
    theirs = make_workshop(session, other, title="税の会")
    session.commit()
    page = client.get(STAFF).text
    assert "緑の会" in page
    assert "税の会" not in page
    assert client.get(f"{STAFF}{mine.id}").status_code == 200
    for path in ("", "/days", "/edit/contact", "/days/new", "/seats/new"):
        assert client.get(f"{STAFF}{theirs.id}{path}").status_code == 404


def test_the_list_is_narrowed_and_paged(
    client: FlaskClient, session: Session, department: Department
) -> None:
    for number in range(51):
        make_workshop(session, department, title=f"会{number:02}", kind="briefing")
    make_workshop(session, department, title="中止の会", state=WorkshopState.CANCELLED)
    session.commit()
    as_a(client, session, Role.COORDINATOR, None)
    page = client.get(STAFF).text
    assert "会50" in page
    assert "会00" not in page
    assert "会00" in client.get(f"{STAFF}?before=5").text
    only = client.get(f"{STAFF}?state=cancelled&kind=town_meeting").text
    assert "中止の会" in only
    assert "会50" not in only
    assert "条件に合う催しはありません" in client.get(f"{STAFF}?kind=other").text


def test_one_way_through(client: FlaskClient, session: Session, department: Department) -> None:
    session.add(Place(name="中央公民館", address="中央1-1"))
    session.commit()
    as_a(client, session, Role.APPROVER, department)
    made = post(
        client,
        f"{STAFF}new",
        {
            "title": "公園を考える会",
            "department_id": department.id,
            "kind": "workshop",
            "sign_up": "each_day",
            "fiscal_year": clock.now().year,
        },
    )
    assert made.status_code == 303
    url = made.location

    def send(path: str, **data: Any) -> Any:
        session.expire_all()
        workshop = session.scalars(select(Workshop)).one()
        return post(client, url + path, {"version": workshop.version, **data})

    place = session.scalars(select(Place)).one()
    first = clock.local_date(clock.now()) + timedelta(days=40)
    day = {
        "day": first.isoformat(),
        "starts": "14:00",
        "ends": "24:00",
        "at_venue": "y",
        "place": place.id,
        "pattern": "weekly",
        "count": "2",
    }
    assert send("/days/new", **day | {"ends": "13:00"}).status_code == 422
    assert send("/days/new", **day | {"count": ""}).status_code == 422
    assert send("/days/new", **day).status_code == 303
    assert send("/days/new", **day, version=0).status_code == 409
    page = client.get(f"{url}/days").text
    assert page.count("中央公民館（中央1-1）") == 2
    assert "14:00～24:00" in page
    session.expire_all()
    workshop = session.scalars(select(Workshop)).one()
    seats = {
        "kind": "venue",
        "days": [str(one.id) for one in workshop.days],
        "method": "lottery",
        "capacity": "20",
        "opens_on": clock.local_date(clock.now()).isoformat(),
        "days_before": "7",
        "closes_time": "17:15",
    }
    wrong = seats | {"closes_on": first.isoformat()}
    assert send("/seats/new", **wrong).status_code == 422
    assert send("/seats/new", **seats).status_code == 303
    pools = session.scalars(select(SeatPool).order_by(SeatPool.id)).all()
    assert [clock.local_date(pool.closes_at) for pool in pools] == [
        clock.local_date(one.starts_at) - timedelta(days=7) for one in workshop.days
    ]
    assert send(f"/days/{workshop.days[0].id}/remove").status_code == 303
    assert "先に定員を消してください" in client.get(f"{url}/days").text
    refused = send("/announce")
    assert refused.status_code == 422
    assert "催しの説明がありません" in refused.text
    content = {"title": "公園を考える会", "kind": "workshop", "summary": "公園の話。"}
    assert send("/edit/content", **content, related="12").status_code == 422
    assert send("/edit/content", **content).status_code == 303
    assert send("/edit/contact", phone="00-1234-5678").status_code == 303
    assert send("/edit/areas", areas=["環境・ごみ"]).status_code == 303
    assert send("/announce").status_code == 303
    assert send(f"/days/{workshop.days[0].id}/cancel", reason="大雨のため").status_code == 303
    assert "大雨のため" in client.get(f"{url}/days").text
    assert send("/postpone", reason="会場の都合のため").status_code == 303
    last = workshop.days[1].id
    resumed = {
        f"days-day_{last}-day": (first + timedelta(days=60)).isoformat(),
        f"days-day_{last}-starts": "10:00",
        f"days-day_{last}-ends": "12:00",
        "text": "日程が決まりました。",
    }
    wrong_time = resumed | {f"days-day_{last}-ends": "9:00"}
    assert send("/resume", **wrong_time).status_code == 422
    assert send("/resume", **resumed).status_code == 303
    assert send("/notices/new", text="駐車場があります。").status_code == 303
    assert send("/cancel", reason="施設が使えないため").status_code == 303
    overview = client.get(url).text
    assert "施設が使えないため" in overview
    for word in ("作成", "日程の追加", "公表", "延期", "日程の決定", "一部の日の中止", "中止"):
        assert word in overview


def test_a_conflict_shows_both_and_loses_nothing(
    client: FlaskClient, session: Session, department: Department
) -> None:
    workshop = make_workshop(session, department, phone="00-1111-1111")
    session.commit()
    as_a(client, session, Role.CONTRIBUTOR, department)
    url = f"{STAFF}{workshop.id}/edit/contact"
    seen = workshop.version
    assert post(client, url, {"version": seen, "phone": "00-2222-2222"}).status_code == 303
    page = post(client, url, {"version": seen, "phone": "00-3333-3333"})
    assert page.status_code == 409
    assert "00-2222-2222" in page.text
    assert "00-3333-3333" in page.text
    again = post(client, url, {"version": seen + 1, "phone": "00-3333-3333"})
    assert again.status_code == 303


@pytest.mark.parametrize(
    "section",
    ["content", "extra", "areas", "registering", "eligibility", "priority", "contact"],
)
def test_saving_a_section_as_it_is_changes_nothing(
    client: FlaskClient, session: Session, department: Department, section: str
) -> None:
    workshop = make_workshop(session, department, related="campaign:7")
    workshop.priority = [{"rule": "eligibility", "ids": [workshop.eligibilities[1].id]}]
    session.commit()
    as_a(client, session, Role.CONTRIBUTOR, department)
    url = f"{STAFF}{workshop.id}/edit/{section}"
    version = workshop.version
    answer = post(client, url, form_of(client.get(url).text))
    assert answer.status_code == 303
    session.expire_all()
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.subject == f"workshop:{workshop.id}")
    )
    assert [(event.before, event.after) for event in events] == []
    assert session.get_one(Workshop, workshop.id).version == version


def form_of(page: str) -> dict[str, Any]:
    """What a browser would send of the page's form, unchanged."""
    form = html.fromstring(page).xpath("//main//form[@data-guard]")[0]
    found: dict[str, Any] = {}
    for name, value in form.form_values():
        if name != "csrf_token":
            # A browser drops the line break that a textarea begins with.
            found.setdefault(name, []).append(value.removeprefix("\r").removeprefix("\n"))
    return found


def test_the_steps_are_the_approvers(
    client: FlaskClient, session: Session, department: Department
) -> None:
    workshop = make_workshop(session, department, days=2)
    session.commit()
    as_a(client, session, Role.CONTRIBUTOR, department)
    for step in ("announce", "postpone", "resume", "cancel", f"days/{workshop.days[0].id}/cancel"):
        assert client.get(f"{STAFF}{workshop.id}/{step}").status_code == 403
    assert client.get(f"{STAFF}{workshop.id}/notices/new").status_code == 200
    page = client.get(f"{STAFF}{workshop.id}").text
    assert "延期する" not in page


def test_days_and_seats_of_another_event_are_not_found(
    client: FlaskClient, session: Session, department: Department
) -> None:
    mine, other = make_workshop(session, department), make_workshop(session, department)
    pool = make_pool(session, other)
    session.commit()
    as_a(client, session, Role.APPROVER, department)
    for path in (
        f"days/{other.days[0].id}/edit",
        f"days/{other.days[0].id}/cancel",
        f"seats/{pool.id}/edit",
    ):
        assert client.get(f"{STAFF}{mine.id}/{path}").status_code == 404
        assert client.get(f"{STAFF}{other.id}/{path}").status_code in {200, 303}
    for path in (f"days/{other.days[0].id}/remove", f"seats/{pool.id}/remove"):
        assert post(client, f"{STAFF}{mine.id}/{path}", {"version": 1}).status_code == 404


def test_frozen_rules_are_refused_with_what_was_typed(
    client: FlaskClient, session: Session, department: Department
) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop)
    make_registration(session, pool)
    session.commit()
    as_a(client, session, Role.CONTRIBUTOR, department)
    url = f"{STAFF}{workshop.id}/seats/{pool.id}/edit"
    page = client.get(url).text
    assert "申込みが入っています" in page
    typed = form_of(page)
    refused = post(client, url, typed | {"method": "lottery"})
    assert refused.status_code == 409
    assert "決め方は変えられません" in refused.text
    assert post(client, url, typed | {"capacity": "45"}).status_code == 303


def test_the_coordinator_adds_a_kind_that_events_then_have(
    client: FlaskClient, session: Session, department: Department
) -> None:
    as_a(client, session, Role.COORDINATOR, None)
    assert "自治体の設定がまだありません" in client.get(f"{STAFF}kinds").text
    session.add(
        City(id=1, name="試験市", prefecture="神奈川県", code="142140", updated_at=clock.now())
    )
    session.commit()
    url = f"{STAFF}kinds/new"
    typed = form_of(client.get(url).text) | {
        "label": "まち歩き",
        "fields-0-label": "集合場所",
        "fields-0-required": "y",
    }
    assert post(client, url, typed | {"fields-0-type": "choice"}).status_code == 422
    stale = post(client, url, typed | {"seen": "2020-01-01T00:00:00+00:00"})
    assert stale.status_code == 409
    assert "集合場所" in stale.text
    assert post(client, url, typed).status_code == 303
    page = client.get(f"{STAFF}kinds").text
    assert "集合場所（必須）" in page
    seen = form_of(client.get(url).text)["seen"]
    assert post(client, f"{STAFF}kinds/briefing/remove", {"seen": seen}).status_code == 303
    assert "説明会" not in client.get(f"{STAFF}kinds").text
    assert client.get(f"{STAFF}kinds/briefing/edit").status_code == 404
    as_a(client, session, Role.CONTRIBUTOR, department)
    assert client.get(f"{STAFF}kinds").status_code == 403
    assert "まち歩き" in client.get(f"{STAFF}new").text


def test_the_home_says_what_waits(
    client: FlaskClient, session: Session, department: Department
) -> None:
    now = clock.now()
    make_workshop(session, department, title="これからの会", state=WorkshopState.PREPARING)
    drawn = make_workshop(session, department, title="抽選の会")
    pool = make_pool(
        session,
        drawn,
        method=SeatMethod.LOTTERY,
        opens_at=now - timedelta(days=9),
        closes_at=now - timedelta(days=1),
    )
    make_registration(session, pool, status=RegistrationStatus.APPLIED)
    make_pool(session, drawn, kind=SeatKind.ONLINE)
    make_workshop(session, department, title="終わった会", starts_at=now - timedelta(days=20))
    make_workshop(session, department, title="先週の会", starts_at=now - timedelta(days=7))
    session.commit()
    as_a(client, session, Role.APPROVER, department)
    page = client.get("/staff/").text
    assert "「これからの会」を公表する" in page
    assert "「抽選の会」の抽選を行う" in page
    assert "「終わった会」の開催結果を公表する" in page
    assert "先週の会" not in page
    as_a(client, session, Role.CONTRIBUTOR, department)
    assert "抽選を行う" not in client.get("/staff/").text


def test_hostile_texts_are_texts(
    client: FlaskClient, session: Session, department: Department
) -> None:
    evil = "<script>alert(1)</script>"
    workshop = make_workshop(
        session, department, title=evil, description=evil, plan_name=evil, extra={"theme": evil}
    )
    workshop.days[0].heading = workshop.days[0].venue = evil
    session.commit()
    as_a(client, session, Role.APPROVER, department)
    for path in ("", "/days", "/edit/content", f"/days/{workshop.days[0].id}/edit", "/postpone"):
        assert evil not in client.get(f"{STAFF}{workshop.id}{path}").text
    assert evil not in client.get(STAFF).text


@pytest.mark.parametrize("days", [["999999999999999999999"], ["0"], [], ["abc"], ["-1"]])
def test_seats_for_a_day_that_is_none_are_refused(
    client: FlaskClient, session: Session, department: Department, days: list[str]
) -> None:
    workshop = make_workshop(session, department)
    session.commit()
    as_a(client, session, Role.CONTRIBUTOR, department)
    today = clock.local_date(clock.now())
    typed = {
        "version": workshop.version,
        "kind": "venue",
        "days": days,
        "method": "first_come",
        "capacity": "5",
        "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=3)).isoformat(),
    }
    refused = post(client, f"{STAFF}{workshop.id}/seats/new", typed)
    assert refused.status_code == 422
    assert "日を1つ以上選んでください" in refused.text
    wrong = post(client, f"{STAFF}{workshop.id}/seats/new", typed | {"capacity": "五"})
    assert "Not a valid" not in wrong.text
    assert session.scalars(select(SeatPool)).all() == []
