"""Texts as arrays of code points, a block at a time, so that scratch memory stays small."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]

_CHARACTERS = 1 << 20  # of a block
_STEP = np.uint64(0x9E3779B97F4A7C15)
_ASCII = np.uint64(128)
_MIX = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True)
class Block:
    """Some texts that stand next to each other."""

    first: int  # number of the first text
    lengths: NDArray[np.int64]
    points: Numbers  # code points, one text after the other

    def runs(self, size: int) -> tuple[Numbers, NDArray[np.bool_]]:
        """Return the hash of the run of ``size`` characters from each place on.

        And whether the run lies within one text: those that reach into the next do not count.
        """
        count = max(len(self.points) - size + 1, 0)
        hashes = self.points[:count].copy()
        for offset in range(1, size):
            hashes *= _STEP
            hashes += self.points[offset : offset + count]
        hashes ^= hashes >> np.uint64(32)
        hashes *= _MIX
        hashes ^= hashes >> np.uint64(29)
        hashes *= _MIX
        within = np.ones(count, np.bool_)
        ends = np.cumsum(self.lengths)
        for offset in range(1, size):
            crossing = ends - offset
            within[crossing[(crossing >= 0) & (crossing < count)]] = False
        return hashes, within

    def runs_by_script(self, size: int, latin: int) -> tuple[Numbers, NDArray[np.bool_]]:
        """Return the same with ``latin`` characters for texts in an alphabet.

        Five characters are two words of Japanese and hardly one of English.
        """
        hashes, within = self.runs(size)
        chosen = self.is_latin
        if chosen.any():
            longer, inside = self.runs(latin)
            count = len(longer)
            places = chosen[self.owners(len(hashes))]
            hashes[:count] = np.where(places[:count], longer, hashes[:count])
            within[:count] &= inside | ~places[:count]
            within[count:] &= ~places[count:]
        return hashes, within

    @cached_property
    def is_latin(self) -> NDArray[np.bool_]:
        """For each text whether most of it is in letters without accents, or digits."""
        if not len(self.points):
            return np.zeros(len(self.lengths), np.bool_)
        letters = np.cumsum(self.points < _ASCII, dtype=np.int32)[np.cumsum(self.lengths) - 1]
        return np.diff(letters, prepend=0) * 2 > self.lengths

    def owners(self, count: int) -> NDArray[np.int64]:
        """Return the text (0 is the block's first) of each of the first ``count`` places."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)[:count]


def blocks(texts: Sequence[str]) -> Iterator[Block]:
    """Yield ``texts`` in blocks of about a million characters."""
    start = size = 0
    for number, text in enumerate(texts):
        size += len(text)
        if size >= _CHARACTERS or number == len(texts) - 1:
            part = texts[start : number + 1]
            joined = "".join(part).encode("utf-32-le", "surrogatepass")
            yield Block(
                start,
                np.fromiter(map(len, part), np.int64, len(part)),
                np.frombuffer(joined, np.uint32).astype(np.uint64),
            )
            start, size = number + 1, 0
