"""What a department's people do with entries, by the services, on both databases."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from participation.audit.models import AuditEvent
from participation.core.actors import system_actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.departments.services.succession import record_succession
from participation.reports.models import Entry, EntryEvent, EntryKind, EntryState
from participation.reports.queries import entries as queries
from participation.reports.services import entries as services
from participation.reports.services.entry_order import move_entry
from participation.reports.services.entry_steps import EntryConflict
from participation.reports.services.rounds import close_round, reopen_round
from tests.factories import make_department
from tests.reports.world import YEAR, World, make_world

HOSTILE = "<script>alert(1)</script> ' \" & {{ 7*7 }} %(x)s =1+1 ﷺ 髙﨑𠮷 ①Ⅳ㈱～〜"


@pytest.fixture
def world(session) -> World:
    return make_world(session)


def acts(world, entry):
    return [event.act for event in reversed(queries.history(world.session, entry.id))]


def texts(world, **place):
    return [entry.text for entry in queries.entries_in(world.session, world.place(**place))]


def test_an_entry_is_stored_as_typed_with_event_and_audit(world):
    entry = world.write("１行目\r\n  ①Ⅳ㈱～\x07末尾　")
    assert entry.text == "１行目\n  ①Ⅳ㈱～末尾　"
    assert (entry.state, entry.version, entry.author_id) == (
        EntryState.DRAFT,
        1,
        world.writer.id,
    )
    event = queries.history(world.session, entry.id)[0]
    assert (event.version, event.act, event.text, event.actor_name) == (
        1,
        "created",
        entry.text,
        "書き手 一郎",
    )
    audit = world.session.scalars(
        select(AuditEvent).where(AuditEvent.subject == f"entry:{entry.id}")
    ).one()
    assert audit.action == "reports.entry.created"
    assert audit.after["text"] == entry.text
    assert audit.department_id == world.department.id


def test_hostile_text_stays_text(world):
    assert world.write(HOSTILE).text == HOSTILE


@pytest.mark.parametrize("text", ["", "   ", "\n\t　", "\x00\x07"])
def test_a_blank_text_is_refused(world, text):
    with pytest.raises(InvalidInput, match="該当なし"):
        world.write(text)


def test_a_text_of_the_longest_length_fits_and_one_more_does_not(world):
    assert len(world.write("あ" * services.MAX_TEXT).text) == services.MAX_TEXT
    with pytest.raises(InvalidInput, match="4,001文字"):
        world.write("あ" * (services.MAX_TEXT + 1))


def test_a_second_click_does_not_write_twice(world):
    world.write("説明会を開いた。")
    with pytest.raises(InvalidInput, match="同じ内容"):
        world.write("説明会を開いた。")
    world.write("説明会を開いた。", kind=EntryKind.PLAN)
    assert texts(world) == ["説明会を開いた。"]


def test_another_department_is_out_of_reach(world):
    with pytest.raises(NotFound):
        world.write("よその課に書く。", department=world.other)
    entry = world.write("自分の課に書く。")
    stranger = world.actor(world.stranger)
    for act in (
        lambda: services.edit_entry(
            world.session, entry, text="書き換え", version=1, actor=stranger, now=world.now
        ),
        lambda: services.withdraw_entry(
            world.session, entry, version=1, actor=stranger, now=world.now
        ),
        lambda: services.restore_entry(world.session, entry, actor=stranger, now=world.now),
        lambda: move_entry(world.session, entry, up=True, actor=stranger, now=world.now),
        lambda: services.submit_entries(
            world.session, [(entry.id, 1)], actor=stranger, now=world.now
        ),
        lambda: services.pull_back_entry(
            world.session, entry, version=1, actor=stranger, now=world.now
        ),
        lambda: services.copy_plan(
            world.session, entry, department_id=world.other.id, actor=stranger, now=world.now
        ),
    ):
        with pytest.raises(NotFound):
            act()
    assert acts(world, entry) == ["created"]


def test_an_auditor_and_a_coordinator_change_nothing(world):
    entry = world.write("課の記載。")
    for user in (world.auditor, world.coordinator):
        with pytest.raises(NotFound):
            services.edit_entry(
                world.session,
                entry,
                text="書き換え",
                version=1,
                actor=world.actor(user),
                now=world.now,
            )


def test_an_item_of_no_guideline_is_refused(world):
    place = queries.Place(999_999, world.department.id, EntryKind.RESULT, YEAR - 1)
    with pytest.raises(InvalidInput, match="指針にありません"):
        services.create_entry(
            world.session, place, text="x", actor=world.actor(world.writer), now=world.now
        )


def test_a_department_that_is_gone_gets_nothing_new(world):
    gone = make_department(world.session, "旧課", until=date(2024, 3, 31))
    with pytest.raises(InvalidInput, match="廃止された課"):
        services.create_entry(
            world.session,
            world.place(department=gone),
            text="x",
            actor=system_actor("test"),
            now=world.now,
        )


def test_without_an_open_round_nobody_writes(world):
    entry = world.write("締切前。")
    coordinator = world.actor(world.coordinator)
    close_round(world.session, world.round, actor=coordinator, now=world.later())
    world.session.commit()
    writer = world.actor(world.writer)
    with pytest.raises(StateConflict, match="締め切られています"):
        world.write("締切後。")
    with pytest.raises(StateConflict, match="締め切られています"):
        services.edit_entry(
            world.session, entry, text="締切後", version=1, actor=writer, now=world.now
        )
    with pytest.raises(StateConflict, match="締め切られています"):
        services.submit_entries(world.session, [(entry.id, 1)], actor=writer, now=world.now)
    with pytest.raises(StateConflict, match="まだ始まっていません"):
        world.write("ない年度。", year=2015)
    world.session.rollback()
    reopen_round(
        world.session,
        world.round,
        reason="書き漏れがあったため",
        due_on=None,
        actor=coordinator,
        now=world.later(),
    )
    assert services.edit_entry(
        world.session, entry, text="再開後", version=1, actor=writer, now=world.now
    )


def test_editing_bumps_the_version_and_keeps_the_old_text_in_the_history(world):
    entry = world.write("はじめの文。")
    assert services.edit_entry(
        world.session,
        entry,
        text="直した文。",
        version=1,
        actor=world.actor(world.colleague),
        now=world.later(),
    )
    world.session.commit()
    assert (entry.text, entry.version) == ("直した文。", 2)
    assert [event.text for event in queries.history(world.session, entry.id)] == [
        "直した文。",
        "はじめの文。",
    ]


def test_saving_the_same_text_is_no_step(world):
    entry = world.write("同じ文。")
    assert not services.edit_entry(
        world.session,
        entry,
        text="同じ文。",
        version=1,
        actor=world.actor(world.writer),
        now=world.later(),
    )
    assert acts(world, entry) == ["created"]


def test_a_stale_version_is_a_conflict_and_stores_nothing(world):
    entry = world.write("はじめの文。")
    edit = {"actor": world.actor(world.writer), "now": world.now}
    services.edit_entry(world.session, entry, text="先に直した文。", version=1, **edit)
    world.session.commit()
    with pytest.raises(EntryConflict) as caught:
        services.edit_entry(world.session, entry, text="後から直した文。", version=1, **edit)
    assert caught.value.entry_id == entry.id
    assert entry.text == "先に直した文。"
    # On top of the new version it goes through: that is 「あなたの文で保存する」.
    assert services.edit_entry(world.session, entry, text="後から直した文。", version=2, **edit)


def test_a_colleague_who_only_moved_a_line_is_no_conflict(world):
    first, second = world.write("一つ目。"), world.write("二つ目。")
    move_entry(
        world.session, second, up=True, actor=world.actor(world.colleague), now=world.later()
    )
    world.session.commit()
    assert first.version == 2
    assert services.edit_entry(
        world.session,
        first,
        text="一つ目を直した。",
        version=1,
        actor=world.actor(world.writer),
        now=world.later(),
    )


def test_an_edit_of_what_a_colleague_submitted_meanwhile_is_a_conflict(world):
    entry = world.write("提出される文。")
    world.submit(entry)
    with pytest.raises(EntryConflict):
        services.edit_entry(
            world.session,
            entry,
            text="まだ直している文。",
            version=1,
            actor=world.actor(world.colleague),
            now=world.later(),
        )


def test_moving_changes_the_order_and_both_versions(world):
    one, two, three = (world.write(text) for text in ("一", "二", "三"))
    writer = world.actor(world.writer)
    assert move_entry(world.session, three, up=True, actor=writer, now=world.later())
    assert move_entry(world.session, one, up=False, actor=writer, now=world.later())
    world.session.commit()
    assert texts(world) == ["三", "一", "二"]
    assert not move_entry(world.session, three, up=True, actor=writer, now=world.later())
    assert not move_entry(world.session, two, up=False, actor=writer, now=world.later())
    assert acts(world, three) == ["created", "moved", "moved"]


def test_moving_numbers_apart_what_stood_at_one_position(world):
    entries = [world.write(text) for text in ("一", "二", "三")]
    for entry in entries:
        entry.position = 0
    world.session.commit()
    assert move_entry(
        world.session, entries[2], up=True, actor=world.actor(world.writer), now=world.later()
    )
    world.session.commit()
    assert texts(world) == ["一", "三", "二"]


def test_an_approved_neighbour_keeps_its_place(world):
    first = world.write("確認の済む文。")
    world.submit(first)
    world.approve(first)
    second = world.write("新しい文。")
    with pytest.raises(StateConflict, match="隣の記載"):
        move_entry(
            world.session, second, up=True, actor=world.actor(world.writer), now=world.later()
        )


def test_withdrawing_can_be_undone_with_all_words(world):
    entry = world.write("取り下げる文。")
    writer = world.actor(world.writer)
    services.withdraw_entry(world.session, entry, version=1, actor=writer, now=world.later())
    assert texts(world) == []
    assert entry.text == "取り下げる文。"
    services.restore_entry(world.session, entry, actor=writer, now=world.later())
    world.session.commit()
    assert texts(world) == ["取り下げる文。"]
    assert acts(world, entry) == ["created", "withdrawn", "restored"]
    with pytest.raises(StateConflict):
        services.restore_entry(world.session, entry, actor=writer, now=world.later())


def declare(world, code="1-1", kind=EntryKind.RESULT):
    entry = services.declare_nothing(
        world.session,
        world.place(code, kind),
        actor=world.actor(world.writer),
        now=world.later(),
    )
    world.session.commit()
    return entry


def test_nothing_is_an_answer_of_its_own_and_said_once(world):
    first = declare(world)
    assert (first.nothing, first.text, first.state) == (True, "", EntryState.DRAFT)
    assert declare(world).id == first.id
    assert declare(world, kind=EntryKind.PLAN).id != first.id


def test_nothing_is_refused_beside_a_text(world):
    world.write("取り組みがある。")
    with pytest.raises(InvalidInput, match="取り下げてから"):
        declare(world)


def test_a_text_withdraws_the_nothing(world):
    nothing = declare(world)
    world.write("思い出した取り組み。")
    assert nothing.state is EntryState.WITHDRAWN
    assert queries.history(world.session, nothing.id)[0].reason == "記載が追加されたため"
    with pytest.raises(InvalidInput, match="復元できません"):
        services.restore_entry(
            world.session, nothing, actor=world.actor(world.writer), now=world.later()
        )


def test_a_restored_text_withdraws_the_nothing_too(world):
    entry = world.write("一度やめた文。")
    writer = world.actor(world.writer)
    services.withdraw_entry(world.session, entry, version=1, actor=writer, now=world.later())
    nothing = declare(world)
    services.restore_entry(world.session, entry, actor=writer, now=world.later())
    world.session.commit()
    assert nothing.state is EntryState.WITHDRAWN
    assert texts(world) == ["一度やめた文。"]


def test_a_nothing_that_went_on_must_come_back_first(world):
    nothing = declare(world)
    world.submit(nothing)
    world.approve(nothing)
    with pytest.raises(StateConflict, match="差戻しを依頼"):
        world.write("後から書く。")
    assert nothing.state is EntryState.APPROVED


def test_a_nothing_has_no_text_to_edit(world):
    nothing = declare(world)
    with pytest.raises(InvalidInput, match="新しい記載"):
        services.edit_entry(
            world.session,
            nothing,
            text="文。",
            version=1,
            actor=world.actor(world.writer),
            now=world.later(),
        )


def test_a_plan_is_copied_as_it_stands_into_a_result_draft(world):
    plan = world.old_entry("説明会を開く。")
    copy = services.copy_plan(
        world.session,
        plan,
        department_id=world.department.id,
        actor=world.actor(world.writer),
        now=world.later(),
    )
    world.session.commit()
    assert (copy.kind, copy.fiscal_year, copy.text, copy.state) == (
        EntryKind.RESULT,
        plan.fiscal_year,
        plan.text,
        EntryState.DRAFT,
    )
    assert acts(world, copy) == ["copied"]
    assert plan.state is EntryState.CONFIRMED
    with pytest.raises(InvalidInput, match="同じ内容"):
        services.copy_plan(
            world.session,
            plan,
            department_id=world.department.id,
            actor=world.actor(world.writer),
            now=world.later(),
        )


def test_only_a_plan_with_words_is_copied(world):
    for entry in (
        world.old_entry("実績。", kind=EntryKind.RESULT, year=YEAR - 2),
        world.old_entry(""),
    ):
        with pytest.raises(InvalidInput, match="予定だけ"):
            services.copy_plan(
                world.session,
                entry,
                department_id=world.department.id,
                actor=world.actor(world.writer),
                now=world.later(),
            )


def test_submitting_takes_what_can_be_taken_and_says_why_not_the_rest(world):
    draft, waiting, changed = (world.write(text) for text in ("下書き", "提出済み", "変わった"))
    world.submit(waiting)
    services.edit_entry(
        world.session,
        changed,
        text="変わった文",
        version=1,
        actor=world.actor(world.colleague),
        now=world.later(),
    )
    world.session.commit()
    result = services.submit_entries(
        world.session,
        [(draft.id, 1), (waiting.id, 2), (changed.id, 1)],
        actor=world.actor(world.writer),
        now=world.later(),
    )
    world.session.commit()
    assert result.done == [draft]
    reasons = {skipped.entry.id: skipped.reason for skipped in result.skipped}
    assert "課内確認" in reasons[waiting.id]
    assert "ほかの人" in reasons[changed.id]
    assert changed.state is EntryState.DRAFT


def test_submitting_nothing_or_what_is_not_there_is_refused(world):
    writer = world.actor(world.writer)
    with pytest.raises(InvalidInput, match="1件以上"):
        services.submit_entries(world.session, [], actor=writer, now=world.now)
    with pytest.raises(NotFound):
        services.submit_entries(world.session, [(99_999, 1)], actor=writer, now=world.now)


def test_pulling_back_makes_a_draft_again_until_it_is_approved(world):
    entry = world.write("急いで出した文。")
    world.submit(entry)
    writer = world.actor(world.writer)
    services.pull_back_entry(world.session, entry, version=2, actor=writer, now=world.later())
    world.session.commit()
    assert entry.state is EntryState.DRAFT
    world.submit(entry)
    world.approve(entry)
    with pytest.raises(StateConflict, match="課長に差戻し"):
        services.pull_back_entry(world.session, entry, version=5, actor=writer, now=world.later())


def test_a_successor_carries_on_the_predecessors_entries(world):
    old = make_department(world.session, "環境美化センター", until=date(2024, 3, 31))
    record_succession(
        world.session,
        predecessors=[old],
        successors=[world.department],
        effective_on=date(2024, 4, 1),
        actor=system_actor("test"),
        now=world.now,
    )
    plan = world.old_entry("清掃の日を設ける。", department=old)
    stays = world.old_entry(
        "前の課で書いた実績。", department=old, kind=EntryKind.RESULT, state=EntryState.DRAFT
    )
    writer = world.actor(world.writer)
    copy = services.copy_plan(
        world.session, plan, department_id=world.department.id, actor=writer, now=world.later()
    )
    assert copy.department_id == world.department.id
    assert services.edit_entry(
        world.session,
        stays,
        text="引き継いで直した実績。",
        version=1,
        actor=writer,
        now=world.later(),
    )


def test_every_step_has_its_event_and_its_audit_row(world):
    entry = world.write("数える文。")
    world.submit(entry)
    world.approve(entry)
    world.confirm(entry)
    events = queries.history(world.session, entry.id)
    assert [event.version for event in events] == [4, 3, 2, 1]
    audits = world.session.scalar(
        select(func.count())
        .select_from(AuditEvent)
        .where(AuditEvent.subject == f"entry:{entry.id}")
    )
    assert audits == 4


def test_lines_come_in_printed_order(world):
    world.department.position, world.other.position = 2, 1
    world.session.commit()
    world.write("二番目の課の一つ目。")
    world.write("二番目の課の二つ目。")
    services.create_entry(
        world.session,
        world.place(department=world.other),
        text="一番目の課。",
        actor=world.actor(world.stranger),
        now=world.later(),
    )
    world.session.commit()
    column = (EntryKind.RESULT, YEAR - 1)
    lines = list(queries.entry_lines(world.session, [column]))
    assert [line.text for line in lines] == [
        "一番目の課。",
        "二番目の課の一つ目。",
        "二番目の課の二つ目。",
    ]
    assert list(queries.entry_lines(world.session, [column], item_ids=[])) == []
    assert list(queries.entry_lines(world.session, [])) == []
    confirmed = queries.entry_lines(world.session, [column], states=[EntryState.CONFIRMED])
    assert list(confirmed) == []


def test_the_database_itself_keeps_nothing_and_text_apart(world):
    for text, nothing in (("", False), ("文", True)):
        world.session.add(
            Entry(
                item_id=world.items["1-1"].id,
                department_id=world.department.id,
                fiscal_year=YEAR,
                kind=EntryKind.PLAN,
                text=text,
                nothing=nothing,
                created_at=world.now,
                updated_at=world.now,
            )
        )
        with pytest.raises(IntegrityError):
            world.session.flush()
        world.session.rollback()
    assert world.session.scalar(select(func.count()).select_from(EntryEvent)) == 0
