"""The text of a PDF as Markdown for a person to go over: lines joined, page numbers left out."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from participation.campaigns.documents.passages import LONGEST_SOURCE
from participation.campaigns.documents.pasted import is_structured, to_markdown
from participation.core.errors import InvalidInput
from participation.core.text import clean_input, display_width

_PROGRAM = Path(__file__).with_name("pdf_process.py")
_PAGES = 1_000
_MEMORY_BYTES = 1 << 30
_SECONDS = 60
_PAGE_NUMBER = re.compile(r"[-－–―‐\s]*(?:[0-9０-９]{1,4}|[ivxIVX]{1,6})[-－–―‐\s]*")
_DIGITS = re.compile(r"[0-9０-９]+")
# A line this much shorter than the others ends its paragraph.
_SHORT = 0.85
_FEW = 3  # lines or pages, from which on a habit can be told


def pdf_markdown(data: bytes, name: str) -> str:
    """Return the text of a PDF as Markdown.

    Args:
        data: the file.
        name: what people call it, for messages.

    Raises:
        InvalidInput: it is no readable PDF, is too long, or has no text (a scan).

    """
    pages = [clean_input(page).replace("\ufffe", "") for page in _read(data, name)]
    lines = joined_lines(pages)
    if not lines:
        raise InvalidInput(
            f"「{name}」には文字のデータがありません（紙を読み取った画像と思われます）。"
            "元のWordなどから本文を貼り付けてください。"
        )
    return to_markdown("\n".join(lines))


def joined_lines(pages: Sequence[str]) -> list[str]:
    """Return the paragraphs of some pages: lines that were broken only by the paper are joined.

    Running heads and page numbers are left out; paragraphs go on over the end of a page.
    """
    written = [[line.rstrip() for line in page.split("\n") if line.strip()] for page in pages]
    cut = [_without_edges(lines, frozenset()) for lines in written]
    running = _running_heads(cut)
    kept = [line for lines in cut for line in _without_edges(lines, running)]
    full = _full_width(kept)
    paragraphs: list[str] = []
    ended = True
    for line in kept:
        begins = ended or line[0] == "　" or is_structured(line)
        if begins:
            paragraphs.append(line)
        else:
            paragraphs[-1] = _joined(paragraphs[-1], line.lstrip())
        ended = display_width(line) < _SHORT * full
    return paragraphs


def _read(data: bytes, name: str) -> list[str]:
    figures = (_PAGES, LONGEST_SOURCE, _MEMORY_BYTES, _SECONDS)
    try:
        done = subprocess.run(  # noqa: S603 -- our own program, with numbers for arguments
            [sys.executable, "-I", str(_PROGRAM), *map(str, figures)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},  # none of our settings and keys
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _broken(name) from None
    if done.returncode == 1:
        raise OSError("the child process that reads PDFs failed on its own account")
    if done.returncode != 0:  # ended by its limits
        raise _broken(name)
    answer = json.loads(done.stdout)
    match answer.get("refused"):
        case None:
            pages: list[str] = answer["pages"]
            return pages
        case "password":
            raise InvalidInput(
                f"「{name}」はパスワードで保護されています。保護を解除して保存し直してください。"
            )
        case "pages":
            raise InvalidInput(
                f"「{name}」はページが多すぎます。{_PAGES:,}ページ以内に分けてください。"
            )
        case "text":
            raise InvalidInput(
                f"「{name}」の本文が長すぎます。{LONGEST_SOURCE:,}文字以内になるように分けてください。"
            )
        case _:
            raise _broken(name)


def _broken(name: str) -> InvalidInput:
    return InvalidInput(
        f"「{name}」をPDFとして読み取れませんでした。PDFを作り直すか、本文を貼り付けてください。"
    )


def _running_heads(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return what stands first or last on most pages, numbers apart."""
    edges: Counter[str] = Counter()
    for lines in pages:
        edges.update({_DIGITS.sub("#", line.strip()) for line in (*lines[:1], *lines[-1:]) if line})
    return frozenset(
        line for line, count in edges.items() if count >= _FEW and count * 2 > len(pages)
    )


def _without_edges(lines: Sequence[str], running: frozenset[str]) -> Sequence[str]:
    start, stop = 0, len(lines)
    while start < stop and _is_edge(lines[start], running):
        start += 1
    while stop > start and _is_edge(lines[stop - 1], running):
        stop -= 1
    return lines[start:stop]


def _is_edge(line: str, running: frozenset[str]) -> bool:
    words = line.strip()
    return _PAGE_NUMBER.fullmatch(words) is not None or _DIGITS.sub("#", words) in running


def _full_width(lines: Sequence[str]) -> int:
    """Return how wide a line is that runs to the edge of the paper, in half-width columns."""
    widths = sorted(map(display_width, lines))
    return widths[len(widths) * 9 // 10] if len(widths) >= _FEW else max(widths, default=0)


def _joined(before: str, line: str) -> str:
    between = before[-1:] + line[:1]
    return f"{before} {line}" if between.isascii() and between.isalnum() else f"{before}{line}"
