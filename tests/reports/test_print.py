"""The printed report: everything in its place, on both papers."""

import io
import re
from datetime import UTC, datetime
from itertools import pairwise

import pikepdf
import pypdfium2
import pytest
from pdfua import validate

from participation.reports.print import (
    expected_pages,
    headings,
    replaced_characters,
    report_pdf,
)
from participation.reports.snapshot import Snapshot
from tests.pdf.reading import Element, grid, page_texts, read_tree, save, used_glyphs
from tests.reports.real_report import DATA, real_snapshot

CREATED = datetime(2024, 9, 2, 3, 0, tzinfo=UTC)
MILLIMETRE = 72 / 25.4


def squeeze(text: str) -> str:
    """Without blanks: the end of a line and the gap after ● are read as blanks."""
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module", params=["A3", "A4"])
def printed(request):
    """The real report with its snapshot, PDF and structure tree, once for each paper."""
    if not DATA.is_dir():
        pytest.skip("the city's data (../shared/data/isehara) are not on this machine")
    snapshot = real_snapshot()
    pdf = report_pdf(snapshot, paper=request.param, created=CREATED)
    return request.param, snapshot, pdf, read_tree(pdf)


def report_tables(tree: Element) -> list[Element]:
    """All tables but the legend."""
    return tree.find("Table")[:-1]


def assert_everything_in_place(snapshot: Snapshot, tree: Element) -> None:
    """Each item has its row, and each statement is a paragraph in its item's row and column."""
    nodes = [node for node in snapshot.nodes() if node.items]
    tables = report_tables(tree)
    assert len(tables) == len(nodes)
    for node, table in zip(nodes, tables, strict=True):
        header, *rows = grid(table)
        assert [squeeze(cell.text) for cell in header] == [
            squeeze(text) for text in (*snapshot.headers, *(c.label for c in snapshot.columns))
        ]
        expected = [(item, category) for item in node.items for category in item.categories]
        assert len(rows) == len(expected)
        for row, (item, category) in zip(rows, expected, strict=True):
            name, guideline, code, policy, *years = row
            assert squeeze(name.text) == squeeze(f"○{item.name}")
            assert squeeze(guideline.text) == squeeze(item.guideline_text)
            assert (squeeze(code.text), squeeze(policy.text)) == (
                squeeze(category.code),
                squeeze(category.policy),
            )
            for cell, statements in zip(years, item.cells, strict=True):
                paragraphs = [squeeze(child.text) for child in cell.children]
                assert paragraphs == [
                    squeeze(f"●{entry.text}（{entry.department}）") for entry in statements
                ]


@pytest.mark.slow
def test_each_statement_stands_under_its_item_and_in_its_column(printed):
    _, snapshot, _, tree = printed
    assert sum(len(cell) for item in snapshot.items() for cell in item.cells) == 63 + 126
    assert_everything_in_place(snapshot, tree)


@pytest.mark.slow
def test_all_items_are_printed_and_those_without_entries_are_empty(printed):
    _, _, _, tree = printed
    rows = [row for table in report_tables(tree) for row in grid(table)[1:]]
    items = {id(row[0]): row for row in rows}
    assert len(items) == 33
    assert sum(not any(cell.text for cell in row[4:]) for row in items.values()) == 10


@pytest.mark.slow
def test_a_person_reading_the_pages_finds_every_statement(printed):
    _, snapshot, pdf, _ = printed
    text = squeeze("".join(page_texts(pdf)))
    for item in snapshot.items():
        for cell in item.cells:
            for entry in cell:
                # Columns stand side by side and a page may end anywhere, so look for the parts
                # that fit on one line of the narrowest paper.
                assert squeeze(entry.text)[:12] in text
                assert f"（{entry.department}）" in text


def test_columns_do_not_run_into_each_other(printed):
    _, _, pdf, tree = printed
    with pypdfium2.PdfDocument(pdf) as document:
        width, height = document[0].get_size()
    for table in report_tables(tree):
        rows = grid(table)
        columns = [
            [box for cell in cells for box in cell.boxes] for cells in zip(*rows, strict=True)
        ]
        edges = [(min(b.left for b in c), max(b.right for b in c)) for c in columns if c]
        for (_, right), (left, _) in pairwise(edges):
            assert right < left
        assert edges[-1][1] < width
        assert all(0 < box.bottom < box.top < height for column in columns for box in column)


def test_items_stand_one_below_the_other(printed):
    """Text of an item is never beside or above text of the item before it."""
    _, _, _, tree = printed
    for table in report_tables(tree):
        above = None
        bodies = table.find("TBody")
        for body in bodies:
            first = min(body.boxes, key=lambda box: (box.page, -box.top))
            if above:
                assert (first.page, -first.top) > (above.page, -above.bottom)
            above = max(body.boxes, key=lambda box: (box.page, -box.bottom))


def test_the_three_year_columns_take_most_of_the_width(printed):
    paper, _, _, tree = printed
    header = grid(report_tables(tree)[0])[0]
    centres = [(cell.boxes[0].left + cell.boxes[0].right) / 2 for cell in header[4:]]
    step = centres[1] - centres[0]
    printed_width = (392 if paper == "A3" else 277) * MILLIMETRE
    assert 0.58 < 3 * step / printed_width < 0.7


def test_the_header_row_is_drawn_on_each_page_of_a_table(printed):
    _, snapshot, pdf, tree = printed
    texts = [squeeze(text) for text in page_texts(pdf)]
    pages_with_tables = {box.page for table in report_tables(tree) for box in table.boxes}
    assert pages_with_tables == set(range(len(texts)))
    for text in texts:
        for label in (*snapshot.headers, *(column.label for column in snapshot.columns)):
            assert label in text


def test_headings_never_stand_alone_at_the_foot_of_a_page(printed):
    _, _, _, tree = printed
    for heading, below in pairwise(tree.children):
        if heading.role.startswith("H") and heading.boxes:
            first = below.boxes
            if below.role == "Table":
                first = below.find("TBody")[0].boxes  # the header row alone would not do
            assert heading.boxes[-1].page == first[0].page, heading.text


def test_statements_are_not_cut_by_the_end_of_a_page(printed):
    _, _, _, tree = printed
    for table in report_tables(tree):
        for cell in table.find("TD"):
            for paragraph in cell.children:
                assert len({box.page for box in paragraph.boxes}) == 1, paragraph.text


def test_short_items_are_not_cut_by_the_end_of_a_page(printed):
    _, snapshot, _, tree = printed
    bodies = [body for table in report_tables(tree) for body in table.find("TBody")]
    items = [item for heading in headings(snapshot) for item in heading.items]
    cut = 0
    for body, item in zip(bodies, items, strict=True):
        pages = {box.page for box in body.boxes}
        assert len(pages) == 1 or not item.whole, item.row.name
        cut += len(pages) > 1
    assert 0 < cut <= 3


def test_paper_and_margins(printed):
    paper, _, pdf, tree = printed
    wide, high = (420, 297) if paper == "A3" else (297, 210)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            assert [round(float(side) / MILLIMETRE) for side in page.MediaBox] == [0, 0, wide, high]
    assert min(box.left for box in tree.boxes) > 9 * MILLIMETRE


def test_type_can_be_read(printed):
    paper, _, pdf, _ = printed
    with pypdfium2.PdfDocument(pdf) as document:
        text = document[1].get_textpage()
        boxes = [
            text.get_charbox(index, loose=True)
            for index, sign in enumerate(text.get_text_range())
            if sign == "市"
        ]
    widths = sorted(right - left for left, _, right, _ in boxes)  # an em: the size of the type
    assert widths[len(widths) // 2] == pytest.approx(9.75 if paper == "A3" else 7.5, abs=0.1)


def test_pages_are_numbered_and_carry_the_title_from_the_second_on(printed):
    _, snapshot, pdf, _ = printed
    texts = [squeeze(text) for text in page_texts(pdf)]
    for number, text in enumerate(texts, start=1):
        assert f"{number}/{len(texts)}" in text
        assert text.count(squeeze(snapshot.title)) == 1


def test_running_titles_and_repeated_headers_are_not_read_aloud(printed):
    _, snapshot, _, tree = printed
    assert squeeze(tree.text).count(squeeze(snapshot.title)) == 1
    assert squeeze(tree.text).count(snapshot.columns[0].label) == 8


def test_the_headings_nest_and_are_bookmarks(printed):
    _, snapshot, pdf, tree = printed
    heads = [(e.role, squeeze(e.text)) for e in tree.children if e.role.startswith("H")]
    assert heads == [
        ("H1", squeeze(snapshot.title)),
        *((f"H{node.level + 1}", squeeze(node.heading)) for node in snapshot.nodes()),
    ]
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_outline() as outline:

        def walk(entries, depth):
            for entry in entries:
                yield f"H{depth}", squeeze(entry.title)
                yield from walk(entry.children, depth + 1)

        bookmarks = list(walk(outline.root, 1))
    assert bookmarks[: len(heads)] == heads
    assert [title for _, title in bookmarks[len(heads) :]] == [
        squeeze(f"●参考「{snapshot.legend_title}」")
    ]


def test_the_legend_ends_the_report(printed):
    _, snapshot, _, tree = printed
    legend = tree.find("Table")[-1]
    header, *rows = grid(legend)
    assert [cell.attributes["Scope"] for cell in header] == ["/Column", "/Column"]
    assert [(squeeze(a.text), squeeze(b.text)) for a, b in rows] == [
        (line.code, line.label) for line in snapshot.legend
    ]
    assert all(a.attributes["Scope"] == "/Row" for a, _ in rows)
    assert len({box.page for box in legend.boxes}) == 1


def test_header_cells_say_what_they_are_headers_for(printed):
    _, _, _, tree = printed
    for table in report_tables(tree):
        header, *rows = grid(table)
        assert {(cell.role, cell.attributes["Scope"]) for cell in header} == {("TH", "/Column")}
        assert {(row[0].role, row[0].attributes["Scope"]) for row in rows} == {("TH", "/Row")}
        assert all(cell.role == "TD" for row in rows for cell in row[1:])


def test_the_checker_finds_nothing(printed, tmp_path):
    _, _, pdf, _ = printed
    report = validate(save(pdf, tmp_path / "report.pdf"))
    assert report.findings == ()
    assert [o.rule_id for o in report.outcomes if o.skipped_reason] == []
    assert len(report.outcomes) == 12  # which cover 16 rules of the standard


def test_no_glyph_is_missing_and_nothing_had_to_be_replaced(printed):
    _, snapshot, pdf, _ = printed
    assert all(0 < glyph < 65_535 for used in used_glyphs(pdf).values() for glyph in used)
    assert replaced_characters(snapshot) == ()


def test_the_guess_of_pages_is_near(printed):
    _, snapshot, pdf, _ = printed
    with pypdfium2.PdfDocument(pdf) as document:
        assert abs(len(document) - expected_pages(snapshot)) <= 2
