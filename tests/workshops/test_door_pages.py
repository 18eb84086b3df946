"""The pages of the day itself: scanning, whom it names, walk-ins."""

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from participation.audit.models import AuditEvent
from participation.core.actors import Role
from participation.workshops.models import (
    Application,
    CheckInWay,
    RegistrationStatus,
    WorkshopDay,
    WorkshopState,
)
from participation.workshops.services.disclosing import SHOWN
from tests.factories import make_department, make_user, post
from tests.workshops.arrange import make_pool, make_registration, make_workshop

S = RegistrationStatus


def test_scan_shows_who_it_is_and_one_press_ticks_off(door):
    application = door.register(
        seats=2, sender={"needs": "wheelchair,other", "needs_note": "筆談をお願いします"}
    )
    page = door.scan(application).get_data(as_text=True)
    for words in ("相模 花子", "さがみ はなこ", "会場 2人", "車いす", "筆談", "受付する"):
        assert words in page
    assert door.attendance() == []  # to open it ticks nobody off
    answer = door.act(application, people="3", way="qr", act="in")
    assert answer.status_code == 303
    assert application.door_code in answer.headers["Location"]
    (one,) = door.attendance()
    assert (one.people, one.way, one.day_id) == (3, CheckInWay.QR, door.today.id)
    page = door.client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "受付は済んでいます（3人）" in page
    assert "受付を取り消す" in page


def test_every_name_goes_on_record_once(door):
    first, second = door.register(), door.register("伊勢 太郎", "いせ たろう")
    for _again in range(3):
        door.scan(first)
    assert door.looks() == 1
    page = door.client.get(f"{door.day}/list").get_data(as_text=True)
    assert "伊勢 太郎" in page
    assert door.looks() == 2
    door.client.get(f"{door.day}/list")
    assert door.looks() == 2
    events = door.session.scalars(
        select(AuditEvent).where(AuditEvent.action == SHOWN).order_by(AuditEvent.id)
    ).all()
    assert [event.after["receipts"] for event in events] == [
        [first.receipt_id],
        [second.receipt_id],
    ]
    colleague = make_user(door.session, Role.CONTRIBUTOR, door.department, name="同僚")
    door.enter(colleague).scan(first)
    assert door.looks() == 3  # another pair of eyes


def test_wrong_day(door):
    application = door.register()
    door.today.starts_at += timedelta(days=3)
    door.today.ends_at += timedelta(days=3)
    door.session.commit()
    page = door.scan(application).get_data(as_text=True)
    assert "きょうは開催日ではありません" in page
    assert "受付する</button>" not in page
    assert door.act(application, people="1", act="in").status_code == 303
    assert door.attendance() == []


def test_registered_for_another_day(door):
    pool = make_pool(door.session, door.workshop, day=door.next)
    found = make_registration(door.session, pool)
    door.session.commit()
    application = door.session.get_one(Application, found.application_id)
    page = door.scan(application).get_data(as_text=True)
    assert "この日の申込みではありません" in page
    assert "受付する</button>" not in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (S.CANCELLED, "取り消された申込みです"),
        (S.WAITLISTED, "キャンセル待ちのままです"),
        (S.APPLIED, "抽選待ち"),
        (S.LOST, "落選"),
    ],
)
def test_without_a_seat(door, status, words):
    application = door.register(status=status)
    page = door.scan(application).get_data(as_text=True)
    assert words in page
    assert "受付する</button>" not in page
    door.act(application, people="1", act="in")
    assert door.attendance() == []


def test_a_cancelled_event_takes_nobody_in(door):
    application = door.register()
    door.workshop.state, door.workshop.stop_reason = WorkshopState.CANCELLED, "大雨"
    door.session.commit()
    assert "受付する</button>" not in door.scan(application).get_data(as_text=True)
    door.act(application, people="1", act="in")
    assert door.attendance() == []


def test_a_code_of_another_event(door):
    other = make_workshop(door.session, door.department)
    found = make_registration(door.session, make_pool(door.session, other))
    door.session.commit()
    stranger = door.session.get_one(Application, found.application_id)
    answer = door.scan(stranger)
    assert answer.status_code == 404
    assert "この催しのものではありません" in answer.get_data(as_text=True)
    # Nor can its application be slipped in under this event's address.
    assert door.act(stranger, people="1", act="in").status_code == 404
    assert door.attendance() == []


def test_correct_and_undo(door):
    application = door.register(seats=3)
    door.act(application, people="3", act="in")
    door.act(application, people="2", act="correct")
    assert [one.people for one in door.attendance()] == [2]
    assert door.attendance()[0].way is CheckInWay.HAND
    door.act(application, act="undo", people="2")
    assert door.attendance() == []


def test_two_phones_at_once(door):
    application = door.register()
    door.act(application, people="1", act="in")
    answer = door.act(application, people="1", act="in")
    page = door.client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "この方の受付は済んでいます" in page
    assert len(door.attendance()) == 1


def test_walk_ins_are_counted(door):
    for _person in range(2):
        post(door.client, f"{door.day}/walk-ins", {"act": "add"})
    door.session.expire_all()
    assert door.today.walk_ins == 2
    stale = {"walk_ins": "9", "again": "0", "seen_walk_ins": "0", "seen_again": "0"}
    assert post(door.client, f"{door.day}/walk-ins", stale).status_code == 409
    fresh = {**stale, "walk_ins": "７", "seen_walk_ins": "2"}
    assert post(door.client, f"{door.day}/walk-ins", fresh).status_code == 303
    door.session.expire_all()
    assert door.today.walk_ins == 7
    page = door.client.get(f"{door.base}/attendance").get_data(as_text=True)
    assert "延べ参加者数" in page


def test_who_only_reads_sees_figures_and_no_name(door):
    application = door.register()
    door.enter(make_user(door.session, Role.COORDINATOR, name="市民協働"))
    page = door.client.get(door.day)
    assert page.status_code == 200
    assert "相模" not in page.get_data(as_text=True)
    assert door.client.get(f"{door.day}/list").status_code == 403
    assert door.scan(application).status_code == 403
    assert door.act(application, people="1", act="in").status_code == 403
    assert door.looks() == 0


def test_another_department_finds_nothing(door):
    application = door.register()
    elsewhere = make_department(door.session, "職員課")
    door.enter(make_user(door.session, Role.CONTRIBUTOR, elsewhere, name="他課"))
    for answer in (
        door.client.get(door.day),
        door.client.get(f"{door.day}/list"),
        door.scan(application),
        door.act(application, people="1", act="in"),
    ):
        assert answer.status_code == 404
    assert door.looks() == 0


def test_a_stranger_with_the_code_signs_in_first(door, app):
    application = door.register()
    answer = app.test_client().get(
        f"{door.base}/check-in", query_string={"code": application.door_code}
    )
    assert answer.status_code in {302, 303}
    assert "/staff/sign-in" in answer.headers["Location"]


def test_the_receipt_leads_to_the_door(door, app):
    """The address in the code is the one that the page has."""
    application = door.register()
    with app.test_request_context():
        address = url_for(
            "staff.workshops.check_in",
            workshop_id=door.workshop.id,
            code=application.door_code,
        )
    assert door.client.get(address).status_code == 200


def test_two_meetings_on_one_day(door):
    """Morning and afternoon: the one that goes on is meant, the other one is a link away."""
    pool = make_pool(door.session, door.workshop, day=door.today)
    found = make_registration(door.session, pool)
    door.workshop.days.append(
        WorkshopDay(
            starts_at=door.today.starts_at - timedelta(minutes=30),
            ends_at=door.today.starts_at - timedelta(minutes=10),
            venue="公民館",
        )
    )
    door.session.commit()
    application = door.session.get_one(Application, found.application_id)
    page = door.scan(application).get_data(as_text=True)
    assert "受付する</button>" in page
    assert "ほかの回で受け付けるとき" in page
