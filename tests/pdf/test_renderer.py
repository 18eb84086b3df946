"""The renderer: closed, repeatable, tagged, and saying what it does."""

import io
import logging
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pdfua import validate

from participation.pdf import fonts, renderer
from participation.pdf.errors import RenderError
from participation.pdf.renderer import render
from tests.pdf.reading import page_texts, read_tree, save, used_glyphs

CREATED = datetime(2024, 9, 2, 3, 4, 5, tzinfo=UTC)
CSS = 'html { font-family: "Noto Sans CJK JP" }'
ROOT = Path(__file__).resolve().parents[2]


def page(body, *, title="題名", lang="ja"):
    return f'<!DOCTYPE html><html lang="{lang}"><title>{title}</title><body>{body}'


def make(body="<h1>見出し</h1><p>本文</p>", **options):
    arguments = {"stylesheet": CSS, "identifier": b"1", "created": CREATED, **options}
    return render(page(body), **arguments)


def test_the_document_says_what_it_is():
    with pikepdf.open(io.BytesIO(make())) as pdf:
        assert pdf.Root.Lang == "ja"
        assert pdf.Root.MarkInfo.Marked is True
        assert pdf.Root.ViewerPreferences.DisplayDocTitle is True
        assert str(pdf.docinfo["/Title"]) == "題名"
        assert str(pdf.docinfo["/CreationDate"]) == "D:20240902030405Z"
        assert str(pdf.docinfo["/ModDate"]) == "D:20240902030405Z"
        assert set(pdf.docinfo.keys()) == {"/Title", "/Producer", "/CreationDate", "/ModDate"}
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == "題名"
            assert metadata["dc:language"] == {"ja"}
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["xmp:CreateDate"] == "2024-09-02T03:04:05Z"


def test_no_version_of_any_library_leaks():
    with pikepdf.open(io.BytesIO(make())) as pdf:
        for text in (str(pdf.docinfo["/Producer"]), pdf.Root.Metadata.read_bytes().decode()):
            assert "70" not in text
            assert "pikepdf" not in text.lower()
            assert "qpdf" not in text.lower()


def test_the_same_moment_in_another_time_zone_is_the_same_document():
    tokyo = CREATED.astimezone(timezone(timedelta(hours=9)))
    assert make(created=tokyo) == make()


def test_another_identifier_or_moment_is_another_document():
    assert len({make(), make(identifier="2"), make(created=CREATED + timedelta(seconds=1))}) == 3


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        make(created=datetime(2024, 9, 2))  # noqa: DTZ001 -- the point of the test


SCRIPT = """
import sys
from datetime import UTC, datetime
sys.path.insert(0, {root!r})
from participation.pdf.renderer import render
sys.stdout.buffer.write(render(
    '<!DOCTYPE html><html lang="ja"><title>題</title><h1>見出し</h1><table><tr><th scope="col">列'
    '<tr><td><p>髙﨑𠮷<b>太字</b></table>',
    stylesheet='html {{ font-family: "Noto Sans CJK JP" }} @page {{ size: A4 }}',
    identifier=b'same', created=datetime(2024, 9, 2, tzinfo=UTC)))
"""


@pytest.mark.slow
def test_two_processes_give_the_same_bytes(tmp_path):
    made = []
    for number, (seed, zone, locale) in enumerate(
        [("1", "Asia/Tokyo", "C.UTF-8"), ("4242", "America/Lima", "C")]
    ):
        folder = tmp_path / f"どこか{number}"
        folder.mkdir()
        made.append(
            subprocess.run(
                [sys.executable, "-c", SCRIPT.format(root=str(ROOT))],
                cwd=folder,
                env={
                    "PYTHONHASHSEED": seed,
                    "TZ": zone,
                    "LC_ALL": locale,
                    "HOME": str(folder),
                    "PYTHONUTF8": "1",
                },
                capture_output=True,
                check=True,
            ).stdout
        )
    assert made[0] == made[1]
    assert made[0].startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    "body",
    [
        '<img src="file:///etc/passwd" alt="x">',
        '<img src="http://127.0.0.1:1/x.png" alt="x">',
        '<img src="data:image/png;base64,iVBORw0KGgo=" alt="x">',
        '<link rel="stylesheet" href="http://127.0.0.1:1/x.css">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<style>@import url("file:///etc/passwd");</style>',
        '<style>p { background: url("file:///etc/passwd") }</style><p>x</p>',
        '<style>p::before { content: url("http://127.0.0.1:1/x") }</style><p>x</p>',
        '<object data="file:///etc/passwd"></object>',
        '<embed src="file:///etc/passwd">',
        '<svg width="9" height="9"><title>x</title><image href="file:///etc/passwd"/></svg>',
        '<base href="http://127.0.0.1:1/"><img src="x.png" alt="x">',
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
    ],
)
def test_any_address_ends_the_rendering(body):
    with pytest.raises(RenderError, match=r"文書の外|SVG"):
        make(body)


def test_a_font_face_ends_the_rendering():
    css = '@font-face { font-family: x; src: url("file:///etc/passwd") }' + CSS
    with pytest.raises(RenderError):
        make(stylesheet=css)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "ftp://h/x"])
def test_links_to_anything_but_the_web_are_refused(address):
    with pytest.raises(RenderError, match="リンク"):
        make(f'<p><a href="{address}">x</a></p>')


def test_links_to_the_web_are_shown_on_paper_too():
    with pikepdf.open(io.BytesIO(make('<p><a href="https://example.jp/">x</a></p>'))) as pdf:
        (annotation,) = pdf.pages[0].Annots
        assert annotation.F == 4


def test_no_picture_without_a_text_alternative():
    picture = '<svg width="9" height="9"><title>{}</title><rect width="9" height="9"/></svg>'
    assert make(picture.format("四角"))
    with pytest.raises(RenderError, match="図に説明"):
        make(picture.format(""))


def test_a_document_needs_a_title_and_a_language():
    for html in (page("x", title=""), "<!DOCTYPE html><title>題</title><p>x"):
        with pytest.raises(RenderError):
            render(html, stylesheet=CSS, identifier=b"", created=CREATED)


def test_a_character_without_a_glyph_is_refused():
    with pytest.raises(RenderError, match=r"U\+1F600"):
        make("<p>😀</p>")


def missing(pdf):
    """Whether any page draws a glyph that is not in its font: number 0, or past the last one."""
    last = 65_534  # of both typefaces
    return any(not 0 < glyph <= last for glyphs in used_glyphs(pdf).values() for glyph in glyphs)


def test_no_glyph_is_missing_in_the_pages():
    pdf = make("<p>髙﨑𠮷 ▶ ↗ ❶ ◦ — ¥ か\u3099 葛\U000e0100 <b>髙﨑𠮷 ▶ ↗ ❶ ◦</b></p>")
    assert not missing(pdf)
    assert {name.split("+")[1] for name in used_glyphs(pdf)} == {
        "Noto-Sans-CJK-JP",
        "Noto-Sans-CJK-JP-Bold",
    }
    assert "髙﨑𠮷 ▶ ↗ ❶ ◦" in page_texts(pdf)[0]


def test_a_missing_glyph_would_be_seen_in_the_pages():
    import weasyprint

    html = weasyprint.HTML(string=page("<p>あ&#x1F600;</p>"))
    assert missing(html.write_pdf(font_config=fonts.closed_configuration()))


def test_a_character_reference_does_not_slip_past():
    with pytest.raises(RenderError, match="1F600"):
        make("<p>あ&#x1F600;</p>")


def test_a_registered_variant_is_drawn_differently():
    plain, variant = (used_glyphs(make(f"<p>{text}</p>")) for text in ("葛", "葛\U000e0100"))
    assert plain != variant


def test_every_font_is_embedded_and_none_of_the_machine_is_used():
    pdf = make('<p style="font-family: DejaVu Sans, serif, monospace">abc あ</p>')
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for font in document.pages[0].Resources.Font.values():
            assert "Noto-Sans-CJK-JP" in str(font.BaseFont)
            assert "/FontFile3" in font.DescendantFonts[0].FontDescriptor


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    make()
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_pages_and_ends_at_its_total():
    told = []
    make(
        "<p style='break-after: page'>一</p>" * 4,
        progress=lambda *step: told.append(step),
        expected_pages=2,
    )
    assert [step[0] for step in told] == sorted(step[0] for step in told)
    assert all(done <= total for done, total, _ in told)
    assert told[-1][0] == told[-1][1]
    assert "組版しています（4ページ目）" in [label for _, _, label in told]


def test_loggers_and_the_collector_are_left_as_they_were():
    import gc

    chatty = logging.getLogger("weasyprint.progress")
    before = (gc.get_threshold(), chatty.level, chatty.propagate, list(chatty.handlers))
    make(progress=lambda *_: None)
    with pytest.raises(RenderError):
        make('<img src="http://127.0.0.1:1/x" alt="x">')
    assert (gc.get_threshold(), chatty.level, chatty.propagate, chatty.handlers) == before


def test_a_machine_without_the_subsetting_library_is_told_its_name(monkeypatch):
    import weasyprint.text.ffi

    monkeypatch.setattr(weasyprint.text.ffi, "harfbuzz_subset", None)
    with pytest.raises(fonts.FontsUnavailable, match="libharfbuzz-subset0"):
        make()


def test_an_error_in_the_progress_function_does_not_lock_the_renderer():
    with pytest.raises(ZeroDivisionError):
        make(progress=lambda *_: 1 // 0)
    assert make()


def test_the_checker_finds_nothing(tmp_path):
    report = validate(
        save(
            make("<h1>見出し</h1><table><thead><tr><th scope=col><p>列</table>"), tmp_path / "x.pdf"
        )
    )
    assert report.findings == ()
    assert [outcome.skipped_reason for outcome in report.outcomes if outcome.skipped_reason] == []


TABLE = (
    "<table><thead><tr><th scope=col><p>名<th scope=col><p>内容</thead><tbody>"
    + "".join(
        f"<tr><th scope=row><p>項目{n}</p></th><td>"
        + "".join(f"<p>項目{n}の文{m}。{'長い文です。' * 8}</p>" for m in range(30))
        + "</td></tr>"
        for n in range(3)
    )
    + "</tbody></table>"
)
SMALL = CSS + "@page { size: A6; @bottom-center { content: counter(page) '／' counter(pages) } }"


@pytest.mark.slow
def test_a_table_over_many_pages_is_one_table_with_one_header():
    pdf = make(TABLE, stylesheet=SMALL)
    assert len(pypdfium2.PdfDocument(pdf)) > 8
    assert all("名" in text and "内容" in text for text in page_texts(pdf))  # drawn on each page
    tree = read_tree(pdf)
    (table,) = tree.find("Table")
    assert [cell.attributes["Scope"] for cell in table.find("TH")] == ["/Column"] * 2 + ["/Row"] * 3
    assert len(table.find("TR")) == 4
    for number, cell in enumerate(table.find("TD")):
        texts = ["".join(element.text.split()) for element in cell.children]
        assert texts == [f"項目{number}の文{m}。{'長い文です。' * 8}" for m in range(30)]


@pytest.mark.slow
def test_page_numbers_and_repeated_headers_are_not_read_aloud():
    pdf = make(TABLE, stylesheet=SMALL)
    assert "／" in page_texts(pdf)[0]
    assert "／" not in read_tree(pdf).text
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for sheet in document.pages:
            depth = 0
            for instruction in pikepdf.parse_content_stream(sheet):
                operator = str(instruction.operator)
                if operator in {"BDC", "BMC"}:
                    depth += 1
                elif operator == "EMC":
                    depth -= 1
                elif operator in {"Tj", "TJ", "S", "f", "re", "l"}:
                    assert depth, f"{operator} outside of any marked content"


@pytest.mark.slow
def test_tables_are_not_mixed_up():
    pdf = make(TABLE + "<h2>二</h2>" + TABLE, stylesheet=SMALL)
    tree = read_tree(pdf)
    assert [child.role for child in tree.children] == ["Table", "H2", "Table"]
    assert [len(table.find("TR")) for table in tree.find("Table")] == [4, 4]


def test_one_document_at_a_time():
    assert renderer._ONE_AT_A_TIME.acquire(blocking=False)
    renderer._ONE_AT_A_TIME.release()


def test_a_layout_without_end_is_given_up(monkeypatch):
    """A cell whose next paragraph must not be cut and fits on no page is begun again for ever."""
    monkeypatch.setattr(renderer, "_PAGES_AT_LEAST", 30)
    cells = [
        "".join(f"<p>{'あ' * length}</p>" for length in lengths)
        for lengths in ([900, 40, 320, 78, 15, 33, 10, 27, 800], [2, 1080, 17, 66, 19, 640])
    ]
    table = (
        "<table><thead><tr><th scope=col><p>列<th scope=col><p>列</thead>"
        f"<tr><td>{cells[0]}</td><td>{cells[1]}</td></tr></table>"
    )
    css = SMALL + "table { table-layout: fixed; width: 100% } td { vertical-align: top }"
    assert make(table, stylesheet=css)
    with pytest.raises(RenderError, match="終わりません"):
        make(table, stylesheet=css + "p { break-inside: avoid }")
