"""Staff pages of the day itself: figures, the list with names, walk-ins."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input
from participation.db.extension import db
from participation.policy import Permission, reaches
from participation.web import transaction
from participation.web.gate import requires
from participation.workshops.labels import SEAT_LABELS, STATUS_LABELS, STATUS_TONES, WAY_LABELS
from participation.workshops.models import Workshop, WorkshopDay
from participation.workshops.queries import attendance as counts
from participation.workshops.queries.day_lists import Attendee, attendees, days_on
from participation.workshops.queries.workshops import get_day
from participation.workshops.services import attendance as services
from participation.workshops.services.door_names import Person, open_names, reading
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff
from participation.workshops.views.speech import hours

_PAGE = 50
_LONGEST_WORD = 60
_LONGEST_COUNT = 5
DAY = "/<int(max=999999999):workshop_id>/attendance/<int(max=999999999):day_id>"
LABELS = {
    "seat_labels": SEAT_LABELS,
    "status_labels": STATUS_LABELS,
    "status_tones": STATUS_TONES,
    "way_labels": WAY_LABELS,
}


@dataclass(frozen=True)
class Line:
    """One line of the list with its name."""

    one: Attendee
    person: Person


@staff.get("/<int(max=999999999):workshop_id>/attendance")
@requires(Permission.REGISTRATION_READ)
def attendance(workshop_id: int) -> ResponseReturnValue:
    """List the days with who was expected and who came."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_READ)
    session, today = db.session(), clock.local_date(clock.now())
    return pages.page(
        "workshops/staff/attendance.html",
        found,
        actor,
        tab="attendance",
        days=found.days,
        by_day=counts.people_by_day(session, found.id),
        people=counts.people(session, found.id),
        today=[day.id for day in days_on(found, today)],
        hours=hours,
    )


@staff.get(DAY)
@requires(Permission.REGISTRATION_READ)
def attendance_day(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Show the figures of one day and the ways to tick off who came."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_READ)
    return _day_page(found, get_day(db.session(), found, day_id), actor)


@staff.post(DAY + "/walk-ins")
@requires(Permission.REGISTRATION_WRITE)
def walk_ins(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Count who came without a registration: one more, or the numbers as typed."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_WRITE)
    session, now = db.session(), clock.now()
    day = get_day(session, found, day_id)
    refusal = ""
    typed = {name: request.form.get(name, "") for name in ("walk_ins", "again")}
    try:
        if request.form.get("act") == "add":
            services.add_walk_in(session, found, day, actor=actor, now=now)
        else:
            services.count_walk_ins(
                session,
                found,
                day,
                walk_ins=count_of(typed["walk_ins"], "walk_ins"),
                again=count_of(typed["again"] or "0", "again"),
                seen=(
                    count_of(request.form.get("seen_walk_ins", ""), "walk_ins"),
                    count_of(request.form.get("seen_again", ""), "again"),
                ),
                actor=actor,
                now=now,
            )
    except (InvalidInput, StateConflict) as error:
        transaction.discard()
        refusal, status = str(error), error.status
        day = get_day(session, found, day_id)
        return _day_page(found, day, actor, refusal=refusal, typed=typed), status
    transaction.commit()
    flash(_("申込みのない方の人数を記録しました。"), "success")
    return redirect(
        url_for(".attendance_day", workshop_id=workshop_id, day_id=day_id, _anchor="walk-ins"), 303
    )


@staff.get(DAY + "/list")
@requires(Permission.SENDER_DISCLOSE)
def attendance_list(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """List who is expected, with names, a button each; the first look goes on record."""
    word = _word()
    return _list_page(workshop_id, day_id, word if _is_number(word) else "")


@staff.post(DAY + "/list")
@requires(Permission.SENDER_DISCLOSE)
def attendance_search(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Show who is meant by a name, a reading or a number; no address ever holds a name."""
    return _list_page(workshop_id, day_id, _word())


def _list_page(workshop_id: int, day_id: int, word: str) -> str:
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    session, now = db.session(), clock.now()
    day = get_day(session, found, day_id)
    everybody = request.values.get("show") == "all"
    listed = [one for one in attendees(session, day) if everybody or one.is_expected or one.came]
    people = open_names(
        session,
        found,
        [one.receipt_id for one in listed],
        clock.local_date(day.starts_at),
        reason=_("当日の受付（%(day)s）", day=hours(day)),
        actor=actor,
        now=now,
    )
    transaction.commit()
    lines = [Line(one, people[one.receipt_id]) for one in listed]
    by_number = request.values.get("sort") == "number"
    lines.sort(key=lambda line: (line.one.number,) if by_number else line.person.sort_key)
    matching = [line for line in lines if matches(line, word)]
    page_number = _page_number(request.args.get("page", ""), len(matching))
    first = (page_number - 1) * _PAGE
    return pages.page(
        "workshops/staff/attendance_list.html",
        found,
        actor,
        tab="attendance",
        day=day,
        day_text=hours(day),
        lines=matching[first : first + _PAGE],
        total=len(matching),
        all_total=len(lines),
        first=first,
        word=word,
        # What may stand in an address; of a name the page of the whole list instead.
        address_word=word if _is_number(word) else "",
        places={line.one.application_id: at // _PAGE + 1 for at, line in enumerate(lines)},
        sort="number" if by_number else "kana",
        everybody=everybody,
        previous_page=page_number - 1 if page_number > 1 else None,
        next_page=page_number + 1 if first + _PAGE < len(matching) else None,
        may_check_in=may_count(found, day, actor),
        choices=people_choices,
        **LABELS,
    )


def _word() -> str:
    return clean_input(request.values.get("q", ""))[:_LONGEST_WORD].strip()


def _is_number(word: str) -> bool:
    """Whether a word is a number of the list or of a receipt, and nobody's name."""
    folded = reading(word)
    return folded.isascii() and any(sign.isdigit() for sign in folded)


def matches(line: Line, word: str) -> bool:
    """Whether a line is meant by a number of the list, a receipt number, a reading or a name."""
    if not word:
        return True
    folded = reading(word)
    if folded.isascii() and folded.isdigit() and len(folded) <= _LONGEST_COUNT:
        return line.one.number == int(folded)
    person = line.person
    return (
        any(folded in reading(text) for text in (person.kana, person.name, person.organisation))
        or folded.replace("-", "") in line.one.receipt_number.replace("-", "").casefold()
    )


def people_choices(seats: int, now: int = 0) -> list[int]:
    """Return the numbers of people to choose from: those with a seat and a few more."""
    return list(range(1, max(seats, now) + 4))


def may_count(workshop: Workshop, day: WorkshopDay, actor: Any) -> bool:
    """Whether the actor can tick off on this day now."""
    if not reaches(actor, Permission.REGISTRATION_WRITE, workshop.department_id):
        return False
    try:
        services.check_day(workshop, day, clock.now())
    except StateConflict:
        return False
    return True


def count_of(text: str, field: str) -> int:
    """Return a number of people as typed, full-width or not.

    Raises:
        InvalidInput: it is none.

    """
    folded = reading(text)
    if not (folded.isascii() and folded.isdigit() and len(folded) <= _LONGEST_COUNT):
        raise InvalidInput("人数は、0以上の数で入力してください。", field=field)
    return int(folded)


def _day_page(
    found: Workshop,
    day: WorkshopDay,
    actor: Any,
    *,
    refusal: str = "",
    typed: dict[str, str] | None = None,
) -> str:
    session = db.session()
    figures = counts.people_by_day(session, found.id)[day.id]
    listed = attendees(session, day)
    why_not = ""
    try:
        services.check_day(found, day, clock.now())
    except StateConflict as error:
        why_not = str(error)
    return pages.page(
        "workshops/staff/attendance_day.html",
        found,
        actor,
        tab="attendance",
        day=day,
        day_text=hours(day),
        figures=figures,
        expected=sum(one.is_expected for one in listed),
        came=sum(one.attendance is not None for one in listed),
        is_first=bool(found.days) and found.days[0].id == day.id,
        refusal=refusal,
        why_not=why_not,
        typed=typed or {"walk_ins": str(day.walk_ins), "again": str(day.again)},
        may_write=reaches(actor, Permission.REGISTRATION_WRITE, found.department_id),
        may_disclose=reaches(actor, Permission.SENDER_DISCLOSE, found.department_id),
    )


def _page_number(text: str, total: int) -> int:
    last = max(1, -(-total // _PAGE))
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT):
        return 1
    return min(max(int(text), 1), last)
