"""A result frozen at one moment: what its page, its PDF and its spreadsheets are all made from.

Plain values without tables, so that a published result can be read back in ten years and so that
no renderer can touch the database.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

# So many opinions of a group stand below its answer; the others have pages of their own.
TEXTS_BESIDE_GROUP = 20
# About so much text (in characters) and so many opinions are one page.
PAGE_CHARACTERS = 24_000
PAGE_GROUPS = 40
PAGE_TEXTS = 100
# A line of a contents list for each heading, up to so many.
CONTENTS_LINES = 60


@dataclass(frozen=True)
class Tally:
    """The numbers of a campaign as they were (通, 人, 件), never typed by anybody."""

    submissions: int
    persons: int
    opinions: int
    late: int = 0
    rerouted: int = 0
    out_of_scope_submissions: int = 0
    out_of_scope_opinions: int = 0
    duplicates: int = 0
    reference: int = 0

    @property
    def received(self) -> int:
        """All that came, counted or not."""
        apart = self.late + self.rerouted + self.out_of_scope_submissions + self.reference
        return self.submissions + apart


@dataclass(frozen=True)
class ChannelTally:
    """How many counted submissions came by one channel, and on which days."""

    channel: str  # value of submissions.models.Channel
    submissions: int
    days: tuple[tuple[str, int], ...] = ()  # (ISO date, 通), days without any left out


@dataclass(frozen=True)
class CategoryTally:
    """How much one 対応区分 was given to."""

    code: str
    label: str
    groups: int
    opinions: int
    out_of_scope: bool = False


@dataclass(frozen=True)
class Change:
    """修正: a place of the draft before and after, and the groups of opinions that it answers."""

    number: int
    place: str
    before: str
    after: str
    reason: str
    groups: tuple[int, ...] = ()  # printed numbers


@dataclass(frozen=True)
class PublicText:
    """The public words of one opinion, or of several that say the same in the same words."""

    place: str
    text: str
    reason: str
    times: int = 1


@dataclass(frozen=True)
class Answer:
    """One group: what was said (要旨) and what the city answers (市の考え方)."""

    number: int  # as printed, from 1
    heading: str
    summary: str
    view: str
    category: str  # code
    category_label: str
    opinions: int  # 件
    amendments: tuple[int, ...] = ()  # numbers of the changes that answer it
    texts: tuple[PublicText, ...] = ()
    text_total: int = 0  # how many there are, where only the first stand here
    texts_part: int = 0  # the first part with all of them; 0 when all stand here

    @property
    def has_more_texts(self) -> bool:
        """Whether not all of its opinions stand here."""
        return self.texts_part > 0

    @property
    def text_pages(self) -> int:
        """How many parts its opinions fill."""
        return -(-self.text_total // PAGE_TEXTS)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """Read back what ``asdict`` wrote."""
        return cls(
            **{
                **plain,
                "amendments": tuple(plain["amendments"]),
                "texts": tuple(PublicText(**text) for text in plain["texts"]),
            }
        )


@dataclass(frozen=True)
class ContentsLine:
    """A heading of the groups, with the first group below it and the page where that stands."""

    heading: str
    first: int
    last: int
    page: int
    opinions: int


@dataclass(frozen=True)
class Frame:
    """Everything of a result but the groups themselves."""

    title: str
    municipality: str
    department: str
    contact: tuple[tuple[str, str], ...]  # (label, value)
    procedure: str  # value of models.Procedure
    legal_basis: str
    announced_on: str  # ISO, as all dates here; empty for none
    opens_on: str
    closes_on: str
    extended_from: str  # the last day before it was extended
    places: tuple[str, ...]
    number: int
    correction: str
    introduction: str
    outcome: str  # value of models.Outcome
    outcome_note: str
    tally: Tally
    channels: tuple[ChannelTally, ...]
    categories: tuple[CategoryTally, ...]
    changes: tuple[Change, ...]
    contents: tuple[ContentsLine, ...] = ()
    groups: int = 0
    starts: tuple[int, ...] = ()  # printed number of the first group of each page

    @property
    def pages(self) -> int:
        """How many pages of groups there are."""
        return len(self.starts)

    def page_of(self, number: int) -> int:
        """Return the page (and part) on which the group with a printed number stands."""
        return bisect_right(self.starts, number)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """Read back what ``asdict`` wrote."""
        return cls(
            **{
                **plain,
                "contact": tuple((label, value) for label, value in plain["contact"]),
                "places": tuple(plain["places"]),
                "tally": Tally(**plain["tally"]),
                "channels": tuple(
                    ChannelTally(
                        each["channel"],
                        each["submissions"],
                        tuple((day, count) for day, count in each["days"]),
                    )
                    for each in plain["channels"]
                ),
                "categories": tuple(CategoryTally(**each) for each in plain["categories"]),
                "changes": tuple(
                    Change(**{**each, "groups": tuple(each["groups"])}) for each in plain["changes"]
                ),
                "contents": tuple(ContentsLine(**each) for each in plain["contents"]),
                "starts": tuple(plain["starts"]),
            }
        )


@dataclass(frozen=True)
class Snapshot:
    """A whole result: the frame, every group with all of its texts, and the city's own form."""

    frame: Frame
    answers: tuple[Answer, ...]

    def parts(self) -> list[dict[str, Any]]:
        """Return the result cut into pages, as plain values; 0 is the frame.

        Pages of groups follow, then the pages of all texts of those groups that have many, so
        that reading any page of a result costs the same however long it is.
        """
        cut = list(_pages(self.answers))
        texts_part = 1 + len(cut)
        pages = []
        texts: list[dict[str, Any]] = []
        for page in cut:
            kept = []
            for answer in page:
                total = len(answer.texts)
                if total > TEXTS_BESIDE_GROUP:
                    kept.append(
                        replace(
                            answer,
                            texts=answer.texts[:TEXTS_BESIDE_GROUP],
                            text_total=total,
                            texts_part=texts_part + len(texts),
                        )
                    )
                    texts += [
                        {
                            "texts": [
                                asdict(text) for text in answer.texts[first : first + PAGE_TEXTS]
                            ]
                        }
                        for first in range(0, total, PAGE_TEXTS)
                    ]
                else:
                    kept.append(replace(answer, text_total=total))
            pages.append({"answers": [asdict(answer) for answer in kept]})
        frame = replace(
            self.frame,
            contents=tuple(_contents(cut)),
            groups=len(self.answers),
            starts=tuple(page[0].number for page in cut),
        )
        return [{"frame": asdict(frame)}, *pages, *texts]


def digest(parts: Iterable[dict[str, Any]]) -> str:
    """Return the SHA-256 of a result's parts, in hexadecimal; equal results have equal ones."""
    total = hashlib.sha256()
    for part in parts:
        total.update(
            json.dumps(part, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
                "utf-8", "replace"
            )
        )
        total.update(b"\n")
    return total.hexdigest()


def _size(answer: Answer) -> int:
    shown = answer.texts[:TEXTS_BESIDE_GROUP]
    return (
        len(answer.summary)
        + len(answer.view)
        + sum(len(text.text) + len(text.reason) + len(text.place) + 40 for text in shown)
    )


def _pages(answers: Iterable[Answer]) -> Iterable[list[Answer]]:
    page: list[Answer] = []
    size = 0
    for answer in answers:
        more = _size(answer)
        if page and (size + more > PAGE_CHARACTERS or len(page) >= PAGE_GROUPS):
            yield page
            page, size = [], 0
        page.append(answer)
        size += more
    if page:
        yield page


def _contents(pages: list[list[Answer]]) -> list[ContentsLine]:
    """Return a line for each heading, or for each page where there are too many headings."""
    lines: list[ContentsLine] = []
    for number, page in enumerate(pages, start=1):
        for answer in page:
            last = lines[-1] if lines else None
            if last is not None and last.heading == answer.heading:
                lines[-1] = replace(
                    last, last=answer.number, opinions=last.opinions + answer.opinions
                )
            else:
                lines.append(
                    ContentsLine(
                        answer.heading, answer.number, answer.number, number, answer.opinions
                    )
                )
    if len(lines) <= CONTENTS_LINES:
        return lines
    return [
        ContentsLine(
            "", page[0].number, page[-1].number, number, sum(each.opinions for each in page)
        )
        for number, page in enumerate(pages, start=1)
    ]
