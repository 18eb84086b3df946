"""Groups of equal and nearly equal texts: each text in one, beside the text that stands for it."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from participation.campaigns.grouping import THRESHOLD
from participation.campaigns.grouping.candidates import Floats, Integers, propose
from participation.campaigns.grouping.overlap import Maps
from participation.campaigns.grouping.shingles import MOST_TEXTS, shared_runs
from participation.campaigns.grouping.similarity import Prepared
from participation.campaigns.texts import comparable

_CACHED = 2048  # prepared texts kept; those that many others are compared with
_TELL_EVERY = 5000
_ERROR = 0.15  # of an estimated share, at most
_CHANCES = 2  # texts that one is compared with at most, likeliest first
_JOINING = 5  # of these, to find families that are one
_LIKELY = 1.8
# An estimated share may come from turns of phrase alone; a share of rare runs hardly does. So the
# first and ``_TELLING`` times the second must reach ``_LEAST`` for a comparison to be worth it.
_TELLING = 8.0
_LEAST = 1.1  # of the threshold

# (done, total, label) as in jobs.runner.JobRun
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Groups:
    """The group of each text, by the position of the texts given."""

    # The position of the text that stands for the group: equal for all texts of one group.
    representatives: list[int]
    similarities: list[float]  # to that text: 1.0 for itself and for equal texts

    @property
    def labels(self) -> list[int]:
        """The groups numbered from 0 in the order of their first texts."""
        numbers: dict[int, int] = {}
        return [numbers.setdefault(text, len(numbers)) for text in self.representatives]


def group_texts(
    texts: Sequence[str],
    *,
    threshold: float = THRESHOLD,
    fixed: int = 0,
    copies: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> Groups:
    """Group ``texts``: equal ones exactly, nearly equal ones around a representative.

    Every text of a group is similar enough to the representative itself, never only to another
    text that is: chains of likeness join nothing. The result depends on the texts and their order
    alone.

    Args:
        texts: as typed; at most ``MOST_TEXTS`` different ones.
        threshold: the similarity asked of texts of ordinary length, from 0 to 1 (similarity.py).
        fixed: the first so many texts stand for groups that exist already: they represent these
            and are themselves never put into another.
        copies: how often each text stands for itself, if the same text is given only once.
        progress: told how far it has come.

    Raises:
        ValueError: a threshold outside 0 to 1, or too many texts.

    """
    if not 0 < threshold <= 1:
        raise ValueError("threshold must lie between 0 and 1")
    found: dict[str, int] = {}
    numbers = array("l", (found.setdefault(comparable(text), len(found)) for text in texts))
    distinct = list(found)
    del found
    if len(distinct) > MOST_TEXTS:
        raise ValueError("too many texts")
    positions = array("l", bytes(8 * len(distinct)))
    weights = array("l", bytes(8 * len(distinct)))
    for position in range(len(texts) - 1, -1, -1):
        positions[numbers[position]] = position  # of the first in the end
        weights[numbers[position]] += copies[position] if copies is not None else 1
    kept = sum(position < fixed for position in positions)
    leaders, similarities = _Grouping(distinct, weights, kept, threshold, progress).run()
    return Groups(
        [positions[leaders[number]] for number in numbers],
        [similarities[number] for number in numbers],
    )


class _Grouping:
    """One grouping of different texts."""

    def __init__(
        self,
        texts: list[str],
        copies: Sequence[int],
        fixed: int,
        threshold: float,
        progress: Progress | None,
    ) -> None:
        self._texts, self._copies, self._fixed = texts, copies, fixed
        self._threshold = threshold
        self._progress = progress or (lambda *_: None)
        self._prepared = lru_cache(maxsize=_CACHED)(lambda number: Prepared(texts[number]))
        # Who is like whom, and how much; both ways.
        self._links: dict[int, dict[int, float]] = {}
        self._unlike: set[tuple[int, int]] = set()  # pairs compared in vain, the lower number first

    def run(self) -> tuple[list[int], list[float]]:
        """Return for each text the one that stands for it and the similarity to that."""
        if len(self._texts) > 1:
            self._link()
        leaders = list(range(len(self._texts)))
        similarities = [1.0] * len(leaders)
        taken = bytearray(len(leaders))
        taken[: self._fixed] = b"\1" * self._fixed
        for leader in sorted(self._links, key=self._standing):
            if taken[leader] and leader >= self._fixed:
                continue
            taken[leader] = 1
            for other, similarity in self._around(leader, taken).items():
                leaders[other], similarities[other] = leader, similarity
                taken[other] = 1
        return leaders, similarities

    def _link(self) -> None:
        """Compare the pairs worth it until each text has found one that it is like.

        Then those pairs that would join two families: a text's likeliest one may be another copy.
        """
        total = len(self._texts)
        self._progress(0, total, "似た意見の候補を探しています")
        found = bytearray(total)
        families = list(range(total))
        for step, (ones, others, shares) in enumerate(self._likely_pairs()):
            joining = step == _CHANCES
            pairs = zip(ones.tolist(), others.tolist(), shares.tolist(), strict=True)
            for count, (one, other, share) in enumerate(pairs):
                if count % _TELL_EVERY == 0:
                    done = total * (step * len(ones) + count) // ((_CHANCES + 1) * len(ones))
                    self._progress(done, total, "似た意見を比べています")
                if joining:
                    if one not in self._links or other not in self._links:
                        continue
                    if _root(families, one) == _root(families, other):
                        continue
                elif found[one]:
                    continue
                similarity = self._known(one, other)
                if similarity is None:
                    similarity = self._compare(one, other, share)
                if not similarity:
                    self._unlike.add((min(one, other), max(one, other)))
                else:
                    self._links.setdefault(one, {})[other] = similarity
                    self._links.setdefault(other, {})[one] = similarity
                    found[one] = 1
                    families[_root(families, one)] = _root(families, other)

    def _known(self, one: int, other: int) -> float | None:
        """Return what comparing two texts said before, the other way round too."""
        if (min(one, other), max(one, other)) in self._unlike:
            return 0.0
        return self._links.get(one, {}).get(other)

    def _likely_pairs(self) -> Iterator[tuple[Integers, Integers, Floats]]:
        """Yield pairs to compare: each text with its likeliest, with its second, with several.

        With the estimated share of the shorter text that is in the other; the pairs with one other
        text stand together, so that it is prepared once.
        """
        maps = Maps(self._texts)
        # Replacing all but a share t of the characters at random leaves t³ of the runs of three.
        least = _LIKELY * self._threshold**maps.run
        parts = []
        for proposals in propose(shared_runs(self._texts), fixed=self._fixed):
            shares = maps.estimate(proposals.ones, proposals.others)
            # What they share of their rare runs tells more than what they share of all.
            likelihood = shares + 2 * proposals.shares
            likely = likelihood >= least[proposals.ones]
            likely &= shares + _TELLING * proposals.shares >= _LEAST * self._threshold
            parts.append(
                (
                    proposals.ones[likely],
                    proposals.others[likely],
                    shares[likely],
                    likelihood[likely],
                )
            )
        del maps
        ones, others, shares, likelihood = (
            np.concatenate(column) for column in zip(*parts, strict=True)
        )
        order = np.lexsort((others, -likelihood, ones))
        ones, others, shares = ones[order], others[order], shares[order]
        place = np.arange(len(ones)) - np.searchsorted(ones, ones)
        for step in range(_CHANCES + 1):
            chosen = np.flatnonzero(place == step if step < _CHANCES else place < _JOINING)
            chosen = chosen[np.argsort(others[chosen], kind="stable")]
            yield ones[chosen], others[chosen], shares[chosen]

    def _standing(self, number: int) -> tuple[bool, int, int, int]:
        """Sort what stands for a group first: a fixed text, then the most copied one."""
        links = len(self._links[number])
        return (number >= self._fixed, -links, -self._copies[number], number)

    def _around(self, leader: int, taken: bytearray) -> dict[int, float]:
        """Return the free texts like ``leader``: its neighbours, theirs, and so on.

        Each is compared with the leader itself; where one is not like it, the way ends.
        """
        joined: dict[int, float] = {}
        seen = {leader}
        waiting = [leader]
        while waiting:
            near = waiting.pop()
            for other in self._links[near]:
                if other in seen or taken[other]:
                    continue
                seen.add(other)
                alike = self._links[leader].get(other) or self._compare(other, leader)
                if alike:
                    joined[other] = alike
                    waiting.append(other)
        return joined

    def _compare(self, one: int, other: int, share: float = 1.0) -> float:
        """Return the similarity of two texts, 0.0 if it is not enough.

        Whether one is in the other is not worth a look unless the estimate comes near it.
        """
        return self._prepared(other).similarity(
            self._texts[one], self._threshold, contained=share + _ERROR >= self._threshold
        )


def _root(families: list[int], number: int) -> int:
    """Return the text that all of a family lead to; ways are shortened as they are gone."""
    while families[number] != number:
        families[number] = families[families[number]]
        number = families[number]
    return number
