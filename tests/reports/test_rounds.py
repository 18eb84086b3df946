"""Rounds: opening, closing, reopening, and the overview of who is how far."""

from datetime import date

import pytest
from sqlalchemy import select

from participation.audit.models import AuditEvent
from participation.core import clock, fiscal_year
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.departments.services.succession import record_succession
from participation.reports.models import EntryKind, EntryState, Round
from participation.reports.queries.progress import progress
from participation.reports.queries.waiting import waiting
from participation.reports.services import entries, rounds
from tests.factories import make_department, make_user, post, sign_in
from tests.reports.world import NOW, YEAR, World, load_small, make_world

ACTOR = system_actor("test")
TODAY = date(2024, 5, 10)


@pytest.fixture
def world(session) -> World:
    return make_world(session)


def text_of(response):
    return response.get_data(as_text=True)


def test_a_round_needs_a_guideline_a_sensible_year_and_a_coming_due_date(session):
    with pytest.raises(NotFound, match="指針"):
        rounds.open_round(session, year=2024, due_on=None, actor=ACTOR, now=NOW)
    load_small(session)
    for year in (1999, 2030):
        with pytest.raises(InvalidInput, match="年度は"):
            rounds.open_round(session, year=year, due_on=None, actor=ACTOR, now=NOW)
    with pytest.raises(InvalidInput, match="今日以降"):
        rounds.open_round(session, year=2024, due_on=date(2024, 5, 9), actor=ACTOR, now=NOW)
    opened = rounds.open_round(session, year=2024, due_on=TODAY, actor=ACTOR, now=NOW)
    assert opened.due_on == TODAY
    with pytest.raises(StateConflict, match="すでにあります"):
        rounds.open_round(session, year=2024, due_on=None, actor=ACTOR, now=NOW)


def test_closing_and_reopening_leave_their_trace(world):
    coordinator = world.actor(world.coordinator)
    with pytest.raises(StateConflict, match="受付中"):
        rounds.reopen_round(
            world.session, world.round, reason="x", due_on=None, actor=coordinator, now=NOW
        )
    rounds.close_round(world.session, world.round, actor=coordinator, now=world.later())
    with pytest.raises(StateConflict, match="すでに締め切られて"):
        rounds.close_round(world.session, world.round, actor=coordinator, now=NOW)
    with pytest.raises(StateConflict, match="先に再開"):
        rounds.change_due_date(world.session, world.round, due_on=None, actor=coordinator, now=NOW)
    with pytest.raises(InvalidInput, match="理由"):
        rounds.reopen_round(
            world.session, world.round, reason=" ", due_on=None, actor=coordinator, now=NOW
        )
    rounds.reopen_round(
        world.session,
        world.round,
        reason="2課の回答が届いていないため",
        due_on=date(2024, 6, 14),
        actor=coordinator,
        now=world.later(),
    )
    world.session.commit()
    assert (world.round.closed_at, world.round.due_on) == (None, date(2024, 6, 14))
    events = world.session.scalars(
        select(AuditEvent).where(AuditEvent.subject == f"round:{YEAR}").order_by(AuditEvent.id)
    ).all()
    assert [event.action for event in events] == [
        "reports.round.opened",
        "reports.round.closed",
        "reports.round.reopened",
    ]
    assert events[-1].reason == "2課の回答が届いていないため"


def line_of(world, name, today=TODAY):
    lines = progress(world.session, YEAR, today).lines
    return next((line for line in lines if line.name == name), None)


def test_asked_is_who_is_assigned_or_told_last_year(world):
    assert progress(world.session, YEAR, TODAY).lines == []
    world.assign("1-1")
    world.old_entry("去年の予定。", code="2-1")
    world.old_entry("", code="1-2")  # 「該当なし」 of last year asks for nothing
    world.old_entry("一昨年の予定。", code="1-3", year=YEAR - 2)
    line = line_of(world, "経営企画課")
    asked = {item_id for item_id, _kind in line.asked}
    assert asked == {world.items["1-1"].id, world.items["2-1"].id}
    assert len(line.missing) == 4
    assert line_of(world, "青少年課") is None


def test_a_cell_is_done_when_all_its_entries_have_come_so_far(world):
    world.assign("1-1")
    first, second = world.write("一つ目。"), world.write("二つ目。")
    world.submit(first)
    line = line_of(world, "経営企画課")
    assert line.done("answered") == (1, 2)
    assert line.done("submitted") == (0, 2)
    world.submit(second)
    assert line_of(world, "経営企画課").done("submitted") == (1, 2)
    world.approve(first, second)
    world.confirm(first, second)
    line = line_of(world, "経営企画課")
    assert line.done("confirmed") == (1, 2)
    assert line.states[EntryState.CONFIRMED] == 2


def test_nothing_counts_as_an_answer_and_a_withdrawn_text_does_not(world):
    world.assign("1-1")
    writer = world.actor(world.writer)
    entries.declare_nothing(world.session, world.place(), actor=writer, now=NOW)
    plan = world.write("やめた予定。", kind=EntryKind.PLAN)
    entries.withdraw_entry(world.session, plan, version=1, actor=writer, now=world.later())
    world.session.commit()
    line = line_of(world, "経営企画課")
    assert (line.nothing, line.entries) == (1, 1)
    assert line.missing == [(world.items["1-1"].id, EntryKind.PLAN)]


def test_a_predecessors_entries_count_for_the_successor(world):
    old = make_department(world.session, "環境美化センター", until=date(2024, 3, 31))
    record_succession(
        world.session,
        predecessors=[old],
        successors=[world.department],
        effective_on=date(2024, 4, 1),
        actor=ACTOR,
        now=NOW,
    )
    world.old_entry("清掃の日を設ける。", department=old)
    assert len(line_of(world, "経営企画課").missing) == 2
    assert line_of(world, "環境美化センター") is None


def test_a_department_gone_without_a_successor_still_shows(world):
    gone = make_department(world.session, "臨時の課", until=date(2024, 3, 31))
    world.old_entry("残された実績。", kind=EntryKind.RESULT, department=gone)
    assert line_of(world, "臨時の課").entries == 1


def test_the_overview_takes_the_same_queries_at_any_size(world, queries):
    world.assign("1-1")
    queries.clear()
    progress(world.session, YEAR, TODAY)
    few = len(queries)
    for number in range(12):
        department = make_department(world.session, f"第{number}課")
        world.assign("1-2", department)
        world.old_entry(f"{number}の予定。", department=department)
    world.session.expire_all()
    queries.clear()
    progress(world.session, YEAR, TODAY)
    assert len(queries) <= few <= 14


def test_the_overview_page_shows_table_map_and_what_is_missing(world, client):
    world.assign("1-1")
    world.assign("2-1", world.other)
    world.write("答えた。")
    sign_in(client, world.session, world.coordinator)
    page = text_of(client.get(f"/staff/reports/rounds/{YEAR}"))
    assert "heat__cell" in page
    assert "受付中（期限超過）" in page
    assert "2-1 活動の場づくり" in page
    for query in (
        "?stage=confirmed&show=unfinished&sort=done",
        "?show=missing&sort=missing",
        "?stage=x&show=y&sort=z",
    ):
        assert client.get(f"/staff/reports/rounds/{YEAR}{query}").status_code == 200
    assert client.get("/staff/reports/rounds/2011").status_code == 404
    assert client.get("/staff/reports/rounds/99999999999").status_code == 404


def test_a_contributor_sees_the_overview_but_links_only_to_the_own_department(world, client):
    world.assign("1-1")
    world.assign("2-1", world.other)
    sign_in(client, world.session, world.writer)
    page = text_of(client.get(f"/staff/reports/rounds/{YEAR}"))
    assert "青少年課" in page
    assert f"department={world.department.id}&" in page
    assert f"department={world.other.id}&" not in page
    assert "締め切る" not in page
    assert post(client, f"/staff/reports/rounds/{YEAR}/close").status_code == 403


def test_the_coordinator_opens_closes_and_reopens_in_the_browser(session, client):
    sign_in(client, session, make_user(session, Role.COORDINATOR))
    assert "照会はまだありません" in text_of(client.get("/staff/reports/rounds"))
    assert "施行された指針がまだありません" in text_of(client.get("/staff/reports/rounds/new"))
    load_small(session)
    year = fiscal_year.fiscal_year_of(clock.local_date(clock.now()))
    response = post(client, "/staff/reports/rounds/new", {"year": year, "due_on": "2001-01-01"})
    assert response.status_code == 422
    assert "今日以降" in text_of(response)
    response = post(client, "/staff/reports/rounds/new", {"year": year, "due_on": ""})
    assert response.status_code == 303
    base = f"/staff/reports/rounds/{year}"
    assert client.get(f"{base}/reopen").status_code == 409
    due = f"{year + 2}-01-31"
    assert post(client, f"{base}/due-date", {"due_on": due}).status_code == 303
    assert post(client, f"{base}/close").status_code == 303
    assert post(client, f"{base}/close").status_code == 409
    assert post(client, f"{base}/reopen", {"reason": ""}).status_code == 422
    assert post(client, f"{base}/reopen", {"reason": "<b>追加</b>のため"}).status_code == 303
    assert "&lt;b&gt;追加&lt;/b&gt;のため" in text_of(client.get(base))
    found = session.scalars(select(Round)).one()
    assert found.closed_at is None
    assert found.due_on is None


def kinds(world, user):
    return {line.kind: line.count for line in waiting(world.session, world.actor(user), world.now)}


def test_what_waits_depends_on_who_asks(world):
    world.assign("1-1")
    assert kinds(world, world.writer) == {"missing": 2}
    first, second = world.write("一つ目。"), world.write("二つ目。", user=world.chief)
    assert kinds(world, world.writer) == {"draft": 2, "missing": 1}
    world.submit(first, second)
    # The chief's own words wait for another chief.
    assert kinds(world, world.chief) == {"to_approve": 1}
    world.approve(first)
    # One department has not answered all it was asked for.
    assert kinds(world, world.coordinator) == {"to_confirm": 1, "behind": 1}
    assert kinds(world, world.stranger) == {}
    assert kinds(world, world.auditor) == {}
    rounds.close_round(
        world.session, world.round, actor=world.actor(world.coordinator), now=world.later()
    )
    assert kinds(world, world.writer) == {}
    assert kinds(world, world.coordinator) == {"to_confirm": 1}


def test_the_staff_home_leads_to_the_work(world, app):
    from participation.reports.views.tasks import waiting_tasks

    world.write("下書き。")
    with app.test_request_context():
        tasks = waiting_tasks(world.session, world.actor(world.writer), world.now)
    labels = [task.label for task in tasks]
    assert labels == ["令和6年度の照会：入力中の記載を提出する（期限 令和6年5月31日（金））"]
    assert tasks[0].url == f"/staff/reports/?year={YEAR}"
