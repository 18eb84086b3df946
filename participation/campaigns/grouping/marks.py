"""Which words of a text differ from the text that stands for its group."""

import enum
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from participation.core.text import compare_key


class Sort(enum.Enum):
    """Where the words of a piece are."""

    BOTH = "both"
    ONLY_HERE = "only_here"
    ONLY_THERE = "only_there"  # in the representative alone


@dataclass(frozen=True)
class Piece:
    """A run of words."""

    text: str
    sort: Sort


# Words of an alphabet, numbers, runs of kanji or of katakana; anything else by the character.
_WORD = re.compile(r"\s+|[A-Za-z\u00c0-\u024f]+|[0-9０-９]+|[一-龠々〆]+|[ァ-ヴー]+|.", re.DOTALL)
# Comparing takes time with the square of the length; longer texts are shown without marks.
_LONGEST = 4_000  # words of both together


def differing_words(representative: str, text: str) -> list[Piece] | None:
    """Return ``text`` in pieces, with what only the representative has in its place between.

    Width and blanks make no difference, as for the grouping. None: the texts are too long to be
    compared in a page.
    """
    there, here = _WORD.findall(representative), _WORD.findall(text)
    if len(there) + len(here) > _LONGEST:
        return None
    matcher = SequenceMatcher(
        None,
        [compare_key(word) for word in there],
        [compare_key(word) for word in here],
        autojunk=False,
    )
    pieces: list[Piece] = []
    for tag, start, stop, own_start, own_stop in matcher.get_opcodes():
        if tag == "equal":
            _add(pieces, "".join(here[own_start:own_stop]), Sort.BOTH)
            continue
        _add(pieces, "".join(there[start:stop]), Sort.ONLY_THERE)
        _add(pieces, "".join(here[own_start:own_stop]), Sort.ONLY_HERE)
    return pieces


def _add(pieces: list[Piece], text: str, sort: Sort) -> None:
    if not text:
        return
    if not text.strip():
        if sort is Sort.ONLY_THERE:
            return
        sort = Sort.BOTH
    if pieces and pieces[-1].sort is sort:
        text = pieces.pop().text + text
    pieces.append(Piece(text, sort))
