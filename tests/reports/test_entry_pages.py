"""The contributor's pages: nothing typed is ever lost, and each sees only what is theirs."""

import re

import pytest
from sqlalchemy import select

from participation.core.actors import Role
from participation.reports.models import Entry, EntryKind, EntryState
from participation.reports.queries import entries as queries
from participation.reports.services import entries as services
from participation.reports.services.approvals import return_as_approver
from participation.reports.services.rounds import close_round
from tests.factories import make_department, make_user, post, sign_in
from tests.reports.world import YEAR, World, make_world

INDEX = "/staff/reports/"
HOSTILE = "<script>alert(1)</script>\n'\"&{{ 7*7 }}%(x)s </textarea><b>髙﨑𠮷"


@pytest.fixture
def world(session) -> World:
    return make_world(session)


@pytest.fixture
def writer(world, client):
    sign_in(client, world.session, world.writer)
    return client


def text_of(response):
    return response.get_data(as_text=True)


def where(world, code="1-1", kind="result", department=None):
    return {
        "item": world.items[code].id,
        "department": (department or world.department).id,
        "year": YEAR - 1 if kind == "result" else YEAR,
        "kind": kind,
    }


def fresh(world, entry_id):
    world.session.expire_all()
    return world.session.get(Entry, entry_id)


def test_own_items_come_first_and_the_others_are_folded(world, writer):
    world.assign("1-3")
    world.old_entry("前年の予定。", code="1-1")
    page = text_of(writer.get(INDEX))
    own, others = page.split("その他の項目", 1)
    assert "アンケート" in own
    assert "見守り隊" in own
    assert "話し合いの場" not in own
    assert "<details>" in others
    assert "活動の場づくり" in others
    assert "前年の予定。" in own
    assert "（経営企画課）" in own


def test_an_entry_of_two_years_ago_makes_an_item_ones_own(world, writer):
    world.old_entry("一昨年の実績。", code="2-1", kind=EntryKind.RESULT, year=YEAR - 2)
    own = text_of(writer.get(INDEX)).split("その他の項目", 1)[0]
    assert "活動の場づくり" in own


def test_unanswered_boxes_are_counted_until_each_has_an_answer(world, writer):
    world.assign("1-1")
    assert "まだ回答していない欄が2件" in text_of(writer.get(INDEX))
    post(writer, "/staff/reports/entries/nothing", where(world))
    page = text_of(writer.get(INDEX))
    assert "まだ回答していない欄が1件" in page
    world.write("予定。", kind=EntryKind.PLAN)
    assert "まだ回答していない欄" not in text_of(writer.get(INDEX))


def test_adding_stores_as_typed_and_comes_back_to_the_item(world, writer):
    response = post(
        writer,
        "/staff/reports/entries/new",
        {**where(world), "text": "１行目\r\n　２行目"},
    )
    assert response.status_code == 303
    assert response.location.endswith(f"#item-{world.items['1-1'].id}")
    entry = world.session.scalars(select(Entry)).one()
    assert (entry.text, entry.author_id) == ("１行目\n　２行目", world.writer.id)
    assert "記載を追加しました" in text_of(writer.get(INDEX))


def test_hostile_text_is_shown_as_text_everywhere(world, writer):
    entry = world.write(HOSTILE)
    for url in (
        INDEX,
        f"/staff/reports/entries/{entry.id}",
        f"/staff/reports/entries/{entry.id}/edit",
    ):
        page = text_of(writer.get(url))
        assert "<script>alert" not in page
        assert "</textarea><b>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "{{ 7*7 }}" in page


def test_what_was_typed_stays_when_it_is_too_long(world, writer):
    typed = "長い文。" * 2_000
    response = post(writer, "/staff/reports/entries/new", {**where(world), "text": typed})
    assert response.status_code == 422
    page = text_of(response)
    assert typed in page
    assert "4,000文字以内" in page
    assert world.session.scalars(select(Entry)).all() == []


def test_a_blank_text_is_told_of_beside_its_field(world, writer):
    response = post(writer, "/staff/reports/entries/new", {**where(world), "text": " "})
    assert response.status_code == 422
    assert "記載内容を入力してください" in text_of(response)


def test_what_was_typed_stays_when_the_round_was_closed_meanwhile(world, writer):
    entry = world.write("締切前の文。")
    close_round(world.session, world.round, actor=world.actor(world.coordinator), now=world.later())
    world.session.commit()
    new = post(writer, "/staff/reports/entries/new", {**where(world), "text": "間に合わない文。"})
    edit = post(
        writer,
        f"/staff/reports/entries/{entry.id}/edit",
        {"text": "間に合わない直し。", "version": 1},
    )
    for response, typed in ((new, "間に合わない文。"), (edit, "間に合わない直し。")):
        assert response.status_code == 409
        assert typed in text_of(response)
        assert "締め切られています" in text_of(response)
    assert fresh(world, entry.id).text == "締切前の文。"
    page = text_of(writer.get(INDEX))
    assert "この照会は締め切られています" in page
    assert "下書きに保存" not in page


def test_two_editors_get_both_texts_and_may_choose(world, writer):
    entry = world.write("はじめの文。")
    services.edit_entry(
        world.session,
        entry,
        text="同僚の文。",
        version=1,
        actor=world.actor(world.colleague),
        now=world.later(),
    )
    world.session.commit()
    url = f"/staff/reports/entries/{entry.id}/edit"
    response = post(writer, url, {"text": "わたしの文。", "version": 1})
    page = text_of(response)
    assert response.status_code == 409
    assert "同僚の文。" in page
    assert "同僚 二葉" in page
    assert re.search(r"<textarea[^>]*>\s*わたしの文。</textarea>", page)
    assert fresh(world, entry.id).text == "同僚の文。"
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    assert post(writer, url, {"text": "わたしの文。", "version": version}).status_code == 303
    assert fresh(world, entry.id).text == "わたしの文。"
    assert "同僚の文。" in [event.text for event in queries.history(world.session, entry.id)]


def test_a_conflict_with_a_submitted_entry_keeps_the_text_readable(world, writer):
    entry = world.write("はじめの文。")
    world.submit(entry)
    response = post(
        writer, f"/staff/reports/entries/{entry.id}/edit", {"text": "遅れた文。", "version": 1}
    )
    page = text_of(response)
    assert response.status_code == 409
    assert "遅れた文。" in page
    assert "readonly" in page
    assert "提出を取り消す" in page


def test_a_conflict_over_an_entry_without_a_history_is_shown_too(world, writer):
    entry = world.old_entry("履歴のない文。", kind=EntryKind.RESULT, state=EntryState.SUBMITTED)
    response = post(
        writer, f"/staff/reports/entries/{entry.id}/edit", {"text": "直し。", "version": 1}
    )
    assert response.status_code == 409
    assert "履歴のない文。" in text_of(response)


def test_another_departments_entries_look_as_if_there_were_none(world, client):
    entry = world.write("経営企画課の文。")
    sign_in(client, world.session, world.stranger)
    number = entry.id
    assert client.get(f"/staff/reports/entries/{number}").status_code == 404
    assert client.get(f"/staff/reports/entries/{number}/edit").status_code == 404
    assert client.get(INDEX, query_string={"department": world.department.id}).status_code == 404
    for act in ("edit", "withdraw", "restore", "move", "pull-back", "copy"):
        url = f"/staff/reports/entries/{number}/{act}"
        assert post(client, url, {"version": 1, "text": "x"}).status_code == 404, act
    sent = post(client, "/staff/reports/entries/submit", {"entry": f"{number}:1"})
    assert sent.status_code == 404
    for url in ("/staff/reports/entries/new", "/staff/reports/entries/nothing"):
        assert post(client, url, {**where(world), "text": "x"}).status_code == 404
    missing = client.get("/staff/reports/entries/99999")
    assert text_of(missing).count("経営企画課の文。") == 0
    assert fresh(world, number).version == 1


def test_the_auditor_sees_all_and_changes_nothing(world, client):
    entry = world.write("監査が読む文。")
    sign_in(client, world.session, world.auditor)
    assert "経営企画課" in text_of(client.get(INDEX))
    page = text_of(client.get(INDEX, query_string={"department": world.department.id}))
    assert "監査が読む文。" in page
    assert "下書きに保存" not in page
    assert client.get(f"/staff/reports/entries/{entry.id}").status_code == 200
    assert client.get(f"/staff/reports/entries/{entry.id}/edit").status_code == 403
    response = post(client, f"/staff/reports/entries/{entry.id}/withdraw", {"version": 1})
    assert response.status_code == 403
    assert fresh(world, entry.id).state is EntryState.DRAFT


def test_one_button_acts_work_without_a_script(world, writer):
    first, second = world.write("一つ目。"), world.write("二つ目。")
    base = "/staff/reports/entries"
    assert post(writer, f"{base}/{second.id}/move", {"direction": "up"}).status_code == 303
    page = text_of(writer.get(INDEX))
    assert page.index("二つ目。") < page.index("一つ目。")
    version = fresh(world, first.id).version
    post(writer, f"{base}/{first.id}/withdraw", {"version": version})
    assert "取り下げた記載（1件）" in text_of(writer.get(INDEX))
    post(writer, f"{base}/{first.id}/restore")
    assert fresh(world, first.id).state is EntryState.DRAFT
    version = fresh(world, first.id).version
    post(writer, f"{base}/submit", {"entry": f"{first.id}:{version}"})
    assert fresh(world, first.id).state is EntryState.SUBMITTED
    post(writer, f"{base}/{first.id}/pull-back", {"version": version + 1})
    assert fresh(world, first.id).state is EntryState.DRAFT


def test_all_drafts_are_submitted_at_once_and_skips_are_told(world, writer):
    one, two = world.write("一つ目。"), world.write("二つ目。")
    world.submit(two)
    response = post(
        writer,
        "/staff/reports/entries/submit",
        {"entry": [f"{one.id}:1", f"{two.id}:1"]},
    )
    assert response.status_code == 303
    page = text_of(writer.get(INDEX))
    assert "1件：課内確認へ提出しました。" in page
    assert "1件は見送りました" in page


@pytest.mark.parametrize("value", ["", "x", "1", "1:x", "9" * 30 + ":1", "-1:1", "１:１"])
def test_a_selection_of_nonsense_is_not_found(world, writer, value):
    assert post(writer, "/staff/reports/entries/submit", {"entry": value}).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"item": "9" * 40},
        {"item": "x"},
        {"department": ""},
        {"year": "0"},
        {"year": "99999"},
        {"kind": "other"},
        {"item": "123456"},
    ],
)
def test_a_place_of_nonsense_never_breaks_the_page(world, writer, change):
    for url in ("/staff/reports/entries/new", "/staff/reports/entries/nothing"):
        data = {**where(world), "text": "文。", **change}
        assert post(writer, url, data).status_code in {404, 422}
    query = {**where(world), **change}
    assert writer.get("/staff/reports/entries/new", query_string=query).status_code == 404


@pytest.mark.parametrize(
    "query",
    [{"year": "9" * 30}, {"year": "1"}, {"department": "9" * 30}, {"department": "999999"}],
)
def test_an_address_of_nonsense_is_answered(world, writer, query):
    assert writer.get(INDEX, query_string=query).status_code in {200, 404}


def test_a_plan_is_copied_to_the_result_by_one_button(world, writer):
    plan = world.old_entry("説明会を開く。")
    assert "実績の下書きに写す" in text_of(writer.get(INDEX))
    response = post(
        writer,
        f"/staff/reports/entries/{plan.id}/copy",
        {"department": world.department.id},
    )
    assert response.status_code == 303
    kinds = world.session.scalars(select(Entry.kind).order_by(Entry.id)).all()
    assert kinds == [EntryKind.PLAN, EntryKind.RESULT]


def test_the_reason_of_a_return_stands_beside_the_entry(world, writer):
    entry = world.write("直される文。")
    world.submit(entry)
    return_as_approver(
        world.session,
        [(entry.id, 2)],
        reason="<b>回数</b>を書いてください。",
        actor=world.actor(world.chief),
        now=world.later(),
    )
    world.session.commit()
    for url in (INDEX, f"/staff/reports/entries/{entry.id}/edit"):
        page = text_of(writer.get(url))
        assert "&lt;b&gt;回数&lt;/b&gt;を書いてください。" in page
        assert "課長 三枝" in page


def test_the_history_shows_every_step_with_its_words(world, writer):
    entry = world.write("はじめの文。")
    post(
        writer,
        f"/staff/reports/entries/{entry.id}/edit",
        {"text": "次の文。", "version": 1},
    )
    page = text_of(writer.get(f"/staff/reports/entries/{entry.id}"))
    assert page.index("内容を変更") < page.index("作成")
    assert "はじめの文。" in page
    assert "次の文。" in page


def test_the_edit_page_of_a_submitted_entry_leads_to_its_history(world, writer):
    entry = world.write("提出した文。")
    world.submit(entry)
    response = writer.get(f"/staff/reports/entries/{entry.id}/edit")
    assert response.status_code == 303
    assert response.location.endswith(f"/staff/reports/entries/{entry.id}")


def test_one_item_has_a_page_of_its_own(world, writer):
    page = text_of(writer.get(f"/staff/reports/items/{world.items['1-2'].id}"))
    assert "話し合いの場" in page
    assert "アンケート" not in page
    assert writer.get("/staff/reports/items/999").status_code == 404


def test_without_a_round_the_page_says_what_will_come(session, client):
    department = make_department(session)
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    assert "照会はまだ始まっていません" in text_of(client.get(INDEX))


def test_the_page_takes_a_bounded_number_of_queries(world, writer, queries):
    for number in range(3):
        world.write(f"{number}番目の文。")
    writer.get(INDEX)
    queries.clear()
    writer.get(INDEX)
    few = len(queries)
    for number in range(3, 25):
        world.write(f"{number}番目の文。", code=["1-1", "1-2", "1-3", "2-1"][number % 4])
        world.old_entry(f"{number}番目の予定。", code=["1-1", "1-2"][number % 2])
    queries.clear()
    writer.get(INDEX)
    assert len(queries) == few
    assert few <= 25
