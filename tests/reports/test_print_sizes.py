"""Long cells, long statements and many pages: not a line is lost, wherever a page ends."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest

from participation.reports.print import printed_item, report_pdf
from participation.reports.snapshot import CategoryRow, ItemRow, SectionNode, Statement
from tests.pdf.reading import grid, page_texts, read_tree
from tests.reports.small_report import ONE, TWO, small_snapshot
from tests.reports.test_print import assert_everything_in_place, squeeze

CREATED = datetime(2024, 9, 2, 3, 0, tzinfo=UTC)
SENTENCE = "市民提案型協働事業として、市民団体とともに催しを開いた。"

pytestmark = pytest.mark.slow


def assert_nothing_lost(snapshot, *, paper="A4"):
    pdf = report_pdf(snapshot, paper=paper, created=CREATED)
    tree = read_tree(pdf)
    assert_everything_in_place(snapshot, tree)
    with pypdfium2.PdfDocument(pdf) as document:
        width, height = document[0].get_size()
    assert all(0 < box.left < box.right < width for box in tree.boxes)
    assert all(0 < box.bottom < box.top < height for box in tree.boxes)
    return pdf


def test_a_cell_of_1300_statements():
    snapshot = small_snapshot(entries=1_300, columns=2, text=SENTENCE, categories=ONE)
    pdf = assert_nothing_lost(snapshot)
    texts = [squeeze(text) for text in page_texts(pdf)]
    assert len(texts) > 60
    assert all("令和6年度の取り組み予定" in text for text in texts)


@pytest.mark.parametrize("categories", [ONE, TWO, (*TWO, CategoryRow("Ⅳ", "検討する。" * 20))])
@pytest.mark.parametrize("entries", [3, 10, 60])
def test_items_with_several_categories_are_cut_without_loss(entries, categories):
    snapshot = small_snapshot(entries=entries, text=SENTENCE, categories=categories)
    assert_nothing_lost(snapshot)


def test_one_statement_longer_than_two_pages():
    for categories in (ONE, TWO):
        assert_nothing_lost(small_snapshot(text=SENTENCE * 150, categories=categories))


def test_other_cells_longer_than_a_page():
    long = "指針に記載された内容はこのとおりである。" * 40
    for categories in ((CategoryRow("Ⅱ", long),), (CategoryRow("Ⅱ", long), *ONE), TWO):
        item = ItemRow("1", long[:500], long, categories, ((Statement("文", "課"),), (), ()))
        plain = small_snapshot()
        node = SectionNode(1, "１", "節", (item, *plain.sections[0].items))
        assert_nothing_lost(replace(plain, sections=(node,)))


def test_lines_within_a_statement_are_kept():
    snapshot = small_snapshot(text="一行目\n二行目\n\n四行目")
    (page,) = page_texts(assert_nothing_lost(snapshot))
    assert "一行目" in page.split("\r\n")[9:][0] or "一行目\r\n" in page


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_reports_of_any_shape(seed):
    """Rows of all heights, so that pages end in every kind of place."""
    dice = random.Random(seed)
    columns = dice.randint(1, 4)

    def text(most):
        return SENTENCE[: dice.randint(1, 28)] * dice.choice([1, 1, 1, 2, 3, most])

    def item(number):
        return ItemRow(
            str(number),
            text(3),
            text(8),
            tuple(
                CategoryRow(code, text(6)) for code in "ⅠⅡⅢⅣⅤ"[: dice.choice([1, 1, 1, 2, 2, 3, 5])]
            ),
            tuple(
                tuple(
                    Statement(text(40), dice.choice(["市民協働課", "課" * 30]))
                    for _ in range(dice.choice([0, 0, 1, 2, 4, 9, 25]))
                )
                for _ in range(columns)
            ),
        )

    def node(level):
        items = tuple(item(n) for n in range(dice.choice([0, 1, 3, 6])))
        below = dice.choice([0, 1, 2]) if level < 3 else 0
        return SectionNode(level, "◎", text(2), items, tuple(node(level + 1) for _ in range(below)))

    plain = small_snapshot(columns=columns)
    snapshot = replace(plain, sections=tuple(node(1) for _ in range(4)))
    assert_nothing_lost(snapshot, paper=dice.choice(["A3", "A4"]))


def test_short_rows_are_moved_whole_and_long_ones_cut():
    short, long = (
        printed_item(small_snapshot(entries=n, text=SENTENCE).sections[0].items[0], key="x")
        for n in (2, 40)
    )
    assert short.whole
    assert [len(line.years) for line in short.lines] == [3, 0]
    assert not long.whole
    assert [line.years[0].continues for line in long.lines] == [False, True]
    pieces = [line.years[0].statements for line in long.lines]
    assert len(pieces[0]) >= 1
    assert len(pieces[0]) + len(pieces[1]) == 40


def test_pieces_of_a_long_item_are_one_cell_to_a_screen_reader():
    snapshot = small_snapshot(entries=60, text=SENTENCE)
    table = read_tree(report_pdf(snapshot, paper="A4", created=CREATED)).find("Table")[0]
    first, second = grid(table)[1:3]
    assert [cell.attributes.get("RowSpan") for cell in first] == [2, 2, None, None, 2, 2, 2]
    assert all(first[column] is second[column] for column in (0, 1, 4, 5, 6))
    assert len(first[4].children) == 60


def test_time_grows_with_the_entries():
    """No promise of a figure here (tests/bench has that): only that it isn't quadratic."""
    import time

    def seconds(entries):
        snapshot = small_snapshot(entries=entries, columns=1, text=SENTENCE, categories=ONE)
        started = time.process_time()
        report_pdf(snapshot, created=CREATED)
        return time.process_time() - started

    seconds(1)  # imports
    assert seconds(800) < 8 * 2.5 * seconds(100)


def test_a_heading_wherever_the_page_ends_keeps_its_table_with_it():
    """Pushed down line by line over a page's end, three headings never part from the first row."""
    plain = small_snapshot()
    below = SectionNode(2, "①", "款", (), (SectionNode(3, "◎", "項", plain.sections[0].items),))
    ends = set()
    for filler in range(20, 32):
        lines = Statement("\n".join("行" * filler), "課")
        item = ItemRow("1", "名", "", ONE, ((lines,), (), ()))
        sections = (SectionNode(1, "１", "前", (item,)), SectionNode(1, "２", "節", (), (below,)))
        snapshot = replace(plain, sections=sections)
        tree = read_tree(report_pdf(snapshot, paper="A4", created=CREATED))
        table = tree.find("Table")[1]
        first = {box.page for box in table.find("TBody")[0].boxes}
        heads = {
            box.page
            for heading in tree.children
            if squeeze(heading.text) in {"２節", "①款", "◎項"}
            for box in heading.boxes
        }
        assert len(heads) == 1
        assert heads == {min(first)}
        ends |= heads
    assert ends == {0, 1}, "no page ended near a heading: the test looked at nothing"
