"""Where the words of a query stand in a text as it was typed, for marking and for excerpts."""

import functools
import re
from dataclasses import dataclass

from participation.db.search.words import search_form

# A character with the marks that belong to it: search_form of the whole is that of its parts.
_CLUSTER = re.compile(
    "[^\u0300-\u036f\u3099\u309a\uff9e\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef]?"
    "[\u0300-\u036f\u3099\u309a\uff9e\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef]*",
    re.DOTALL,
)
_BEFORE = 30


@dataclass(frozen=True)
class Piece:
    """A piece of a text, found or not."""

    text: str
    is_found: bool


def marked(text: str, words: tuple[str, ...]) -> list[Piece]:
    """Return ``text`` in pieces, those apart in which a word (in its search form) stands."""
    return _pieces(text, _spans(text, words), 0, len(text))


def excerpt(text: str, words: tuple[str, ...], *, length: int = 160) -> list[Piece]:
    """Return the part of ``text`` around the first word found, or its beginning, in pieces.

    Args:
        text: as it was typed.
        words: in their search form, see ``words_of``.
        length: about how many characters.

    """
    spans = _spans(text, words)
    start = 0
    if spans and spans[0][0] > _BEFORE:
        start = spans[0][0] - _BEFORE
    # Up to the end rather than a few characters less than could be shown.
    start = max(min(start, len(text) - length), 0)
    stop = min(start + length, len(text))
    pieces = _pieces(text, spans, start, stop)
    if start > 0:
        pieces.insert(0, Piece("…", is_found=False))
    if stop < len(text):
        pieces.append(Piece("…", is_found=False))
    return pieces


def _pieces(text: str, spans: list[tuple[int, int]], start: int, stop: int) -> list[Piece]:
    pieces = []
    place = start
    for first, last in spans:
        first, last = max(first, start), min(last, stop)  # noqa: PLW2901 -- cut to the part shown
        if first >= last:
            continue
        if first > place:
            pieces.append(Piece(text[place:first], is_found=False))
        pieces.append(Piece(text[first:last], is_found=True))
        place = last
    if place < stop:
        pieces.append(Piece(text[place:stop], is_found=False))
    return pieces


def _spans(text: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where words stand in ``text``, in order, those that touch or overlap made one."""
    form, origins = _form_with_origins(text)
    found: list[tuple[int, int]] = []
    for word in words:
        place = form.find(word)
        while word and place >= 0:
            found.append((origins[place][0], origins[place + len(word) - 1][1]))
            place = form.find(word, place + len(word))
    spans: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return spans


@functools.lru_cache(maxsize=8192)
def _form_of(cluster: str) -> str:
    return search_form(cluster)


def _form_with_origins(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the search form of ``text`` and, for each of its characters, where it comes from."""
    letters: list[str] = []
    origins: list[tuple[int, int]] = []
    blank: tuple[int, int] | None = None
    for cluster in _CLUSTER.finditer(text):
        first, last = cluster.span()
        if first == last:
            continue
        if cluster[0].isspace():
            blank = blank or (first, last)
            continue
        piece = _form_of(cluster[0])
        if not piece:
            continue
        if blank is not None and letters and letters[-1].isascii() and piece[0].isascii():
            letters.append(" ")
            origins.append(blank)
        blank = None
        letters.extend(piece)
        origins.extend([(first, last)] * len(piece))
    return "".join(letters), origins
