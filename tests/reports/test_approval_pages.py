"""The approver's and the coordinator's lists as pages."""

import pytest
from sqlalchemy import select

from participation.reports.models import Entry, EntryState
from participation.reports.queries import review
from participation.reports.services import entries as services
from participation.reports.services.rounds import close_round
from tests.factories import post, sign_in
from tests.reports.world import YEAR, World, make_world

APPROVALS = "/staff/reports/approvals"
CONFIRMATIONS = "/staff/reports/confirmations"


@pytest.fixture
def world(session) -> World:
    return make_world(session)


@pytest.fixture
def chief(world, client):
    sign_in(client, world.session, world.chief)
    return client


def text_of(response):
    return response.get_data(as_text=True)


def state_of(world, entry_id):
    world.session.expire_all()
    return world.session.get(Entry, entry_id).state


def pair(entry):
    return f"{entry.id}:{entry.version}"


def submitted(world, *texts):
    entries = [world.write(text) for text in texts]
    world.submit(*entries)
    return entries


def test_partial_results_are_told_by_number_and_reason(world, chief):
    others = submitted(world, "一つ目。", "二つ目。")
    own = world.write("課長の文。", user=world.chief)
    world.submit(own)
    page = text_of(chief.get(APPROVALS))
    assert "あなたが書いた文を含みます" in page
    chosen = [pair(entry) for entry in [*others, own]]
    assert post(chief, APPROVALS, {"act": "take", "entry": chosen}).status_code == 303
    page = text_of(chief.get(APPROVALS))
    assert "2件：確認しました。" in page
    assert "1件は見送りました：あなたが書いた文を含むため" in page
    assert state_of(world, others[0].id) is EntryState.APPROVED
    assert state_of(world, own.id) is EntryState.SUBMITTED


def test_sending_back_without_a_reason_keeps_the_ticks(world, chief):
    (entry,) = submitted(world, "直す文。")
    response = post(chief, APPROVALS, {"act": "return", "entry": pair(entry), "reason": " "})
    assert response.status_code == 422
    page = text_of(response)
    assert "差し戻す理由を入力してください" in page
    assert f'value="{pair(entry)}" id="entry-{entry.id}" checked' in page
    assert state_of(world, entry.id) is EntryState.SUBMITTED
    data = {"act": "return", "entry": pair(entry), "reason": "回数を書いてください。"}
    assert post(chief, APPROVALS, data).status_code == 303
    assert state_of(world, entry.id) is EntryState.RETURNED


def test_a_reason_survives_an_empty_selection(world, chief):
    submitted(world, "直す文。")
    response = post(chief, APPROVALS, {"act": "return", "reason": "理由は書いた。"})
    assert response.status_code == 422
    assert "理由は書いた。" in text_of(response)
    assert "対象を1件以上選んでください" in text_of(response)


def test_taking_all_takes_what_the_page_could_show_and_no_more(world, chief):
    (seen,) = submitted(world, "見た文。")
    shown_at = world.now.isoformat()
    (later,) = submitted(world, "あとから出た文。")
    post(chief, APPROVALS, {"act": "all", "shown_at": shown_at})
    assert state_of(world, seen.id) is EntryState.APPROVED
    assert state_of(world, later.id) is EntryState.SUBMITTED
    post(chief, APPROVALS, {"act": "all", "shown_at": "いつか"})
    assert state_of(world, later.id) is EntryState.APPROVED


def test_a_reason_survives_the_closing_of_the_round(world, chief):
    (entry,) = submitted(world, "直す文。")
    close_round(world.session, world.round, actor=world.actor(world.coordinator), now=world.later())
    world.session.commit()
    data = {"act": "return", "entry": pair(entry), "reason": "打ち込んだ理由。"}
    response = post(chief, APPROVALS, data)
    assert response.status_code == 422
    page = text_of(response)
    assert "打ち込んだ理由。" in page
    assert "締め切られています" in page
    assert "選んだ記載を差し戻す" not in text_of(chief.get(APPROVALS))


def test_another_departments_entries_are_neither_listed_nor_taken(world, chief):
    theirs = services.create_entry(
        world.session,
        world.place(department=world.other),
        text="よその課の文。",
        actor=world.actor(world.stranger),
        now=world.later(),
    )
    services.submit_entries(
        world.session, [(theirs.id, 1)], actor=world.actor(world.stranger), now=world.later()
    )
    world.session.commit()
    assert "よその課の文。" not in text_of(chief.get(APPROVALS))
    for act in ("take", "return"):
        data = {"act": act, "entry": f"{theirs.id}:2", "reason": "理由。"}
        assert post(chief, APPROVALS, data).status_code == 404
    query = {"department": world.other.id}
    assert "よその課の文。" not in text_of(chief.get(APPROVALS, query_string=query))
    assert state_of(world, theirs.id) is EntryState.SUBMITTED


def test_the_coordinator_narrows_confirms_all_and_sends_back(world, client):
    first, second = submitted(world, "アンケートの文。", "もう一つの文。")
    third = world.write("活動の文。", code="2-1")
    world.submit(third)
    world.approve(first, second, third)
    sign_in(client, world.session, world.coordinator)
    narrowed = f"{CONFIRMATIONS}?year={YEAR}&item={world.items['2-1'].id}"
    page = text_of(client.get(narrowed))
    assert "活動の文。" in page
    assert "アンケートの文。" not in page
    assert post(client, narrowed, {"act": "all"}).status_code == 303
    assert state_of(world, third.id) is EntryState.CONFIRMED
    assert state_of(world, first.id) is EntryState.APPROVED
    post(client, CONFIRMATIONS, {"act": "take", "entry": f"{first.id}:3"})
    assert state_of(world, first.id) is EntryState.CONFIRMED
    done = f"{CONFIRMATIONS}?state=done"
    assert "アンケートの文。" in text_of(client.get(done))
    data = {"act": "return", "entry": f"{first.id}:4", "reason": "日付を入れてください。"}
    assert post(client, done, data).status_code == 303
    assert state_of(world, first.id) is EntryState.RETURNED


@pytest.mark.parametrize(
    "query", ["?kind=result", "?kind=x", "?item=9999999999999", "?department=x", "?state=?"]
)
def test_filters_of_nonsense_are_answered(world, chief, query):
    submitted(world, "文。")
    assert chief.get(APPROVALS + query).status_code == 200


def test_empty_lists_say_what_will_come(world, chief):
    assert "確認を待っている記載はありません" in text_of(chief.get(APPROVALS))
    assert "確認して提出した記載はまだありません" in text_of(chief.get(f"{APPROVALS}?state=done"))


def test_contributors_and_auditors_have_no_way_in(world, client):
    for user in (world.writer, world.auditor):
        sign_in(client, world.session, user)
        assert client.get(APPROVALS).status_code == 403
        assert client.get(CONFIRMATIONS).status_code == 403
        assert post(client, CONFIRMATIONS, {"act": "all"}).status_code == 403


def test_a_long_list_shows_its_head_and_says_how_long_it_is(world, client, monkeypatch, queries):
    monkeypatch.setattr(review, "SHOWN", 3)
    drafts = [world.write(f"{number}番目の文。") for number in range(5)]
    world.submit(*drafts)
    sign_in(client, world.session, world.chief)
    queries.clear()
    page = text_of(client.get(APPROVALS))
    assert len(queries) <= 30
    assert "全5件のうち先頭の3件" in page
    assert "0番目の文。" in page
    assert "4番目の文。" not in page
    assert world.session.scalars(select(Entry)).all()
