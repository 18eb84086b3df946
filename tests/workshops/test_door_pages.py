"""The pages of the day itself: scanning, the list, typed numbers, walk-ins, the printed list."""

import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import unquote

import pytest
from flask import url_for
from openpyxl import load_workbook
from pypdfium2 import PdfDocument
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Role
from participation.files.models import StoredFile
from participation.files.services import read
from participation.jobs.worker import run_duties, run_pending
from participation.workshops.models import (
    Application,
    Attendance,
    AttendeeSheet,
    CheckInWay,
    RegistrationStatus,
    SeatKind,
    WorkshopDay,
    WorkshopState,
)
from participation.workshops.services.disclosing import EXPORTED, SHOWN
from participation.workshops.services.retention import forget_senders
from tests.factories import make_department, make_user, post, sign_in
from tests.workshops.arrange import make_pool, make_registration, make_workshop

S = RegistrationStatus


class Door:
    """A workshop of two days, the first today, and somebody at its door."""

    def __init__(self, session, client):
        self.session, self.client = session, client
        self.department = make_department(session)
        self.workshop = make_workshop(
            session,
            self.department,
            days=2,
            starts_at=clock.now() - timedelta(minutes=20),
            title="公園の会",
        )
        self.today, self.next = self.workshop.days
        self.pool = make_pool(session, self.workshop)
        self.user = make_user(session, Role.CONTRIBUTOR, self.department)
        self.base = f"/staff/workshops/{self.workshop.id}"
        self.day = f"{self.base}/attendance/{self.today.id}"

    def enter(self, user=None):
        sign_in(self.client, self.session, user or self.user)
        return self

    def register(self, name="相模 花子", kana="さがみ はなこ", **more):
        sender = {"name": name, "kana": kana, "phone": "0463-11-1111", **more.pop("sender", {})}
        found = make_registration(self.session, self.pool, sender=sender, **more)
        self.session.commit()
        return self.session.get_one(Application, found.application_id)

    def scan(self, application, **more):
        return self.client.get(
            f"{self.base}/check-in", query_string={"code": application.door_code, **more}
        )

    def act(self, application, **data):
        return post(self.client, f"{self.day}/check-in", {"application": application.id, **data})

    def attendance(self):
        self.session.expire_all()
        return self.session.scalars(select(Attendance)).all()

    def looks(self, action=SHOWN):
        return self.session.scalar(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.action == action)
        )


@pytest.fixture
def door(session, client):
    return Door(session, client).enter()


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


def test_the_list_is_sorted_and_searched(door):
    door.register("渡辺 一郎", "ワタナベ イチロウ")
    door.register("青木 二郎", "あおき じろう")
    door.register("三浦 三郎", "みうら さぶろう", status=S.CANCELLED)

    def listed(**query):
        answer = (
            post(door.client, f"{door.day}/list", query)
            if "q" in query
            else door.client.get(f"{door.day}/list", query_string=query)
        )
        page = answer.get_data(as_text=True)
        names = ("渡辺 一郎", "青木 二郎", "三浦 三郎")
        return sorted((name for name in names if name in page), key=page.index)

    assert listed() == ["青木 二郎", "渡辺 一郎"]
    assert listed(sort="number") == ["渡辺 一郎", "青木 二郎"]
    assert listed(q="わたなべ") == ["渡辺 一郎"]
    assert listed(q="ｱｵｷ") == ["青木 二郎"]
    assert listed(q="２") == ["青木 二郎"]
    assert listed(q="だれか") == []
    assert listed(show="all") == ["青木 二郎", "三浦 三郎", "渡辺 一郎"]


def test_no_address_holds_the_name_that_was_searched(door):
    application = door.register("渡辺 一郎", "わたなべ いちろう")
    door.register("青木 二郎", "あおき じろう")
    by_address = door.client.get(f"{door.day}/list", query_string={"q": "渡辺"})
    assert "青木 二郎" in by_address.get_data(as_text=True), "a name in an address is not searched"
    page = post(door.client, f"{door.day}/list", {"q": "渡辺"}).get_data(as_text=True)
    assert "渡辺 一郎" in page
    assert "青木 二郎" not in page
    assert '<form class="filters" method="post"' in page
    addresses = re.findall(r'(?:href|action)="([^"]*)"', page)
    assert not [one for one in addresses if "渡" in unquote(one)]
    assert 'type="hidden" name="q"' not in page
    answer = door.act(application, people="1", act="in", page="1")
    assert answer.headers["Location"].endswith(f"/list?page=1#a{application.id}")
    assert "青木 二郎" in post(door.client, f"{door.day}/list", {"q": "２"}).get_data(as_text=True)


def test_a_long_list_has_pages(door):
    door.pool.capacity = 200
    for number in range(60):
        sender = {"name": f"人{number:02}", "kana": f"ひと{number:02}"}
        make_registration(door.session, door.pool, sender=sender)
    door.session.commit()
    first = door.client.get(f"{door.day}/list").get_data(as_text=True)
    assert "人00" in first
    assert "人59" not in first
    assert "60件のうち1〜50件目" in first
    second = door.client.get(f"{door.day}/list", query_string={"page": "2"}).get_data(as_text=True)
    assert "人59" in second
    assert "人00" not in second


def test_numbers_of_the_printed_list(door):
    family, single, waits = (
        door.register("家族", seats=3),
        door.register("一人"),
        door.register("待つ", status=S.WAITLISTED),
    )
    answer = post(door.client, f"{door.day}/numbers", {"numbers": "1:2 2-3 9", "act": "check"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    for words in ("家族", "一人", "名簿にない番号", "席が決まっていない番号", "2件を受け付ける"):
        assert words in page
    assert door.attendance() == []
    answer = post(
        door.client,
        f"{door.day}/numbers",
        {"act": "record", f"people_{family.id}": "2", f"people_{single.id}": "1"},
    )
    assert answer.status_code == 303
    assert {(one.application_id, one.people, one.way) for one in door.attendance()} == {
        (family.id, 2, CheckInWay.LIST),
        (single.id, 1, CheckInWay.LIST),
    }
    # All or nothing: one without a seat among them stops the rest.
    door.act(family, act="undo", people="1")
    answer = post(
        door.client,
        f"{door.day}/numbers",
        {"act": "record", f"people_{family.id}": "3", f"people_{waits.id}": "1"},
    )
    assert answer.status_code == 409
    assert [one.application_id for one in door.attendance()] == [single.id]


def test_ticks_instead_of_numbers(door):
    door.register("家族", seats=3)
    page = door.client.get(f"{door.day}/numbers").get_data(as_text=True)
    assert 'name="ticked" value="1"' in page
    answer = post(door.client, f"{door.day}/numbers", {"ticked": "1", "act": "check"})
    assert "1件を受け付ける" in answer.get_data(as_text=True)


@pytest.mark.parametrize("text", ["", "abc", "9-1"])
def test_numbers_that_are_none(door, text):
    door.register()
    answer = post(door.client, f"{door.day}/numbers", {"numbers": text, "act": "check"})
    assert answer.status_code == 422
    assert "入力を確かめてください" in answer.get_data(as_text=True)


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


def test_the_printed_list(door, app):
    care = make_pool(door.session, door.workshop, kind=SeatKind.CHILDCARE)
    parent = door.register(
        "渡辺 一郎",
        "わたなべ いちろう",
        seats=2,
        sender={
            "needs": "sign_language",
            "children": '[{"name": "渡辺 みどり", "born": "2024-05-01"}]',
        },
    )
    make_registration(door.session, care, application=parent)
    door.register("青木 二郎", "あおき じろう")
    door.register("取消 三郎", "とりけし さぶろう", status=S.CANCELLED)
    answer = post(door.client, f"{door.day}/lists", {"sort": "kana"})
    assert answer.status_code == 303
    run_pending(app)
    door.session.expire_all()
    sheet = door.session.scalar(select(AttendeeSheet))
    assert sheet.file_id is not None
    assert door.looks(EXPORTED) == 1
    # What lies in the store can be read by nobody.
    assert b"%PDF" not in read(door.session, door.session.get_one(StoredFile, sheet.file_id))[:64]
    answer = post(door.client, f"{door.base}/lists/{sheet.id}")
    document = PdfDocument(answer.data)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    for words in ("青木 二郎", "渡辺 一郎", "わたなべ いちろう", "手話通訳", "渡辺 みどり", "□"):
        assert words in text
    assert text.index("青木") < text.index("渡辺 一郎")
    assert "取消" not in text
    downloaded = select(func.count()).select_from(AuditEvent)
    assert (
        door.session.scalar(
            downloaded.where(AuditEvent.action == "workshops.attendee_list.downloaded")
        )
        == 1
    )


def test_the_printed_list_is_erased_after_its_day(door, app):
    door.register()
    post(door.client, f"{door.day}/lists", {"sort": "number"})
    run_pending(app)
    door.session.expire_all()
    sheet = door.session.scalar(select(AttendeeSheet))
    sheet_id, file_id, until = sheet.id, sheet.file_id, sheet.expires_at
    assert timedelta(hours=23) < until - clock.now() < timedelta(days=2)
    door.session.rollback()
    run_duties(app, until + timedelta(minutes=1))
    door.session.expire_all()
    assert door.session.get(AttendeeSheet, sheet_id) is None
    assert door.session.get(StoredFile, file_id) is None
    assert post(door.client, f"{door.base}/lists/{sheet_id}").status_code == 404


def test_a_colleague_prints_an_own_list(door, app):
    door.register()
    post(door.client, f"{door.day}/lists", {"sort": "number"})
    run_pending(app)
    door.session.expire_all()
    sheet_id = door.session.scalar(select(AttendeeSheet.id))
    door.enter(make_user(door.session, Role.CONTRIBUTOR, door.department, name="同僚"))
    assert "PDFを受け取る" not in door.client.get(f"{door.day}/lists").get_data(as_text=True)
    assert post(door.client, f"{door.base}/lists/{sheet_id}").status_code == 404


def test_a_printed_list_goes_when_somebody_on_it_is_forgotten(door, app):
    application = door.register()
    post(door.client, f"{door.day}/lists", {"sort": "number"})
    run_pending(app)
    door.session.expire_all()
    file_id = door.session.scalar(select(AttendeeSheet.file_id))
    forget_senders(door.session, [application.receipt_id])
    door.session.commit()
    assert door.session.scalar(select(AttendeeSheet.id)) is None
    assert door.session.get(StoredFile, file_id) is None


def test_the_list_for_excel(door):
    door.register("渡辺 一郎", "わたなべ いちろう", seats=2, sender={"needs": "captioning"})
    door.register("=HYPERLINK(1)", "あおき じろう")
    answer = post(door.client, f"{door.day}/lists.xlsx", {"sort": "kana"})
    rows = list(load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert rows[0][:4] == ("番号", "受付番号", "氏名", "ふりがな")
    assert [row[0] for row in rows[1:]] == [2, 1]
    assert rows[2][2] == "渡辺 一郎"
    assert rows[2][9] == "要約筆記"
    assert door.looks(EXPORTED) == 1


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
