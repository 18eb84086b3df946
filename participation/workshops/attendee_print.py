"""The list of who comes on a day: as a PDF to tick off by hand, and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from participation.core import clock
from participation.core.wareki import format_date
from participation.pdf.renderer import render
from participation.pdf.templating import fill_in, stylesheet
from participation.sheets.write_xlsx import Sheet, write_xlsx
from participation.workshops.labels import SEAT_LABELS
from participation.workshops.queries.day_lists import Attendee
from participation.workshops.services.door_names import Person

_LINES_A_PAGE = 24
HEADER = (
    "番号",
    "受付番号",
    "氏名",
    "ふりがな",
    "団体",
    "電話",
    "席",
    "人数",
    "託児",
    "配慮",
    "お子さん（当日の年齢）",
    "来た人数",
)
_WIDTHS = (6, 17, 18, 20, 20, 16, 12, 6, 6, 30, 34, 10)


@dataclass(frozen=True)
class ListHead:
    """What stands above a list."""

    title: str
    day: str
    venue: str
    by_number: bool
    printed_at: datetime


@dataclass(frozen=True)
class ListLine:
    """One line as it is printed."""

    number: int
    name: str = field(repr=False)
    kana: str = field(repr=False)
    organisation: str = field(repr=False)
    seat: str
    people: int
    notes: tuple[str, ...] = field(repr=False)


def attendees_pdf(
    head: ListHead, rows: Sequence[tuple[Attendee, Person]], *, identifier: str
) -> bytes:
    """Return the list as PDF/UA-1, A4.

    Raises:
        RenderError: the document could not be made.

    """
    lines = [_line(one, person) for one, person in rows]
    html = fill_in(
        "workshops/pdf/attendees.html",
        head=head,
        lines=lines,
        people=sum(line.people for line in lines),
        children=sum(one.childcare for one, _person in rows),
        printed=_moment(head.printed_at),
    )
    return render(
        html,
        stylesheet=stylesheet("workshops/pdf/attendees.css"),
        identifier=identifier,
        created=head.printed_at,
        expected_pages=1 + len(lines) // _LINES_A_PAGE,
    )


def attendees_xlsx(head: ListHead, rows: Sequence[tuple[Attendee, Person]]) -> bytes:
    """Return the list as an Excel file."""
    table = [
        (
            one.number,
            one.receipt_number,
            person.name,
            person.kana,
            person.organisation,
            person.phone,
            _seat(one),
            one.seats,
            one.childcare,
            "、".join((*person.needs, *filter(None, [person.needs_note]))),
            "、".join(person.children),
            one.came or "",
        )
        for one, person in rows
    ]
    sheet = Sheet(name="名簿", header=HEADER, rows=table, widths=_WIDTHS)
    return write_xlsx([sheet], title=f"{head.title} {head.day}", created=head.printed_at)


def _line(one: Attendee, person: Person) -> ListLine:
    notes = [*person.needs, *filter(None, [person.needs_note])]
    notes += [f"託児：{child}" for child in person.children] if one.childcare else []
    return ListLine(
        number=one.number,
        name=person.name or "（消去済み）",
        kana=person.kana,
        organisation=person.organisation,
        seat=_seat(one),
        people=one.seats,
        notes=tuple(notes),
    )


def _seat(one: Attendee) -> str:
    return "・".join(SEAT_LABELS[kind] for kind in one.kinds)


def _moment(at: datetime) -> str:
    local = clock.local(at)
    return f"{format_date(local.date())}{local:%H:%M}"
