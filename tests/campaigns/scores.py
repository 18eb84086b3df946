"""How well a grouping found the families of a corpus."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.campaigns.corpus import Corpus


@dataclass(frozen=True)
class Scores:
    """Shares from 0 to 1."""

    exact: float  # of the exact copies: in the group of their original
    recall: float  # the same of letters and of edits up to 30%
    precision: float  # of the pairs of texts in one group: of one family
    f1: float  # over all pairs, with the edits up to 40%


def score(corpus: Corpus, labels: Sequence[int]) -> Scores:
    """Compare ``labels``, one a text and equal within a group, with the truth."""
    originals = {
        origin: labels[position]
        for position, (origin, kind) in enumerate(zip(corpus.origins, corpus.kinds, strict=True))
        if kind == "original"
    }
    found: Counter[str] = Counter()
    planted: Counter[str] = Counter()
    for position, (kind, edit) in enumerate(zip(corpus.kinds, corpus.edits, strict=True)):
        if kind in {"exact", "edited", "wrapped"} and edit <= 0.3:
            which = "exact" if kind == "exact" else "near"
            planted[which] += 1
            found[which] += labels[position] == originals[corpus.origins[position]]
    both = _pairs(Counter(zip(labels, corpus.origins, strict=True)).values())
    precision = both / max(_pairs(Counter(labels).values()), 1)
    recall = both / max(_pairs(Counter(corpus.origins).values()), 1)
    return Scores(
        found["exact"] / max(planted["exact"], 1),
        found["near"] / max(planted["near"], 1),
        precision,
        2 * precision * recall / max(precision + recall, 1e-9),
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
