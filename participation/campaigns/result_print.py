"""A result on paper: its frozen words in, the bytes of a PDF/UA-1 document out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import ceil

from participation.campaigns import result_words
from participation.campaigns.result_snapshot import Answer, Change, Frame, Snapshot, digest
from participation.core import clock, wareki
from participation.core.text import display_width
from participation.pdf.fonts import MissingGlyph, missing_glyphs
from participation.pdf.renderer import Progress, render
from participation.pdf.templating import fill_in, stylesheet

# Characters on a line of each column and lines on a page, in round numbers taken from the print
# template. They decide only where a row may be cut, never what is printed.
_SUMMARY, _VIEW, _CHANGE, _REASON = 16, 20, 15, 10
_LINES_A_PAGE = 46
# A row up to this long moves to the next page whole; a longer one is cut where the page ends. It
# must fit there below the header row.
_WHOLE_LINES = 16


@dataclass(frozen=True)
class PrintedAnswer:
    """One row of a table; ``whole`` if the end of a page must not cut it."""

    answer: Answer
    whole: bool


@dataclass(frozen=True)
class Section:
    """A heading of the city's answers with the table below it; the heading may be empty."""

    heading: str
    answers: tuple[PrintedAnswer, ...]
    whole: bool  # so small a table that the end of a page must not cut it


@dataclass(frozen=True)
class PrintedChange:
    """One row of the table of changes."""

    change: Change
    whole: bool


def result_pdf(snapshot: Snapshot, *, created: datetime, progress: Progress | None = None) -> bytes:
    """Return the result as PDF/UA-1; the same arguments give the same bytes on every machine.

    Args:
        snapshot: what is printed; texts that the typefaces lack become 〓.
        created: the moment (aware) written into the document.
        progress: told (done, total, label) a page at a time.

    Raises:
        RenderError: the document could not be made.

    """
    return render(
        result_html(snapshot, created=created),
        stylesheet=stylesheet("campaigns/pdf/result.css"),
        identifier=f"result {digest(snapshot.parts())}",
        created=created,
        progress=progress,
        expected_pages=expected_pages(snapshot),
    )


def result_html(snapshot: Snapshot, *, created: datetime) -> str:
    """Return the HTML that ``result_pdf`` sets with templates/campaigns/pdf/result.css."""
    frame = snapshot.frame
    return fill_in(
        "campaigns/pdf/result.html",
        frame=frame,
        words=result_words,
        sections=tuple(sections(snapshot)),
        changes=tuple(
            PrintedChange(change, _change_height(change) <= _WHOLE_LINES)
            for change in frame.changes
        ),
        is_small=lambda text: _lines(text, _VIEW) <= _WHOLE_LINES,
        printed_on=wareki.format_month(clock.local_date(created)),
        day=wareki.format_date,
    )


def sections(snapshot: Snapshot) -> Iterator[Section]:
    """Yield the headings in printed order with the rows below each."""
    for heading, answers in groupby(snapshot.answers, key=lambda answer: answer.heading):
        rows = tuple(PrintedAnswer(each, _height(each) <= _WHOLE_LINES) for each in answers)
        lines = sum(_height(row.answer) + 1 for row in rows)
        yield Section(heading, rows, whole=lines <= _WHOLE_LINES)


def replaced_characters(snapshot: Snapshot) -> tuple[MissingGlyph, ...]:
    """Return the characters of the result that the PDF will show as 〓 or leave out."""
    return missing_glyphs("".join(_texts(snapshot)))


def expected_pages(snapshot: Snapshot) -> int:
    """Return about how many pages the result will have."""
    lines = sum(_height(answer) + 1 for answer in snapshot.answers)
    lines += sum(_change_height(change) + 1 for change in snapshot.frame.changes)
    return 3 + ceil(lines / _LINES_A_PAGE)


def _texts(snapshot: Snapshot) -> Iterator[str]:
    frame: Frame = snapshot.frame
    yield from (frame.title, frame.municipality, frame.department, frame.legal_basis)
    yield from (frame.introduction, frame.outcome_note, frame.correction)
    yield from (text for line in frame.contact for text in line)
    yield from frame.places
    for category in frame.categories:
        yield from (category.code, category.label)
    for answer in snapshot.answers:
        yield from (answer.heading, answer.summary, answer.view)
    for change in frame.changes:
        yield from (change.place, change.before, change.after, change.reason)


def _height(answer: Answer) -> int:
    return max(_lines(answer.summary, _SUMMARY), _lines(answer.view, _VIEW), 2)


def _change_height(change: Change) -> int:
    return max(
        _lines(change.before, _CHANGE),
        _lines(change.after, _CHANGE),
        _lines(change.reason, _REASON),
        2,
    ) + _lines(change.place, 40)


def _lines(text: str, length: int) -> int:
    """Return about how many lines of ``length`` full-width characters ``text`` takes."""
    return sum(ceil(display_width(line) / (2 * length)) or 1 for line in text.split("\n"))
