"""What a department's people do with entries, by the services, on both databases."""

from datetime import date

import pytest
from sqlalchemy import select

from participation.audit.models import AuditEvent
from participation.core.actors import system_actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.reports.models import EntryKind, EntryState
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
    assert world.texts() == ["説明会を開いた。"]


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
    assert world.acts(entry) == ["created"]


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
    assert world.acts(entry) == ["created"]


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
    assert world.texts() == ["三", "一", "二"]
    assert not move_entry(world.session, three, up=True, actor=writer, now=world.later())
    assert not move_entry(world.session, two, up=False, actor=writer, now=world.later())
    assert world.acts(three) == ["created", "moved", "moved"]


def test_moving_numbers_apart_what_stood_at_one_position(world):
    entries = [world.write(text) for text in ("一", "二", "三")]
    for entry in entries:
        entry.position = 0
    world.session.commit()
    assert move_entry(
        world.session, entries[2], up=True, actor=world.actor(world.writer), now=world.later()
    )
    world.session.commit()
    assert world.texts() == ["一", "三", "二"]


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
    assert world.texts() == []
    assert entry.text == "取り下げる文。"
    services.restore_entry(world.session, entry, actor=writer, now=world.later())
    world.session.commit()
    assert world.texts() == ["取り下げる文。"]
    assert world.acts(entry) == ["created", "withdrawn", "restored"]
    with pytest.raises(StateConflict):
        services.restore_entry(world.session, entry, actor=writer, now=world.later())
