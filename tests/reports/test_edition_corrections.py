"""The table of corrections between two snapshots."""

from dataclasses import replace

from participation.reports.corrections import corrections
from participation.reports.snapshot import Column, Statement
from tests.reports.small_report import small_snapshot


def with_cell(snapshot, statements, *, item=0, column=0):
    """The snapshot with other statements in one cell."""
    (section,) = snapshot.sections
    rows = list(section.items)
    cells = list(rows[item].cells)
    cells[column] = tuple(statements)
    rows[item] = replace(rows[item], cells=tuple(cells))
    return replace(snapshot, sections=(replace(section, items=tuple(rows)),))


def lines(before, after):
    return [
        (line.item, line.column, line.department, line.before, line.after)
        for line in corrections(before, after)
    ]


BASE = small_snapshot()
LABEL = "令和4年度の取り組み実績"
ONE = Statement("審議会を3回開催した。", "市民協働課")
TWO = Statement("広報紙に記事を載せた。", "広報戦略課")


def test_equal_reports_have_no_corrections():
    assert corrections(BASE, BASE) == []
    assert corrections(BASE, replace(BASE, number=2, correction="理由")) == []


def test_a_changed_text_stands_beside_what_it_was():
    changed = Statement("審議会を4回開催した。", "市民協働課")
    assert lines(with_cell(BASE, [ONE, TWO]), with_cell(BASE, [changed, TWO])) == [
        ("市民会議", LABEL, "市民協働課", ONE.text, changed.text)
    ]


def test_added_and_removed():
    assert lines(with_cell(BASE, [ONE]), with_cell(BASE, [ONE, TWO])) == [
        ("市民会議", LABEL, "広報戦略課", "", TWO.text)
    ]
    assert lines(with_cell(BASE, [ONE, TWO]), with_cell(BASE, [TWO])) == [
        ("市民会議", LABEL, "市民協働課", ONE.text, "")
    ]


def test_texts_that_have_nothing_in_common_are_not_put_together():
    found = lines(with_cell(BASE, [ONE, TWO]), with_cell(BASE, [Statement("xyz", "別の課"), TWO]))
    assert found == [
        ("市民会議", LABEL, "市民協働課", ONE.text, ""),
        ("市民会議", LABEL, "別の課", "", "xyz"),
    ]


def test_of_several_the_likest_are_put_together():
    old = [Statement(f"第{n}回の会議を開催した。", "A課") for n in (1, 2, 3)]
    new = [old[0], Statement("第2回の会議を中止した。", "A課"), old[2]]
    assert lines(with_cell(BASE, old), with_cell(BASE, new)) == [
        ("市民会議", LABEL, "A課", old[1].text, new[1].text)
    ]


def test_a_department_that_was_wrong():
    assert lines(with_cell(BASE, [ONE]), with_cell(BASE, [replace(ONE, department="職員課")])) == [
        ("市民会議", LABEL, "市民協働課 → 職員課", ONE.text, ONE.text)
    ]


def test_doubled_statements_are_counted():
    assert lines(with_cell(BASE, [ONE, ONE]), with_cell(BASE, [ONE])) == [
        ("市民会議", LABEL, "市民協働課", ONE.text, "")
    ]


def test_an_order_that_changed_is_one_line():
    ((_, _, _, before, after),) = lines(with_cell(BASE, [ONE, TWO]), with_cell(BASE, [TWO, ONE]))
    assert before == after == "（並び順の変更）"


def test_words_of_the_guideline():
    (section,) = BASE.sections
    items = (
        replace(section.items[0], name="市民の会議", guideline_text="新しい文"),
        *section.items[1:],
    )
    after = replace(BASE, sections=(replace(section, items=items),), title="新しい表題")
    assert [(line.column, line.before, line.after) for line in corrections(BASE, after)] == [
        ("表題", BASE.title, "新しい表題"),
        ("基本的な取り組み", "市民会議", "市民の会議"),
        ("「指針の記載内容」", section.items[0].guideline_text, "新しい文"),
    ]


def test_an_item_more_and_an_item_less():
    (section,) = BASE.sections
    fewer = replace(BASE, sections=(replace(section, items=section.items[1:]),))
    assert lines(BASE, fewer) == [("市民会議", "基本的な取り組み", "", "市民会議", "")]
    added = lines(fewer, BASE)
    assert added[0] == ("市民会議", "基本的な取り組み", "", "", "市民会議")
    assert len(added) == 1 + 2 * 3


def test_other_columns_are_one_line_and_their_statements_none():
    other = small_snapshot(columns=2)
    found = corrections(BASE, other)
    assert [line.column for line in found][:1] == ["欄の構成"]
    wide = replace(BASE, columns=(*BASE.columns[:2], Column("plan", 2030, "ずっと先の予定")))
    assert [line.column for line in corrections(BASE, wide)] == ["欄の構成"]


def test_a_large_rewritten_cell_takes_no_time():
    old = [Statement(f"旧い文その{n}" * 20, "A課") for n in range(500)]
    new = [Statement(f"新しい文その{n}" * 20, "A課") for n in range(500)]
    assert len(corrections(with_cell(BASE, old), with_cell(BASE, new))) == 1000
