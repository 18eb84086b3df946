"""「該当なし」, copying plans, submitting, successors: answers on their way to approval."""

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
from tests.factories import make_department
from tests.reports.world import YEAR, World, make_world

HOSTILE = "<script>alert(1)</script> ' \" & {{ 7*7 }} %(x)s =1+1 ﷺ 髙﨑𠮷 ①Ⅳ㈱～〜"


@pytest.fixture
def world(session) -> World:
    return make_world(session)


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
    assert world.texts() == ["一度やめた文。"]


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
    assert world.acts(copy) == ["copied"]
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
