"""A result as files: a PDF that can be read aloud, spreadsheets that calculate nothing."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest

from participation.campaigns.result_export import ANSWERS, result_csv, result_xlsx
from participation.campaigns.result_print import replaced_characters, result_pdf
from participation.campaigns.result_snapshot import Change, PublicText, Tally
from participation.pdf import renderer
from participation.pdf.fonts import printable
from participation.sheets.read import read_table
from tests.campaigns.result_snapshots import make_answer, make_frame, make_snapshot
from tests.pdf.reading import grid, page_texts, read_tree
from tests.reports.test_print import squeeze
from tests.reports.test_print_hostile import CORPUS

CREATED = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "\t=1", '=HYPERLINK("http://x","y")')


def test_the_document_is_tagged_titled_and_has_bookmarks():
    pdf = result_pdf(make_snapshot(), created=CREATED)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.Root.Lang == "ja"
        title = str(document.docinfo.Title)
        assert title == "自転車等駐車場整備計画（案）に関するパブリックコメントの結果"
        with document.open_outline() as outline:
            chapters = [item.title for item in outline.root[0].children]
    assert chapters == [
        "1　結果",
        "2　意見募集の概要",
        "3　意見の提出状況",
        "4　意見の要旨と市の考え方",
        "5　案の修正",
        "6　問合せ先",
    ]
    tree = read_tree(pdf)
    tables = [grid(table) for table in tree.find("Table")]
    answers = next(
        rows for rows in tables if "市の考え方" in squeeze(" ".join(cell.text for cell in rows[0]))
    )
    assert [cell.role for cell in answers[0]] == ["TH"] * 4
    assert [cell.attributes["Scope"] for cell in answers[0]] == ["/Column"] * 4
    assert answers[1][0].role == "TH"
    assert [squeeze(cell.text) for cell in answers[1]] == [
        "1",
        "1番目の要旨（3件）",
        "1番目の考え方（修正1）",
        "A",
    ]


def test_the_same_result_gives_the_same_bytes():
    snapshot = make_snapshot()
    assert result_pdf(snapshot, created=CREATED) == result_pdf(snapshot, created=CREATED)


@pytest.mark.slow
def test_a_long_result_repeats_its_header_row_and_leaves_no_heading_alone():
    answers = [
        make_answer(
            number,
            heading=f"見出し{number // 4}",
            summary="要旨の文です。" * (number % 9 + 1),
            view="考え方の文です。" * (number * 7 % 90 + 1),
        )
        for number in range(1, 60)
    ]
    pdf = result_pdf(make_snapshot(*answers), created=CREATED)
    pages = page_texts(pdf)
    assert len(pages) > 8
    for number, text in enumerate(pages):
        if "考え方の文です。" in text and number > 2:
            assert "市の考え方" in text, number
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document):
            text = squeeze(page.get_textpage().get_text_range())
            last = text.rsplit("見出し", 1)[-1]
            if "見出し" in text:  # below a heading stands its header row and a row at least
                assert "文です。" in last, number


def test_one_answer_of_ten_pages_is_cut_where_a_page_ends():
    answer = make_answer(1, view="とても長い考え方の文です。" * 800)
    pdf = result_pdf(make_snapshot(answer), created=CREATED)
    assert squeeze(read_tree(pdf).text).count("とても長い考え方の文です。") == 800


def test_words_without_a_place_to_break_stay_in_their_columns():
    long = "https://example.jp/" + "a" * 900
    snapshot = make_snapshot(
        make_answer(1, summary=long, view=long, heading="W" * 300),
        title="T" * 300,
        changes=(Change(1, "P" * 300, long, long, long),),
    )
    pdf = result_pdf(snapshot, created=CREATED)
    width, height = 595.3, 841.9
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            textpage = page.get_textpage()
            for index in range(textpage.count_rects()):
                left, bottom, right, top = textpage.get_rect(index)
                assert 40 < left < right < width - 40
                assert 0 < bottom < top < height


def test_zero_comments_is_one_dignified_page():
    frame = make_frame(
        tally=Tally(0, 0, 0),
        channels=(),
        changes=(),
        outcome="unchanged",
        outcome_note="",
        introduction="",
    )
    snapshot = replace(make_snapshot(), frame=frame, answers=())
    (page,) = page_texts(result_pdf(snapshot, created=CREATED))
    text = squeeze(page)
    assert "意見の提出はありませんでした。" in text
    assert "案のとおり決定しました。" in text
    assert "要旨と市の考え方" not in text


@pytest.fixture
def fetched(monkeypatch):
    asked = []
    make = renderer._closed_fetcher

    def watched():
        fetcher = make()
        fetch = fetcher.fetch
        fetcher.fetch = lambda url, headers=None: asked.append(url) or fetch(url, headers)
        return fetcher

    monkeypatch.setattr(renderer, "_closed_fetcher", watched)
    return asked


@pytest.mark.slow
def test_hostile_text_in_every_field_is_printed_as_text(fetched):
    every = " ".join(CORPUS.values())
    answers = [
        make_answer(number, heading=f"章{text}", summary=f"旨{text}", view=f"考{text}")
        for number, text in enumerate(CORPUS.values(), start=1)
    ]
    changes = tuple(
        Change(number, f"所{text}", f"前{text}", f"後{text}", f"由{text}")
        for number, text in enumerate(CORPUS.values(), start=1)
    )
    snapshot = make_snapshot(
        *answers,
        title=f"題{every}"[:300],
        municipality=f"市{every}",
        department=f"課{every}",
        contact=((f"担{every}", f"当{every}"),),
        legal_basis=f"法{every}",
        places=(f"閲{every}",),
        correction=f"訂{every}",
        number=2,
        introduction=f"序{every}",
        outcome_note=f"決{every}",
        changes=changes,
    )
    pdf = result_pdf(snapshot, created=CREATED)
    assert fetched == []
    read = squeeze(read_tree(pdf).text)
    for text in CORPUS.values():
        shown = squeeze(printable(text))
        for before in "旨考所前後由":
            assert f"{before}{shown}" in read, (before, text)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert "/Names" not in document.Root
        assert "/OpenAction" not in document.Root
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary):
                assert item.get("/Type") not in {"/Filespec", "/EmbeddedFile"}
                assert not {"/URI", "/JS", "/Launch"} & set(item.keys())


def test_what_the_typeface_lacks_is_told():
    snapshot = make_snapshot(make_answer(1, view="ありがとう😀"))
    assert [glyph.character for glyph in replaced_characters(snapshot)] == ["😀"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_a_csv_holds_no_formula_and_reads_back(encoding):
    snapshot = make_snapshot(
        *(
            make_answer(number, summary=text, view=text, heading=text)
            for number, text in enumerate(FORMULAS, start=1)
        )
    )
    made = result_csv(snapshot, encoding=encoding)
    raw = made.data.decode(encoding)
    for line in raw.splitlines():
        for cell in line.split(","):
            assert cell.strip('"')[:1] not in {"=", "+", "-", "@", "＝", "\t"}, line
    table = read_table(made.data, filename="x.csv")
    assert table.header == ANSWERS
    assert [cells[2] for _line, cells in table.rows] == list(FORMULAS)


def test_a_csv_of_windows_tells_what_it_cannot_write():
    made = result_csv(make_snapshot(make_answer(1, summary="髙﨑さん😀")), encoding="cp932")
    assert "😀" in made.replaced
    assert result_csv(make_snapshot(), encoding="utf-8-sig").data.startswith(b"\xef\xbb\xbf")


def test_a_workbook_holds_no_formula_and_all_words():
    texts = tuple(PublicText(text, text, text) for text in FORMULAS)
    snapshot = make_snapshot(make_answer(1, summary=FORMULAS[0], texts=texts))
    data = result_xlsx(snapshot, created=CREATED)
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert len(sheets) == 5
        for name in sheets:
            assert b"<f>" not in archive.read(name)
            assert b"<hyperlink" not in archive.read(name)
    table = read_table(data, filename="x.xlsx")
    assert next(table.rows)[1][2] == FORMULAS[0]
    assert result_xlsx(snapshot, created=CREATED) == data


def test_an_opinion_too_long_for_a_cell_stops_nothing():
    """20,000 characters are allowed, and such a one counts twice in Excel's own measure."""
    long = "𠮷" * 20_000
    snapshot = make_snapshot(
        make_answer(1, summary=long, view=long, texts=(PublicText("", long, long),)),
        changes=(Change(1, "1章", long, long, long),),
    )
    table = read_table(result_xlsx(snapshot, created=CREATED), filename="x.xlsx")
    assert "省略しました" in next(table.rows)[1][2]
    assert long in result_csv(snapshot, encoding="utf-8-sig").data.decode("utf-8-sig")
