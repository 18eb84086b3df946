"""Importing entries into the tables, on both databases."""

import pytest
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core.actors import system_actor
from participation.core.errors import InvalidInput, PermissionDenied, StateConflict
from participation.departments.models import Department
from participation.departments.queries import find_by_name
from participation.departments.services import close_department
from participation.files.services import store
from participation.reports.models import (
    Entry,
    EntryEvent,
    EntryKind,
    EntryState,
    ImportBatch,
    ImportState,
)
from participation.reports.services import entry_import as services
from participation.reports.services.import_reading import directory_for, read_file
from participation.sheets.checking import ImportRefused
from participation.sheets.write_csv import write_csv
from participation.sheets.write_xlsx import Sheet, write_xlsx
from tests.reports.world import NOW, World, make_world

HEADER = ("item_id", "fiscal_year", "kind", "department", "text", "activity_type")
NASTY = (
    "=1+1", "'=1+1", "''x", "+81", "-5", "@cmd", "＝全角", "\t=タブ", "1行目\n2行目", "a,b;c",
    '"引用"', "<script>alert(1)</script>", "{{ 7*7 }} %(x)s", "髙﨑𠮷①Ⅳ㈱～〜−－", "  前後の空白　",
    "5", "00123", "TRUE", "2024-05-01", "NULL", "該当なしの課もある。", "e\u0301", "😀", "_x0041_",
)  # fmt: skip


@pytest.fixture
def world(session) -> World:
    return make_world(session)


def csv(*rows, header=HEADER, encoding="utf-8-sig"):
    return write_csv(header, rows, encoding=encoding).data


def load(world, data, *, state=EntryState.CONFIRMED, create=False, filename="entries.csv"):
    batch = services.import_file(
        world.session,
        data,
        filename=filename,
        entry_state=state,
        create_departments=create,
        actor=system_actor("test"),
        now=world.later(),
    )
    world.session.commit()
    return batch


def entries(world):
    return list(world.session.scalars(select(Entry).order_by(Entry.id)))


def row(text, *, item="1-1", year="R5", kind="result", department="経営企画課"):
    return (item, year, kind, department, text, "")


def test_rows_become_entries_in_their_order_with_event_and_one_audit_row(world):
    before = world.session.scalar(select(func.count()).select_from(AuditEvent))
    batch = load(
        world, csv(row("一"), row("二"), row("三", item="1-2"), row("該当なし", kind="plan"))
    )
    assert (batch.state, batch.total_rows, batch.new_rows, batch.known_rows, batch.bad_rows) == (
        ImportState.STORED, 4, 4, 0, 0,
    )  # fmt: skip
    found = entries(world)
    assert [(e.text, e.position, e.nothing, e.kind) for e in found] == [
        ("一", 0, False, EntryKind.RESULT),
        ("二", 1, False, EntryKind.RESULT),
        ("三", 0, False, EntryKind.RESULT),
        ("", 0, True, EntryKind.PLAN),
    ]
    for entry in found:
        assert (entry.state, entry.version, entry.author_id) == (EntryState.CONFIRMED, 1, None)
        assert (entry.created_at, entry.updated_at) == (world.now, world.now)
        assert entry.import_batch_id == batch.id
        assert entry.fiscal_year == 2023 if entry.kind is EntryKind.RESULT else True
        event = world.session.scalars(
            select(EntryEvent).where(EntryEvent.entry_id == entry.id)
        ).one()
        assert (event.version, event.act, event.text, event.state, event.at) == (
            1, "imported", entry.text, entry.state, world.now,
        )  # fmt: skip
        assert (event.actor_id, event.actor_name) == (None, "システム（test）")
    assert world.session.scalar(select(func.count()).select_from(AuditEvent)) == before + 1
    audit = world.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert audit.action == "reports.import.stored"
    assert (audit.after["new"], audit.after["file_name"]) == (4, "entries.csv")
    assert len(audit.after["sha256"]) == 64


def test_the_same_file_again_changes_nothing(world):
    data = csv(row("一"), row("二"), row("該当なし", kind="plan"))
    load(world, data)
    before = [(e.id, e.version, e.updated_at) for e in entries(world)]
    again = load(world, data)
    assert (again.new_rows, again.known_rows) == (0, 3)
    assert [(e.id, e.version, e.updated_at) for e in entries(world)] == before


def test_rows_repeated_in_the_file_or_differing_in_width_are_known(world):
    world.old_entry("第３回会議を開催した。", kind=EntryKind.RESULT)
    batch = load(
        world, csv(row("第3回会議を開催した｡"), row("新しい"), row("新しい "), row("新 しい"))
    )
    assert (batch.new_rows, batch.known_rows) == (2, 2)
    assert [e.text for e in entries(world)] == ["第３回会議を開催した。", "新しい", "新 しい"]
    assert [e.position for e in entries(world)] == [0, 1, 2]


def test_a_withdrawn_entry_does_not_count_as_known(world):
    world.old_entry("取り下げた。", kind=EntryKind.RESULT, state=EntryState.WITHDRAWN)
    assert load(world, csv(row("取り下げた。"))).new_rows == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_nasty_texts_arrive_as_they_are_and_only_once(world, form):
    rows = [row(text) for text in NASTY]
    data = (
        csv(*rows)
        if form == "csv"
        else write_xlsx([Sheet("表", HEADER, rows)], title="", created=NOW)
    )
    assert load(world, data).new_rows == len(NASTY)
    assert [entry.text for entry in entries(world)] == list(NASTY)
    assert load(world, data).new_rows == 0


def test_control_characters_are_left_out(world):
    load(world, csv(row("あ\x07い\x1bう\ufffeえ")))
    assert entries(world)[0].text == "あいうえ"


@pytest.mark.parametrize(("first", "second"), [("該当なし", "行った。"), ("行った。", "該当なし")])
def test_nothing_and_something_in_one_place_contradict_each_other(world, first, second):
    with pytest.raises(ImportRefused) as refused:
        load(world, csv(row(first), row(second)))
    assert "該当なし" in refused.value.problems[0].reason
    world.session.rollback()
    assert entries(world) == []
    load(world, csv(row(first)))
    with pytest.raises(ImportRefused):
        load(world, csv(row(second)))
    world.session.rollback()
    assert len(entries(world)) == 1


def test_one_bad_row_and_nothing_is_stored(world):
    with pytest.raises(ImportRefused) as refused:
        load(world, csv(row("よい"), row("番号が違う", item="9-9"), row("")))
    assert [problem.row for problem in refused.value.problems] == [3, 4]
    world.session.rollback()
    assert entries(world) == []
    assert world.session.scalar(select(func.count()).select_from(ImportBatch)) == 0


def test_unknown_departments_are_listed_or_made(world):
    data = csv(
        row("あ", department="環境対策課", year="R4"),
        row("い", department="職員課"),
        row("う", department="環境対策課"),
    )
    with pytest.raises(ImportRefused, match="環境対策課、職員課"):
        load(world, data)
    world.session.rollback()
    assert load(world, data, create=True).new_rows == 3
    (made,) = find_by_name(world.session, "環境対策課")
    assert made.periods[0].valid_from.isoformat() == "2022-04-01"
    assert world.session.scalar(select(func.count()).select_from(Department)) == 4


def test_a_department_is_found_by_the_name_of_the_year(world):
    from datetime import date

    from participation.departments.services import rename_department

    rename_department(
        world.session, world.department, name="企画課", division="", valid_from=date(2023, 10, 1),
        actor=system_actor("test"), now=NOW,
    )  # fmt: skip
    world.session.commit()
    batch = load(
        world,
        csv(
            row("旧い名で旧い年", department="経営企画課", year="R4"),
            row("新しい名で新しい年", department="企画課", year="R5"),
            row("年度の途中までの名", department="経営企画課", year="R5"),
            row("まだない名", department="企画課", year="R3"),
        ),
    )
    assert batch.new_rows == 4
    assert {entry.department_id for entry in entries(world)} == {world.department.id}


def test_a_closed_department_gets_no_new_entries_but_keeps_its_old(world):
    from datetime import date

    world.old_entry("まだある予定。", kind=EntryKind.PLAN, year=2024)
    close_department(
        world.session, world.department, last_day=date(2024, 3, 31),
        actor=system_actor("test"), now=NOW,
    )  # fmt: skip
    world.session.commit()
    batch = load(
        world, csv(row("まだある予定。", year="R6", kind="plan"), row("最後の年", year="R5"))
    )
    assert (batch.new_rows, batch.known_rows) == (1, 1)
    with pytest.raises(ImportRefused) as refused:
        load(world, csv(row("なくなった後", year="R6")))
    assert "令和5年度で終わっています" in refused.value.problems[0].reason


# --- in the browser's two steps ---


def begin(world, user, data, *, department=None, state=EntryState.DRAFT):
    actor = world.actor(user)
    stored = store(
        world.session, data, name="表.csv", media_type="text/csv", actor=actor, now=world.later()
    )
    batch, job = services.open_batch(
        world.session,
        stored,
        department_id=department.id if department else None,
        entry_state=state,
        actor=actor,
        now=world.now,
    )
    world.session.commit()
    return batch, job


def preview(world, batch, data):
    directory = directory_for(world.session, batch.department_id, now=world.now)
    reading = read_file(data, filename="表.csv", directory=directory)
    services.show(world.session, batch, services.examine(world.session, reading, now=world.now))
    world.session.commit()


def finish(world, batch, data, user):
    directory = directory_for(world.session, batch.department_id, now=world.now)
    reading = read_file(data, filename="表.csv", directory=directory)
    done = services.store_batch(
        world.session, batch, reading, sha256="0" * 64, actor=world.actor(user), now=world.later()
    )
    world.session.commit()
    return done


def test_a_contributor_imports_drafts_for_the_open_round(world):
    data = csv(row("実績"), row("予定", year="R6", kind="plan"))
    batch, _ = begin(world, world.writer, data, department=world.department)
    preview(world, batch, data)
    assert (batch.state, batch.new_rows) == (ImportState.READY, 2)
    assert batch.sample[0] == {
        "row": 2,
        "item": "1-1",
        "department": "経営企画課",
        "column": "令和5年度の取り組み実績",
        "text": "実績",
    }
    assert entries(world) == []
    services.request_storing(world.session, batch, actor=world.actor(world.writer), now=world.now)
    assert finish(world, batch, data, world.writer)
    found = entries(world)
    assert {entry.state for entry in found} == {EntryState.DRAFT}
    events = world.session.scalars(select(EntryEvent)).all()
    assert {event.actor_id for event in events} == {world.writer.id}


def test_a_contributor_cannot_reach_further(world):
    data = csv(
        row("ほかの課", department="青少年課"),
        row("ほかの年度", year="R4"),
        row("ほかの年度の予定", kind="plan"),
    )
    batch, _ = begin(world, world.writer, data, department=world.department)
    preview(world, batch, data)
    assert (batch.state, batch.bad_rows) == (ImportState.REFUSED, 3)
    assert [problem["row"] for problem in batch.problems] == [2, 3, 4]
    with pytest.raises(StateConflict):
        services.request_storing(
            world.session, batch, actor=world.actor(world.writer), now=world.now
        )


@pytest.mark.parametrize("department", ["other", None])
def test_a_contributor_cannot_open_a_batch_for_others(world, department):
    with pytest.raises(PermissionDenied):
        begin(world, world.writer, csv(row("x")), department=department and world.other)


def test_a_contributor_cannot_import_confirmed_entries(world):
    with pytest.raises(PermissionDenied):
        begin(
            world, world.writer, csv(row("x")), department=world.department,
            state=EntryState.CONFIRMED,
        )  # fmt: skip


def test_no_other_state_can_be_imported_into(world):
    with pytest.raises(InvalidInput):
        begin(world, world.coordinator, csv(row("x")), state=EntryState.APPROVED)


def test_the_round_closed_between_preview_and_yes_refuses_all(world):
    from participation.reports.services.rounds import close_round

    data = csv(row("実績"), row("予定", year="R6", kind="plan"))
    batch, _ = begin(world, world.writer, data, department=world.department)
    preview(world, batch, data)
    close_round(world.session, world.round, actor=system_actor("test"), now=world.now)
    world.session.commit()
    assert not finish(world, batch, data, world.writer)
    assert (batch.state, batch.bad_rows) == (ImportState.REFUSED, 2)
    assert entries(world) == []


def test_what_was_entered_meanwhile_is_not_doubled(world):
    data = csv(row("同じ内容"), row("別の内容"))
    batch, _ = begin(world, world.coordinator, data, state=EntryState.CONFIRMED)
    preview(world, batch, data)
    assert batch.new_rows == 2
    world.write("同じ内容")
    assert finish(world, batch, data, world.coordinator)
    assert (batch.new_rows, batch.known_rows) == (1, 1)
    assert [entry.text for entry in entries(world)] == ["同じ内容", "別の内容"]


def test_a_batch_is_stored_once_however_often_it_is_asked(world):
    data = csv(row("一度だけ"))
    batch, _ = begin(world, world.coordinator, data)
    preview(world, batch, data)
    actor = world.actor(world.coordinator)
    services.request_storing(world.session, batch, actor=actor, now=world.now)
    with pytest.raises(StateConflict):
        services.request_storing(world.session, batch, actor=actor, now=world.now)
    world.session.rollback()
    assert finish(world, batch, data, world.coordinator)
    assert finish(world, batch, data, world.coordinator)
    assert len(entries(world)) == 1
    with pytest.raises(StateConflict):
        services.discard_batch(world.session, batch, actor=actor, now=world.now)


def test_a_discarded_batch_stays_so(world):
    data = csv(row("x"))
    batch, _ = begin(world, world.coordinator, data)
    services.discard_batch(
        world.session, batch, actor=world.actor(world.coordinator), now=world.now
    )
    preview(world, batch, data)
    assert batch.state is ImportState.DISCARDED
    assert not finish(world, batch, data, world.coordinator)
    assert entries(world) == []
