"""What stands in an edition: the confirmed entries in their places, in any columns."""

from dataclasses import replace
from datetime import date

import pytest

from participation.core.errors import InvalidInput
from participation.departments.services import rename_department
from participation.reports.contents import contents_of
from participation.reports.models import (
    EntryKind,
    EntryState,
)
from participation.reports.queries import report
from participation.reports.queries.report import LiveReport, build_snapshot, default_columns
from participation.reports.services import editions as services
from tests.reports.built import ACTOR, drafted
from tests.reports.world import NOW, YEAR

RESULT, PLAN = EntryKind.RESULT, EntryKind.PLAN


def texts(snapshot):
    return {
        (item.code, column.kind, column.fiscal_year): [
            (entry.text, entry.department) for entry in cell
        ]
        for item in snapshot.items()
        for column, cell in zip(snapshot.columns, item.cells, strict=True)
        if cell
    }


def test_a_snapshot_has_the_confirmed_entries_in_their_places(world):
    snapshot = build_snapshot(world.session, YEAR, default_columns(YEAR), now=NOW)
    assert texts(snapshot) == {
        ("1-1", "result", 2022): [("前々年度の実績。", "経営企画課")],
        ("1-1", "result", 2023): [("前年度の実績。", "経営企画課")],
        ("1-1", "plan", 2024): [("今年度の予定。", "経営企画課")],
        ("2-1", "result", 2023): [("青少年課の実績。", "青少年課")],
    }
    assert [item.code for item in snapshot.items()] == ["1-1", "1-2", "1-3", "2-1"]
    assert [column.label for column in snapshot.columns] == [
        "令和4年度の取り組み実績",
        "令和5年度の取り組み実績",
        "令和6年度の取り組み予定",
    ]
    assert [node.level for node in snapshot.nodes()] == [1, 2, 3, 3, 2, 1]


@pytest.mark.parametrize(
    "state", [state for state in EntryState if state is not EntryState.CONFIRMED]
)
def test_what_is_not_confirmed_is_left_out_and_counted(world, state):
    world.old_entry("まだ。", kind=RESULT, state=state)
    columns = default_columns(YEAR)
    snapshot = build_snapshot(world.session, YEAR, columns, now=NOW)
    assert "まだ。" not in snapshot.to_json()
    expected = {} if state is EntryState.WITHDRAWN else {state: 1}
    assert report.waiting_entries(world.session, columns) == expected


def test_nothing_is_printed_for_an_explicit_nothing(world):
    world.old_entry("", code="1-2", kind=RESULT)
    snapshot = build_snapshot(world.session, YEAR, default_columns(YEAR), now=NOW)
    assert ("1-2", "result", 2023) not in texts(snapshot)


@pytest.mark.parametrize("columns", [[(PLAN, 2024)], [(PLAN, 2024), (RESULT, 2022)]])
def test_any_columns_in_any_order(world, columns):
    snapshot = build_snapshot(world.session, YEAR, columns, now=NOW)
    assert [(c.kind, c.fiscal_year) for c in snapshot.columns] == [
        (kind.value, year) for kind, year in columns
    ]
    assert texts(snapshot)["1-1", "plan", 2024] == [("今年度の予定。", "経営企画課")]
    assert ("2-1", "result", 2023) not in texts(snapshot)


def test_each_year_has_the_departments_name_of_its_last_day(world):
    rename_department(
        world.session,
        world.department,
        name="企画戦略課",
        division="",
        valid_from=date(2023, 4, 1),
        actor=ACTOR,
        now=NOW,
    )
    snapshot = build_snapshot(world.session, YEAR, default_columns(YEAR), now=NOW)
    assert [names[0][1] for names in list(texts(snapshot).values())[:3]] == [
        "経営企画課",
        "企画戦略課",
        "企画戦略課",
    ]


def test_the_counts_of_the_database_are_those_of_the_snapshot(world):
    world.old_entry("もう一つ。", kind=RESULT)
    world.old_entry("", code="1-2", kind=PLAN, year=YEAR)
    columns = default_columns(YEAR)
    snapshot = build_snapshot(world.session, YEAR, columns, now=NOW)
    live = LiveReport(world.session, YEAR, columns, now=NOW)
    assert live.contents() == contents_of(snapshot)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_rows_of_a_heading_are_the_same_as_in_the_whole(world, number):
    columns = default_columns(YEAR)
    whole = build_snapshot(world.session, YEAR, columns, now=NOW)
    nodes = [node for node in whole.nodes() if node.items]
    live = LiveReport(world.session, YEAR, columns, now=NOW)
    assert live.rows(number) == nodes[number - 1].items
    assert live.frame() == replace(whole, sections=())


def test_the_columns_and_paper_are_checked(world):
    for columns in ([], [(PLAN, 2024)] * 2, [(RESULT, year) for year in range(2019, 2024)]):
        with pytest.raises(InvalidInput):
            drafted(world.session, now=NOW, columns=columns)
    with pytest.raises(InvalidInput):
        services.draft_edition(
            world.session,
            fiscal_year=YEAR,
            columns=[(PLAN, YEAR)],
            paper="B5",
            actor=ACTOR,
            now=NOW,
        )
