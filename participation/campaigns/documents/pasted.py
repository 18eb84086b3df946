"""Making Markdown of text that was pasted from Word or taken from a PDF.

Official Japanese documents tell their structure by numbers (第1章, １, (1)) and signs (・●○), not
by styles that a plain text would keep. What is recognised is shown to the writer as Markdown and
can be corrected there; no character of the text is ever dropped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LONGEST_HEADING = 60
_LONGEST_NUMBERED = 40
# What a heading does not end in: then it is a sentence that begins with a number.
_SENTENCE_END = "。．、，；;：:をがはにへとでのもや"
_NUMBER = "[0-9０-９]{1,2}"
_LEADER = re.compile(r"(?:[…‥]{2,}|[・.．]{4,}|[-－―ー─]{5,})\s*[0-9０-９]*$")  # a line of contents

_PART = re.compile(rf"第(?:{_NUMBER}|[一二三四五六七八九十]{{1,3}})(?:編|部)(?=[\s　]|$)")
_CHAPTER = re.compile(
    rf"(?:第(?:{_NUMBER}|[一二三四五六七八九十]{{1,3}})章|序章|終章|はじめに|おわりに)(?=[\s　]|$)"
)
_SECTION = re.compile(rf"第(?:{_NUMBER}|[一二三四五六七八九十]{{1,3}})節(?=[\s　]|$)")
# １　…, 1. …, １．…, １－１　…, 1.2 …; never 1.5倍 or 12人.
_NUMBERED = re.compile(
    rf"{_NUMBER}(?:(?:[-－‐.．]{_NUMBER}){{0,2}}[\s　]+|[．、]|\.[\s　]*(?=\D))(?=\S)"
)
_BRACKETED = re.compile(rf"[(（]{_NUMBER}[)）][\s　]*(?=\S)")

_BULLET = re.compile(r"(?P<indent>[ \t　]*)(?P<sign>[・･●○◎◇◆□■▪•◦‣➢✓]|[-*–](?=\s))[\s　]*(?=\S)")
_SIGN_LEVELS = {"○": 1, "◦": 1, "・": 1, "･": 1}  # below ● ◎ ■ when those are there as well
_MARKDOWN_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_MARKUP = re.compile(r"[\\`*_\[\]<]|&(?=#?\w+;)|(?<=\s)#")
_BLOCK = re.compile(r"[#+>|-]")  # at the beginning of a line
_NUMBER_OF_ITEM = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")


@dataclass(frozen=True)
class _Line:
    kind: str  # part, chapter, section, numbered, bracketed, bullet, cells, markdown, text
    words: str
    sign: str = ""
    indent: int = 0


def to_markdown(text: str) -> str:
    """Return ``text``, one paragraph a line, as Markdown with its headings and lists.

    Args:
        text: as pasted; each line is a paragraph, TABs cut the cells of a table.

    """
    lines = [_recognised(line) for line in text.split("\n")]
    return _written([line for line in lines if line is not None])


def is_structured(line: str) -> bool:
    """Whether ``line`` begins a heading or a list item, so that it goes on from no line before."""
    found = _recognised(line)
    return found is not None and found.kind not in {"text", "cells"}


def _recognised(line: str) -> _Line | None:
    words = line.strip(" \t　")
    if not words:
        return None
    if _MARKDOWN_HEADING.match(words):
        return _Line("markdown", words)
    if kind := _heading_kind(words):
        return _Line(kind, " ".join(words.split()))
    if bullet := _BULLET.match(line):
        indent = sum(2 if mark == "　" else 4 if mark == "\t" else 1 for mark in bullet["indent"])
        return _Line("bullet", line[bullet.end() :].strip(), bullet["sign"], indent)
    if "\t" in words:
        return _Line("cells", words)
    return _Line("text", words)


def _heading_kind(words: str) -> str:
    if len(words) > _LONGEST_HEADING or words[-1] in _SENTENCE_END or _LEADER.search(words):
        return ""
    for kind, pattern in (("part", _PART), ("chapter", _CHAPTER), ("section", _SECTION)):
        if pattern.match(words):
            return kind
    if len(words) > _LONGEST_NUMBERED or "。" in words or "\t" in words[4:]:
        return ""
    for kind, pattern in (("numbered", _NUMBERED), ("bracketed", _BRACKETED)):
        if pattern.match(words):
            return kind
    return ""


def _written(lines: Sequence[_Line]) -> str:
    ranks = [kind for kind in _HEADINGS if any(line.kind == kind for line in lines)]
    levels = {kind: level for level, kind in enumerate(ranks, start=1)}
    signs = {line.sign for line in lines if line.kind == "bullet"}
    blocks: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        run = list(_run(lines, position))
        if line.kind in levels:
            blocks.append(f"{'#' * levels[line.kind]} {_escaped(line.words)}")
        elif line.kind == "markdown":
            blocks.append(line.words)
        elif line.kind == "bullet":
            blocks.append(_list(run, signs))
            position += len(run) - 1
        elif line.kind == "cells" and _is_table(run):
            blocks.append(_table(run))
            position += len(run) - 1
        else:
            blocks.append(_escaped(line.words))
        position += 1
    return "\n\n".join(blocks) + ("\n" if blocks else "")


_HEADINGS = ("part", "chapter", "section", "numbered", "bracketed")


def _run(lines: Sequence[_Line], position: int) -> Iterator[_Line]:
    kind = lines[position].kind
    while position < len(lines) and lines[position].kind == kind:
        yield lines[position]
        position += 1


def _list(run: Sequence[_Line], signs: set[str]) -> str:
    has_upper = bool(signs - _SIGN_LEVELS.keys() - {"-", "*", "–"})
    least = min(line.indent for line in run)
    written = []
    before = -1
    for line in run:
        depth = 1 if line.indent >= least + 2 else 0  # one full-width blank
        if has_upper:
            depth += _SIGN_LEVELS.get(line.sign, 0)
        depth = min(depth, before + 1)
        written.append(f"{'  ' * depth}- {_escaped(line.words)}")
        before = depth
    return "\n".join(written)


def _is_table(run: Sequence[_Line]) -> bool:
    return len(run) > 1 and len({line.words.count("\t") for line in run}) == 1


def _table(run: Sequence[_Line]) -> str:
    rows = [
        [_escaped(cell.strip()).replace("|", "\\|") for cell in line.words.split("\t")]
        for line in run
    ]
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _escaped(words: str) -> str:
    """Have signs that Markdown would take for markup stand for themselves."""
    words = _MARKUP.sub(r"\\\g<0>", words)
    if _BLOCK.match(words):
        return f"\\{words}"
    return _NUMBER_OF_ITEM.sub(r"\1\\\2", words)
