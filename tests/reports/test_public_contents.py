"""Contents, filters and pages of a report, without a database."""

from dataclasses import replace

import pytest

from participation.reports.contents import (
    Contents,
    Filter,
    blocks,
    contents_of,
    narrowed,
    pages,
    without_repeats,
)
from participation.reports.snapshot import ItemRow, SectionNode, Statement
from tests.reports.real_report import DATA, real_snapshot
from tests.reports.small_report import ONE, small_snapshot


def row(code, *cells):
    return ItemRow(
        code, f"項目{code}", "", ONE, tuple(tuple(Statement(t, "A課") for t in c) for c in cells)
    )


def test_contents_survive_being_stored():
    contents = contents_of(small_snapshot(depth=3))
    assert Contents.from_plain(contents.plain()) == contents


def test_headings_with_items_are_numbered():
    contents = contents_of(small_snapshot(depth=3))
    assert [(line.level, line.number) for line in contents.lines] == [(1, 0), (2, 0), (3, 1)]
    assert [heading.level for heading in contents.path(1)] == [1, 2, 3]
    with pytest.raises(ValueError, match="no heading"):
        contents.path(2)


@pytest.mark.skipif(not DATA.is_dir(), reason="the city's data are not on this machine")
def test_the_real_reports_contents():
    snapshot = real_snapshot()
    contents = contents_of(snapshot)
    assert [line.number for line in contents.lines if line.number] == list(range(1, 9))
    assert contents.counted(Filter()) == 63 + 126
    assert len(contents.departments()) == 22
    for wanted in (
        Filter(),
        Filter(item="1-1-1"),
        Filter(department="経営企画課"),
        Filter(column=2),
        Filter(department="経営企画課", column=1),
    ):
        found = [
            replace(block, rows=narrowed([block.rows], wanted))
            for block in blocks(snapshot, contents)
        ]
        shown = [block for block in found if block.rows]
        statements = sum(len(cell) for block in shown for item in block.rows for cell in item.cells)
        assert statements == contents.counted(wanted)
        assert [block.number for block in shown] == [
            line.number for line in contents.sections(wanted)
        ]
        if wanted.item:
            assert [item.code for block in shown for item in block.rows] == ["1-1-1"]
        if wanted.department:
            assert {
                entry.department
                for block in shown
                for item in block.rows
                for cell in item.cells
                for entry in cell
            } == {wanted.department}


def test_an_item_without_entries_is_shown_unless_a_department_is_asked_for():
    snapshot = small_snapshot()
    (section,) = snapshot.sections

    def codes(wanted):
        return [item.code for item in narrowed([section.items], wanted)]

    assert codes(Filter()) == ["1-1", "1-2", "1-3"]
    assert codes(Filter(column=0)) == ["1-1", "1-2", "1-3"]
    assert codes(Filter(department="見本課")) == ["1-1", "1-2"]
    assert codes(Filter(department="ない課")) == []


def test_headings_are_written_once_and_again_only_when_another_begins():
    def leaf(level, title):
        return SectionNode(level, "", title, (row(title, ("x",)),))

    inner = SectionNode(2, "①", "なか", (row("n", ("x",)),), (leaf(3, "い"), leaf(3, "ろ")))
    part = SectionNode(1, "１", "そと", (), (inner, leaf(2, "②")))
    snapshot = replace(small_snapshot(), sections=(part,))
    tables = list(blocks(snapshot, contents_of(snapshot)))
    found = list(without_repeats(tables))
    assert [(block.number, [h.text for h in block.headings]) for block in found] == [
        (1, ["１　そと", "①なか"]),
        (2, ["い"]),
        (3, ["ろ"]),
        (4, ["②"]),
    ]
    alone = [block for block in tables if block.number == 3]
    assert [h.text for h in next(without_repeats(alone)).headings] == ["１　そと", "①なか", "ろ"]


def test_headings_that_skip_a_level():
    part = SectionNode(1, "", "a", (), (SectionNode(3, "", "c", (row("1", ("x",)),)),))
    snapshot = replace(small_snapshot(), sections=(part,))
    (block,) = blocks(snapshot, contents_of(snapshot))
    assert [heading.level for heading in block.headings] == [1, 3]


def test_a_table_that_fits_stays_whole():
    rows = (row("1", "abc", "de"), row("2", "", ""))
    assert pages(rows, statements=10) == [rows]
    assert pages((), statements=10) == [()]


@pytest.mark.parametrize("limit", [1, 4, 7, 10, 100])
def test_pages_hold_everything_once_in_order(limit):
    rows = (
        row("1", [f"a{i}" for i in range(23)], [f"b{i}" for i in range(4)]),
        row("2", (), ()),
        row("3", ["c0"], [f"d{i}" for i in range(9)]),
    )
    found = pages(rows, statements=limit)
    for page in found:
        codes = [item.code for item in page]
        assert len(codes) == len(set(codes)), "an item twice on one page"
        size = sum(len(cell) for item in page for cell in item.cells)
        assert size <= max(limit, 2)
    for whole in rows:
        pieces = [item for page in found for item in page if item.code == whole.code]
        for column in range(2):
            together = sum((piece.cells[column] for piece in pieces), ())
            assert together == whole.cells[column]
    assert narrowed(found, Filter()) == rows


def test_years_stay_beside_each_other_on_a_page():
    found = pages(
        (row("1", [f"a{i}" for i in range(300)], [f"b{i}" for i in range(300)]),),
        statements=200,
    )
    assert [tuple(map(len, page[0].cells)) for page in found] == [(100, 100)] * 3


def test_narrowing_keeps_the_words_of_the_item():
    snapshot = small_snapshot()
    item = next(snapshot.items())
    narrowed = Filter(column=1).narrow(item)
    assert narrowed == replace(item, cells=(item.cells[1],))
