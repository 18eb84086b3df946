"""The text of a PDF as Markdown: lines joined, edges of pages left out, bad files refused."""

import io
import subprocess
import sys

import pikepdf
import pypdfium2
import pytest

from participation.campaigns.documents import pdf_text
from participation.campaigns.documents.pdf_text import joined_lines, pdf_markdown
from participation.core.errors import InvalidInput
from tests.campaigns.pdf_arrange import plan_pdf


def pdf_of(pages: int, **how: object) -> bytes:
    document = pikepdf.new()
    for _page in range(pages):
        document.add_blank_page()
    target = io.BytesIO()
    document.save(target, **how)
    return target.getvalue()


def test_a_plan_comes_out_with_headings_lists_and_whole_paragraphs():
    blocks = pdf_markdown(plan_pdf(), "計画.pdf").strip().split("\n\n")
    assert len(blocks) == 12
    assert blocks[0] == "# 第１章 目的"
    assert blocks[1].startswith("本市の緑は市民の暮らしに潤いを与え、")
    assert blocks[1].endswith("守り育てる仕組みをつくることとする。")
    assert "\n" not in blocks[1]
    assert blocks[2:4] == ["## （1）取組", "- 公園3か所\n- 街路樹"]
    assert blocks[4] == "# 第２章 現状"


def test_lines_are_joined_over_the_end_of_a_page_and_words_stay_apart():
    head = "緑の計画"
    pages = [
        [
            head,
            "本市の緑は市民の暮らしに潤いを与える大切な財産であり",
            "守り育てる人を増やすための仕組みを市と市民と事業者が",
            "－ 1 －",
        ],
        [
            head,
            "力を合わせてつくる。",
            "国の Green Infrastructure という考え方を取り入れる open",
            "space の計画とする。",
            "－ 2 －",
        ],
        [head, "・公園", "・街路樹", "－ 3 －"],
    ]
    first, second, *items = joined_lines(["\n".join(lines) for lines in pages])
    assert first == pages[0][1] + pages[0][2] + pages[1][1]
    assert second == pages[1][2] + " " + pages[1][3]
    assert items == ["・公園", "・街路樹"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7\nnothing", "PDFとして読み取れません"),
        (b"", "PDFとして読み取れません"),
        (b"\x00" * 100_000, "PDFとして読み取れません"),
        (pdf_of(2), "文字のデータがありません"),
        (pdf_of(1_001), "ページが多すぎます"),
        (
            pdf_of(1, encryption=pikepdf.Encryption(owner="a", user="b")),
            "パスワードで保護されています",
        ),
    ],
    ids=["broken", "empty", "noise", "scan", "pages", "password"],
)
def test_what_cannot_be_read_is_refused_with_advice(data: bytes, said: str):
    with pytest.raises(InvalidInput, match=said):
        pdf_markdown(data, "計画.pdf")


def test_a_text_without_end_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_text, "LONGEST_SOURCE", 100)
    with pytest.raises(InvalidInput, match="本文が長すぎます"):
        pdf_markdown(plan_pdf(), "計画.pdf")


@pytest.mark.slow
@pytest.mark.parametrize("limit", ["_MEMORY_BYTES", "_SECONDS"])
def test_a_file_that_eats_memory_or_time_ends_its_own_process_only(
    monkeypatch: pytest.MonkeyPatch, limit: str
):
    def greedy(command: list[str], **more: object) -> subprocess.CompletedProcess[bytes]:
        # The limits as the program sets them, then what a hostile file would have it do.
        wish = "b'x' * (2 << 30)" if limit == "_MEMORY_BYTES" else "[0 for _ in iter(int, 1)]"
        program = (
            "import resource, os\n"
            f"resource.setrlimit(resource.RLIMIT_AS, ({command[-2]},) * 2)\n"
            f"resource.setrlimit(resource.RLIMIT_CPU, ({command[-1]},) * 2)\n"
            "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
            f"try:\n    {wish}\nexcept MemoryError:\n    os.abort()\n"
        )
        return run([sys.executable, "-I", "-c", program], **more)

    run = subprocess.run
    monkeypatch.setattr(pdf_text, "_SECONDS", 1)
    monkeypatch.setattr(pdf_text.subprocess, "run", greedy)
    with pytest.raises(InvalidInput, match="PDFとして読み取れません"):
        pdf_markdown(pdf_of(1), "計画.pdf")


def test_the_child_sees_no_settings_of_ours(monkeypatch: pytest.MonkeyPatch):
    seen: dict[str, object] = {}
    run = subprocess.run

    def note(command: list[str], **more: object) -> subprocess.CompletedProcess[bytes]:
        seen.update(more)
        return run(command, **more)

    monkeypatch.setattr(pdf_text.subprocess, "run", note)
    pdf_markdown(plan_pdf(), "計画.pdf")
    assert seen["env"] == {}
    assert len(pypdfium2.PdfDocument(plan_pdf())) == 3
