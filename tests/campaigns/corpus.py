"""Made-up opinions with the truth about them: independent ones, planted copies, edits and letters.

Every text is put together from frames and a vocabulary that is partly made of freely joined
characters, so that two independent texts share turns of phrase (as residents do) and nothing else.
The same seed and size give the same corpus.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LEVELS = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40)

# In the frames, {t} is a topic and {t2} another, {w} who, {s} a state, {a} an act, {h} how, {k} and
# {k2} joined characters, {p} a place, {n} a number. Most sentences are a beginning and an end, so
# that there are a thousand kinds of them.
_WORDS = json.loads(Path(__file__).with_name("corpus_words.json").read_text())


@dataclass(frozen=True)
class Corpus:
    """Texts in mixed order, and for each its origin, how it came from it and how much changed."""

    texts: list[str]
    origins: list[int]  # texts of one origin belong together
    kinds: list[str]  # original, exact, edited, wrapped; independent for one without copies
    edits: list[float]  # share of the original's characters that an edit may have touched


class _Writer:
    """Writes opinions of one language."""

    def __init__(self, rng: random.Random, *, english: bool) -> None:
        self.rng, self.english = rng, english
        self.frames = _WORDS["english_frames"] if english else _WORDS["frames"]
        self.beginnings = _WORDS["english_beginnings"] if english else _WORDS["beginnings"]
        self.endings = _WORDS["english_endings"] if english else _WORDS["endings"]

    def text(self, low: int, high: int) -> str:
        """An opinion of at least ``low`` characters, with a length drawn up to ``high``."""
        wanted = self.rng.randint(low, high) * (2 if self.english else 1)
        parts: list[str] = []
        while sum(map(len, parts)) < wanted:
            parts.append(self.any_sentence())
        return (" " if self.english else "").join(parts)

    def any_sentence(self) -> str:
        """One sentence of any kind."""
        if self.rng.random() < 0.2:
            return self.sentence(self.rng.choice(self.frames))
        beginning, ending = self.rng.choice(self.beginnings), self.rng.choice(self.endings)
        return self.sentence(beginning) + self.sentence(ending)

    def sentence(self, frame: str) -> str:
        """One sentence: ``frame`` with its places filled."""
        pick = self.rng.choice
        if self.english:
            topics = self.rng.sample(_WORDS["english_topics"], 2)
            return frame.format(
                t=topics[0],
                t2=topics[1],
                w=pick(_WORDS["english_people"]),
                s=pick(_WORDS["english_states"]),
                a=pick(_WORDS["english_acts"]),
                n=self.rng.randint(2, 96),
                p=self.word().title(),
                k=self.word(),
                k2=self.word(),
            )
        topics, people = self.rng.sample(_WORDS["topics"], 2), self.rng.sample(_WORDS["people"], 2)
        return frame.format(
            t=topics[0],
            t2=topics[1],
            w=people[0],
            w2=people[1],
            s=pick(_WORDS["states"]),
            a=pick(_WORDS["acts"]),
            h=pick(_WORDS["ways"]),
            n=self.rng.randint(2, 96),
            p=self.place(),
            p2=self.place(),
            k=self.word(),
            k2=self.word(),
        )

    def word(self) -> str:
        """A word that nobody else is likely to use."""
        if self.english:
            return "".join(self.rng.choices(_WORDS["english_syllables"], k=self.rng.randint(2, 4)))
        return "".join(self.rng.choices(_WORDS["characters"], k=self.rng.randint(2, 4)))

    def place(self) -> str:
        """The name of a place."""
        return "".join(self.rng.choices(_WORDS["characters"][:60], k=2)) + self.rng.choice(
            "町区丘台谷"
        )

    def letter(self, text: str) -> str:
        """``text`` inside a personal letter."""
        if self.english:
            head = f"Dear city office, my name is {self.word().title()} and I write from my home. "
            tail = f" Thank you for reading. The {self.word()} season is lovely in {self.word()}."
            around = [self.any_sentence() for _ in range(2)]
            return f"{head}{around[0]} {text} {around[1]}{tail}"
        head = self.sentence(self.rng.choice(_WORDS["letter_heads"]))
        tail = self.sentence(self.rng.choice(_WORDS["letter_tails"]))
        before = [self.any_sentence() for _ in range(self.rng.randint(0, 3))]
        after = [self.any_sentence() for _ in range(self.rng.randint(0, 2))]
        return "\n".join([head, *before, text, *after, tail])

    def edited(self, text: str, share: float) -> str:
        """``text`` with up to ``share`` of its characters touched, as one of three people would."""
        how: Callable[[str, int], str] = self.rng.choice(
            (self._by_words, self._by_words, self._by_sentences, self._by_characters)
        )
        return how(text, int(len(text) * share))

    def _by_words(self, text: str, budget: int) -> str:
        return self._by_spans(text, budget, 2, 7)

    def _by_characters(self, text: str, budget: int) -> str:
        return self._by_spans(text, budget, 1, 1)

    def _by_spans(self, text: str, budget: int, shortest: int, longest: int) -> str:
        # Places are drawn without overlap on the original, so that the share is what it says.
        taken = bytearray(len(text))
        changes: list[tuple[int, int, str]] = []
        for _attempt in range(20 * len(text)):
            if budget < shortest:
                break
            size = min(self.rng.randint(shortest, longest), budget)
            start = self.rng.randrange(max(len(text) - size, 1))
            if any(taken[start : start + size]):
                continue
            act = self.rng.random()
            new = "" if act < 0.25 else self._filling(size)
            stop = start if act > 0.75 else start + size
            taken[start : start + size] = b"\1" * len(taken[start : start + size])
            changes.append((start, stop, new))
            budget -= size
        for start, stop, new in sorted(changes, reverse=True):
            text = text[:start] + new + text[stop:]
        return text

    def _by_sentences(self, text: str, budget: int) -> str:
        end = "." if self.english else "。"
        parts = [part + end for part in text.split(end) if part.strip()]
        order = list(range(len(parts)))
        self.rng.shuffle(order)
        kept: list[str] = parts[:]
        left = budget
        for index in order:
            if len(parts[index]) > left:
                continue
            left -= len(parts[index])
            kept[index] = (
                "" if self.rng.random() < 0.4 else self.any_sentence()[: len(parts[index])]
            )
        return self._by_words("".join(kept), left)

    def _filling(self, size: int) -> str:
        source = self.any_sentence()
        start = self.rng.randrange(max(len(source) - size, 1))
        return source[start : start + size]


def _retyped(rng: random.Random, text: str) -> str:
    """``text`` as copying and retyping leave it: other widths, blanks and line breaks."""
    if rng.random() < 0.3:
        return text
    wide = {ord("0") + digit: ord("０") + digit for digit in range(10)}
    if rng.random() < 0.5:
        text = text.translate(wide)
    pieces = list(text)
    for _ in range(rng.randint(1, 4)):
        pieces.insert(
            rng.randrange(len(pieces) + 1), rng.choice(("\n", "　", " ", "\r\n", "\u00a0"))
        )
    return "".join(pieces)


def make_corpus(
    size: int, *, seed: int = 20240401, planted: float = 0.5, english: float = 0.15
) -> Corpus:
    """Return ``size`` texts, ``planted`` of them in families, ``english`` of all in English.

    A family is an original and copies of it: a third exact but for widths and blanks, half edited
    by 5% to 40%, the rest inside a letter. One family has a hundredth of the corpus.
    """
    rng = random.Random(seed)
    writers = [_Writer(rng, english=False), _Writer(rng, english=True)]
    rows: list[tuple[str, int, str, float]] = []
    in_families, origin = int(size * planted), 0
    while len(rows) < size:
        writer = writers[rng.random() < english]
        if len(rows) >= in_families:
            rows.append((writer.text(60, 320), origin, "independent", 0.0))
            origin += 1
            continue
        count = max(size // 100, 2) if origin == 0 else min(2 + int(rng.expovariate(0.25)), 60)
        original = writer.text(80, 320)
        rows.append((original, origin, "original", 0.0))
        for _ in range(min(count - 1, in_families - len(rows))):
            act = rng.random()
            if act < 0.35:
                rows.append((_retyped(rng, original), origin, "exact", 0.0))
            elif act < 0.88:
                share = rng.choice(LEVELS)
                rows.append((writer.edited(original, share), origin, "edited", share))
            else:
                rows.append((writer.letter(original), origin, "wrapped", 0.0))
        origin += 1
    rng.shuffle(rows)
    return Corpus(*(list(column) for column in zip(*rows, strict=True)))  # type: ignore[arg-type]
