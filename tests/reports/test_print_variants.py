"""The printed report's variants: columns, editions, depths, papers, rare characters."""

import io
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from pdfua import validate

from participation.reports.print import replaced_characters, report_pdf
from participation.reports.snapshot import Snapshot
from tests.pdf.reading import page_texts, read_tree, save
from tests.reports.real_report import COLUMNS, DATA, corrected, real_snapshot
from tests.reports.small_report import small_snapshot
from tests.reports.test_print import assert_everything_in_place, squeeze

CREATED = datetime(2024, 9, 2, 3, 0, tzinfo=UTC)

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the city's data (../shared/data/isehara) are not on this machine"
)


@pytest.mark.slow
@needs_data
@pytest.mark.parametrize("count", [1, 2])
def test_a_subset_of_the_columns(count):
    snapshot = real_snapshot(columns=COLUMNS[-count:])
    tree = read_tree(report_pdf(snapshot, created=CREATED))
    assert_everything_in_place(snapshot, tree)


def test_four_columns_fit(tmp_path):
    snapshot = small_snapshot(columns=4)
    pdf = report_pdf(snapshot, paper="A4", created=CREATED)
    assert_everything_in_place(snapshot, read_tree(pdf))
    assert validate(save(pdf, tmp_path / "x.pdf")).findings == ()


def test_a_second_edition_says_so_and_why():
    first = small_snapshot()
    second = corrected(first)
    pdf = report_pdf(second, created=CREATED)
    text = squeeze(page_texts(pdf)[0])
    assert "第2版" in text
    assert squeeze(second.correction) in text
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert "第2版" in str(document.docinfo["/Title"])
    assert "版" not in squeeze(page_texts(report_pdf(first, created=CREATED))[0])


def test_the_title_of_the_file_names_the_year():
    with pikepdf.open(io.BytesIO(report_pdf(small_snapshot(), created=CREATED))) as document:
        assert "令和6年度" in str(document.docinfo["/Title"])
        assert str(document.docinfo["/Author"]) == "見本市"


def test_same_report_same_bytes_another_paper_others():
    snapshot = small_snapshot()
    one = report_pdf(snapshot, created=CREATED)
    assert report_pdf(Snapshot.from_json(snapshot.to_json()), created=CREATED) == one
    assert report_pdf(snapshot, paper="A4", created=CREATED) != one


def test_a_guideline_of_any_depth_and_without_a_legend():
    snapshot = small_snapshot(depth=7)
    bare = replace(snapshot, legend=())
    tree = read_tree(report_pdf(bare, created=CREATED))
    assert [e.role for e in tree.children if e.role[0] == "H"] == [
        "H1",
        "H2",
        "H3",
        "H4",
        "H5",
        "H6",
        "H6",
        "H6",
    ]
    assert len(tree.find("Table")) == 1


def test_an_unknown_paper_is_refused():
    with pytest.raises(ValueError, match="B5"):
        report_pdf(small_snapshot(), paper="B5", created=CREATED)


def test_names_with_rare_characters_and_replaced_ones():
    snapshot = small_snapshot(text="髙﨑𠮷氏と葛\U000e0100城氏が講演した。", department="𠮷田課")
    tree = read_tree(report_pdf(snapshot, created=CREATED))
    assert_everything_in_place(snapshot, tree)
    odd = small_snapshot(text="花火😀を上げた。")
    (glyph,) = replaced_characters(odd)
    assert (glyph.character, glyph.replacement) == ("😀", "〓")
    assert "花火〓を上げた。" in read_tree(report_pdf(odd, created=CREATED)).text


def test_importing_it_loads_nothing_heavy():
    """The web process imports the module too, and must not grow by a typesetter."""
    script = (
        "import sys, participation.reports.print\n"
        "print(sorted({'weasyprint', 'pikepdf', 'fontTools', 'pydyf', 'cffi'} & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[2]
    out = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, check=True, text=True
    )
    assert out.stdout.strip() == "[]"
