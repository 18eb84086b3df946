"""Hostile text in every field stays text: nothing is fetched, attached, linked or run."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from participation.core.errors import InvalidInput
from participation.pdf import renderer
from participation.pdf.fonts import printable
from participation.reports.print import report_pdf
from participation.reports.snapshot import (
    CategoryRow,
    Column,
    ItemRow,
    Legend,
    SectionNode,
    Snapshot,
    Statement,
)
from tests.pdf.reading import grid, read_tree
from tests.reports.small_report import small_snapshot
from tests.reports.test_print import squeeze

CREATED = datetime(2024, 9, 2, 3, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]

CORPUS = {
    "script": "<script>alert(1)</script>",
    "picture": '<img src="http://127.0.0.1:9/x.png" onerror="alert(1)">',
    "css address": "url(file:///etc/passwd) url('http://127.0.0.1:9/')",
    "stylesheet": '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
    "attachment": '<link rel="attachment" href="file:///etc/passwd">',
    "file link": '<a href="file:///etc/passwd">見る</a>',
    "attached link": '<a rel="attachment" href="file:///etc/passwd">添付</a>',
    "import": "</style><style>@import url(http://127.0.0.1:9/x.css); * { color: red }</style>",
    "font": "@font-face { font-family: x; src: url(file:///etc/passwd) }",
    "object": '<object data="file:///etc/passwd" type="text/plain"></object>',
    "frame": '<iframe src="file:///etc/passwd"></iframe><embed src="file:///etc/passwd">',
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "references": "&#x3c;img src=x&#x3e; &lt;b&gt; &amp;amp; &#0; &#x202e;",
    "end of the cell": '</p></td></tr></table></body></html><img src="file:///etc/passwd">',
    "attribute": '" onclick=\'alert(1)\' style="background:url(http://127.0.0.1:9/)" x="',
    "template": "{{ 7*7 }} {% include '/etc/passwd' %} {# x #} ${7*7} <%= 7 %>",
    "document type": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    "comment": "<!-- --> <![CDATA[ ]]> <?xml-stylesheet href='http://127.0.0.1:9/'?>",
    "base": '<base href="http://127.0.0.1:9/"><meta http-equiv="refresh" content="0;url=//x">',
    "pdf operators": ") Tj ET /Artifact BMC (x) >> endstream endobj \\) \\( <</MCID 0>> BDC",
    "directions": "予算\u202eを減らす\u202cと\u2067した\u2069\u200f。",
    "controls": "鐘\x07と\x00空\x1b[31m",
    "blanks": "　 \t\n\n \u00a0 前後 \r\n",
    "address": "http://127.0.0.1:9/ javascript:alert(1) mailto:a@example.jp",
}


FIELDS = tuple("題市訂節項載別応績定名記区方文部参印説")


def hostile_snapshot(text: str) -> Snapshot:
    """A report that has ``text`` in every field that holds words."""
    item = ItemRow(
        text,
        f"名{text}",
        f"記{text}",
        (CategoryRow(f"区{text}", f"方{text}"), CategoryRow(f"分{text}", f"針{text}")),
        ((Statement(f"文{text}", f"部{text}"),), (Statement(f"定{text}", "課"),)),
    )
    plain = replace(item, categories=item.categories[:1])
    return Snapshot(
        title=f"題{text}",
        municipality=f"市{text}",
        fiscal_year=2024,
        number=2,
        columns=(Column("result", 2023, f"績{text}"), Column("plan", 2024, f"定{text}")),
        headers=(f"項{text}", f"載{text}", f"別{text}", f"応{text}"),
        legend_title=f"参{text}",
        legend=(Legend(f"印{text}", f"説{text}"),),
        sections=(
            SectionNode(1, text, f"節{text}", (item,), (SectionNode(2, text, "款", (plain,)),)),
        ),
        correction=f"訂{text}",
    )


@pytest.fixture
def fetched(monkeypatch):
    """Every address that a fetcher was asked for."""
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
@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
def test_hostile_text_is_printed_as_text(text, fetched):
    snapshot = hostile_snapshot(text)
    pdf = report_pdf(snapshot, paper="A4", created=CREATED)
    assert fetched == []
    shown = squeeze(printable(text))
    tree = read_tree(pdf)
    read = squeeze(tree.text)
    for before in FIELDS:
        assert f"{before}{shown}" in read, before
    assert squeeze(f"●文{shown}（部{shown}）") in {squeeze(p.text) for p in tree.find("P")}
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert "/Names" not in document.Root
        assert "/AA" not in document.Root
        assert "/OpenAction" not in document.Root
        assert all("/Annots" not in page for page in document.pages)
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary):
                assert item.get("/Type") not in {"/Filespec", "/EmbeddedFile"}
                assert not {"/URI", "/JS", "/Launch"} & set(item.keys())


def test_the_watch_sees_a_fetch(fetched):
    with pytest.raises(renderer.RenderError):
        renderer.render(
            '<html lang="ja"><title>x</title><img alt="" src="http://127.0.0.1:9/x.png">',
            stylesheet="",
            identifier=b"",
            created=CREATED,
        )
    assert fetched == ["http://127.0.0.1:9/x.png"]


WATCHED = """
import json, sys
from dataclasses import replace
sys.path.insert(0, {root!r})
from datetime import UTC, datetime
from participation.reports.print import report_pdf
from tests.reports.test_print_hostile import CORPUS, hostile_snapshot
plain = hostile_snapshot("")
snapshot = replace(
    hostile_snapshot(" ".join(CORPUS.values())), headers=plain.headers, columns=plain.columns
)
report_pdf(hostile_snapshot("x"), created=datetime(2024, 9, 2, tzinfo=UTC))  # imports everything
seen = []
def watch(event, arguments):
    if event in ("open", "os.listdir", "subprocess.Popen", "os.system", "urllib.Request") or (
        event.startswith("socket.")
    ):
        seen.append((event, str(arguments[0])))
sys.addaudithook(watch)
if len(sys.argv) > 1:
    open("/etc/passwd").close()
report_pdf(snapshot, created=datetime(2024, 9, 2, tzinfo=UTC))
print(json.dumps(seen))
"""


def _seen(*arguments):
    """What Python opened or called while the whole corpus was being printed."""
    out = subprocess.run(
        [sys.executable, "-c", WATCHED.format(root=str(ROOT)), *arguments],
        capture_output=True,
        check=True,
        cwd=ROOT,
    ).stdout
    allowed = ("/templates/pdf/report.css", "/zoneinfo")
    return [(event, what) for event, what in json.loads(out) if not any(a in what for a in allowed)]


@pytest.mark.slow
def test_no_file_is_opened_and_no_connection_made():
    assert _seen() == []
    assert _seen("plant") == [("open", "/etc/passwd")]


def long_words(word: str) -> Snapshot:
    """A report that has ``word`` wherever a form takes long text, three hundred of it elsewhere."""
    plain = hostile_snapshot("")
    item = ItemRow(
        "1",
        word,
        word,
        (CategoryRow("Ⅰ", word),),
        ((Statement(word, "課"), Statement("文", word)), ()),
    )
    two = ItemRow(
        "2",
        word[:300],
        word[:300],
        (CategoryRow("Ⅰ", word[:300]), CategoryRow("Ⅱ", "方針")),
        ((Statement(word[:300], "課"), Statement("文", word[:300])), ()),
    )
    short = ItemRow("3", word[:300], "", (CategoryRow(word[:20], ""),), ((), ()))
    return replace(
        plain,
        title=word,
        correction=word,
        legend=(Legend("Ⅰ", word),),
        sections=(SectionNode(1, "１", word, (item, two, short)),),
    )


@pytest.mark.slow
@pytest.mark.parametrize("letter", ["漢", "x"])
def test_a_word_of_ten_thousand_letters_is_broken_and_kept(letter):
    word = letter * 10_000
    snapshot = long_words(word)
    pdf = report_pdf(snapshot, created=CREATED)
    tree = read_tree(pdf)
    table = grid(tree.find("Table")[0])
    assert len(table) == 5
    for row, given in zip(table[1:4], [word, word[:300], word[:300]], strict=True):
        assert squeeze(row[0].text) == f"○{given}"
        assert squeeze(row[1].text) == given
        assert [squeeze(p.text) for p in row[4].children] == [f"●{given}（課）", f"●文（{given}）"]
    assert [squeeze(row[3].text) for row in table[1:4]] == [word, word[:300], "方針"]
    assert squeeze(table[4][0].text) == f"○{word[:300]}"
    headings = "".join(heading.text for heading in tree.find("H1", "H2"))
    assert squeeze(headings) == f"{word}１{word}●参考「参」"
    assert squeeze(tree.find("Table")[1].text).endswith(word)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        width, height = (float(side) for side in document.pages[0].MediaBox[2:])
    assert all(box.left > 0 and box.right < width for box in tree.boxes)
    assert all(box.bottom > 0 and box.top < height for box in tree.boxes)
    for column, beside in pairwise(zip(*table, strict=True)):
        ends = [box.right for cell in column for box in cell.boxes]
        assert max(ends) <= min(box.left for cell in beside for box in cell.boxes)


def test_an_address_at_the_beginning_of_a_statement_stays_in_its_column():
    address = "https://www.example.jp/" + "shiminsanka/" * 8
    for paper in ("A3", "A4"):
        snapshot = small_snapshot(columns=4, text=address)
        tree = read_tree(report_pdf(snapshot, paper=paper, created=CREATED))
        columns = list(zip(*grid(tree.find("Table")[0]), strict=True))[3:]
        for column, beside in pairwise(columns):
            ends = [box.right for cell in column for box in cell.boxes]
            assert max(ends) <= min(box.left for cell in beside for box in cell.boxes)


def test_a_column_heading_too_long_for_its_column_is_refused():
    snapshot = small_snapshot()
    headers = (*snapshot.headers[:2], "区" * 60, snapshot.headers[3])
    with pytest.raises(InvalidInput, match="48文字以内"):
        report_pdf(replace(snapshot, headers=headers), created=CREATED)
