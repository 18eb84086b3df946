"""The lists of the day: sorted and searched, printed, typed back by numbers, for Excel."""

import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import unquote

import pytest
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
    AttendeeSheet,
    CheckInWay,
    RegistrationStatus,
    SeatKind,
)
from participation.workshops.services.disclosing import EXPORTED
from participation.workshops.services.retention import forget_senders
from tests.factories import make_user, post
from tests.workshops.arrange import make_pool, make_registration

S = RegistrationStatus


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
