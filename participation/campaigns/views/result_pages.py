"""A result as a page: one page of its groups, from frozen words or from the work of today."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Protocol

from flask import request
from sqlalchemy.orm import Session

from participation.campaigns import result_words
from participation.campaigns.queries import results
from participation.campaigns.result_snapshot import (
    Answer,
    ContentsLine,
    Frame,
    PublicText,
    Snapshot,
)
from participation.campaigns.views.speech import words
from participation.core.charts import DayChart, Share
from participation.core.errors import NotFound
from participation.web.templating import translated

# What the address of a result's page may carry.
ARGUMENTS = frozenset({"page"})
_DIGITS = 6


class Source(Protocol):
    """Where the words come from, one page at a time."""

    frame: Frame

    def answers(self, page: int) -> tuple[Answer, ...]:
        """Return the groups of one page, from 1."""

    def texts(self, part: int) -> tuple[PublicText, ...]:
        """Return one page of the opinions of a group that has many."""


class FrozenSource:
    """The words of a frozen result, which are kept in pages."""

    def __init__(self, session: Session, result_id: int) -> None:
        """Read the frame; the groups follow as they are asked for."""
        self._session, self._result_id = session, result_id
        self.frame = results.frozen_frame(session, result_id)

    def answers(self, page: int) -> tuple[Answer, ...]:
        """Return one page, the only thing read."""
        return results.frozen_answers(self._session, self._result_id, page)

    def texts(self, part: int) -> tuple[PublicText, ...]:
        """Return one page of opinions, the only thing read."""
        return results.frozen_texts(self._session, self._result_id, part)


class LiveSource:
    """The result as it would be frozen now."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Cut it into the same pages."""
        self._parts = snapshot.parts()
        self.frame = Frame.from_plain(self._parts[0]["frame"])

    def answers(self, page: int) -> tuple[Answer, ...]:
        """Return one page."""
        return tuple(map(Answer.from_plain, self._parts[page]["answers"]))

    def texts(self, part: int) -> tuple[PublicText, ...]:
        """Return one page of opinions."""
        return tuple(PublicText(**text) for text in self._parts[part]["texts"])


@dataclass(frozen=True)
class Addresses:
    """Where a result's pages are: the residents', or the preview's."""

    page: Callable[[int], str]
    texts: Callable[[int, int], str]  # (printed number of the group, page of its opinions)


@dataclass(frozen=True)
class ResultPage:
    """Everything that the template of a result needs."""

    frame: Frame
    answers: tuple[Answer, ...]
    page: int
    pages: int
    title: str
    outcome: str
    period: str
    apart: list[tuple[str, int, str]]
    channels: tuple[Share, ...]
    categories: tuple[Share, ...]
    days: DayChart | None
    addresses: Addresses
    previous_url: str
    next_url: str
    total: None = None  # the page says in its own words how many there are

    @property
    def is_first(self) -> bool:
        """Whether this is the page with the numbers and the changes."""
        return self.page == 1

    @property
    def sections(self) -> list[tuple[str, list[Answer]]]:
        """The groups of this page below their headings."""
        found = groupby(self.answers, key=lambda answer: answer.heading)
        return [(heading, list(answers)) for heading, answers in found]

    @property
    def contents(self) -> tuple[ContentsLine, ...]:
        """The headings with the pages where they stand."""
        return self.frame.contents

    def answer_url(self, number: int) -> str:
        """Return the address of a group by its printed number."""
        page = self.frame.page_of(number)
        return f"{'' if page == self.page else self.addresses.page(page)}#opinion-{number}"

    def change_url(self, number: int) -> str:
        """Return the address of a change of the draft; they stand on the first page."""
        return f"{'' if self.is_first else self.addresses.page(1)}#amendment-{number}"


@dataclass(frozen=True)
class TextsPage:
    """All opinions behind one group, a page at a time."""

    frame: Frame
    answer: Answer
    texts: tuple[PublicText, ...]
    page: int
    pages: int
    title: str
    back_url: str
    previous_url: str
    next_url: str
    total: int


def read_result(source: Source, addresses: Addresses) -> ResultPage:
    """Return the page of a result that the request asks for.

    Raises:
        NotFound: there is no such page.

    """
    frame = source.frame
    pages = max(frame.pages, 1)
    page = _number("page", pages)
    return ResultPage(
        frame=frame,
        answers=source.answers(page) if frame.groups else (),
        page=page,
        pages=pages,
        title=result_words.title(frame),
        outcome=result_words.outcome(frame),
        period=result_words.period(frame, words()),
        apart=result_words.apart(frame),
        channels=tuple(
            replace(share, label=translated(share.label))
            for share in result_words.channel_shares(frame)
        ),
        categories=result_words.category_shares(frame),
        days=_in_words(result_words.days(frame)),
        addresses=addresses,
        previous_url=addresses.page(page - 1) if page > 1 else "",
        next_url=addresses.page(page + 1) if page < pages else "",
    )


def _in_words(chart: DayChart | None) -> DayChart | None:
    """Return the chart with the names of its strips in the reader's language."""
    if chart is None:
        return None
    strips = (replace(strip, label=translated(strip.label)) for strip in chart.strips)
    return replace(chart, strips=tuple(strips))


def read_texts(source: Source, number: int, addresses: Addresses) -> TextsPage:
    """Return a page of the opinions of the group with a printed number.

    Raises:
        NotFound: there is no such group or page.

    """
    frame = source.frame
    if not 1 <= number <= frame.groups:
        raise NotFound("この結果にその意見はありません。結果のページからお選びください。")
    home = frame.page_of(number)
    answer = next(each for each in source.answers(home) if each.number == number)
    pages = max(answer.text_pages, 1)
    page = _number("page", pages)
    texts = source.texts(answer.texts_part + page - 1) if answer.has_more_texts else answer.texts
    return TextsPage(
        frame=frame,
        answer=answer,
        texts=texts,
        page=page,
        pages=pages,
        title=result_words.title(frame),
        back_url=f"{addresses.page(home)}#opinion-{number}",
        previous_url=addresses.texts(number, page - 1) if page > 1 else "",
        next_url=addresses.texts(number, page + 1) if page < pages else "",
        total=answer.text_total,
    )


def _number(name: str, last: int) -> int:
    text = request.args.get(name, "1")
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise NotFound("お探しのページは見つかりませんでした。")
    number = int(text)
    if not 1 <= number <= last:
        raise NotFound("お探しのページは見つかりませんでした。")
    return number
