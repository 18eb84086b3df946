"""How much of the shorter of two texts is in the other, estimated without looking at either.

Each text has a map of 2,048 bits, one set for each of its runs of three characters (four in an
alphabet). Comparing two maps takes a fraction of a microsecond; most pairs end here.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from participation.campaigns.grouping.blocks import blocks

_RUN = 3
_LATIN_RUN = 4
_BITS = 2048
_WORDS = _BITS // 64
_CHUNK = 1 << 15  # pairs looked at together
_FULL = 0.7  # a map with more of its bits set says nothing


class Maps:
    """The maps of all texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Draw the maps of ``texts``: 256 bytes each."""
        self._maps = np.zeros((len(texts), _WORDS), np.uint64)
        self.run = np.full(len(texts), _RUN)  # characters of a run, of each text
        for block in blocks(texts):
            hashes, within = block.runs_by_script(_RUN, _LATIN_RUN)
            hashes >>= np.uint64(64 - _BITS.bit_length() + 1)
            places = (block.owners(len(hashes)) * _BITS + hashes.astype(np.int64))[within]
            bits = np.zeros(len(block.lengths) * _BITS, np.uint8)
            bits[places] = 1
            stop = block.first + len(block.lengths)
            self.run[block.first : stop][block.is_latin] = _LATIN_RUN
            self._maps[block.first : stop] = np.packbits(bits).view(np.uint64).reshape(-1, _WORDS)
        self._set = np.bitwise_count(self._maps).sum(axis=1, dtype=np.float64)

    def estimate(self, ones: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return for each pair the share of the shorter text's runs that the other has.

        What two maps have in common by chance is taken off. 1.0 for maps too full to tell.
        """
        shares = np.empty(len(ones))
        for start in range(0, len(ones), _CHUNK):
            one, other = ones[start : start + _CHUNK], others[start : start + _CHUNK]
            both = np.bitwise_count(self._maps[one] & self._maps[other])
            common = both.sum(axis=1, dtype=np.float64)
            chance = self._set[one] * self._set[other] / _BITS
            smaller = np.minimum(self._set[one], self._set[other])
            share = (common - chance) / np.maximum(smaller - chance, 1.0)
            full = np.maximum(self._set[one], self._set[other]) > _FULL * _BITS
            shares[start : start + _CHUNK] = np.where(full, 1.0, share)
        return shares
