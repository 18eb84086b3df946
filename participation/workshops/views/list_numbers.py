"""Typing a printed list in afterwards: its numbers or ticks, a look at the names, and then all."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.policy import Permission, reaches
from participation.web import transaction
from participation.web.gate import requires
from participation.workshops.models import Workshop, WorkshopDay
from participation.workshops.numbers_typed import typed_numbers
from participation.workshops.queries.day_lists import Attendee, attendees
from participation.workshops.queries.workshops import get_day
from participation.workshops.services import attendance as services
from participation.workshops.services.door_names import Person, open_names
from participation.workshops.views import pages
from participation.workshops.views.attendance import (
    DAY,
    LABELS,
    count_of,
    may_count,
    people_choices,
)
from participation.workshops.views.blueprints import staff
from participation.workshops.views.speech import hours

_LONGEST = 20_000
_PEOPLE = "people_"


@dataclass(frozen=True)
class Found:
    """A typed number with whose it is and how many are to be noted."""

    one: Attendee
    people: int
    person: Person | None


@staff.get(DAY + "/numbers")
@requires(Permission.REGISTRATION_WRITE)
def list_numbers(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Ask for the numbers that are ticked on the printed list."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_WRITE)
    return _form(found, get_day(db.session(), found, day_id), actor)


@staff.post(DAY + "/numbers")
@requires(Permission.REGISTRATION_WRITE)
def list_numbers_act(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Show whose the numbers are; at the second press tick them all off."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_WRITE)
    session, now = db.session(), clock.now()
    day = get_day(session, found, day_id)
    text = request.form.get("numbers", "")[:_LONGEST]
    try:
        services.check_day(found, day, now)
        if request.form.get("act") == "record":
            arrived = {
                int(name.removeprefix(_PEOPLE)): count_of(value, "people")
                for name, value in request.form.items()
                if name.startswith(_PEOPLE) and name.removeprefix(_PEOPLE).isdecimal()
            }
            new = services.check_in_many(session, found, day, arrived, actor=actor, now=now)
        else:
            wanted = _wanted(text)
            return _preview(found, day, actor, text, wanted)
    except (InvalidInput, StateConflict) as error:
        transaction.discard()
        day = get_day(session, found, day_id)
        return _form(found, day, actor, text=text, problem=str(error)), error.status
    transaction.commit()
    flash(_("%(count)s件を受け付けました。", count=len(new)), "success")
    return redirect(url_for(".attendance_day", workshop_id=workshop_id, day_id=day_id), 303)


def _wanted(text: str) -> Mapping[int, int | None]:
    """Return the typed numbers together with the ticked ones."""
    ticked = [
        int(value)
        for value in request.form.getlist("ticked")
        if value.isdecimal() and value < "9" * 6
    ]
    typed = typed_numbers(text).people if text.strip() or not ticked else {}
    return {**dict.fromkeys(ticked), **typed}


def _form(
    found: Workshop, day: WorkshopDay, actor: Actor, *, text: str = "", problem: str = ""
) -> str:
    listed = [one for one in attendees(db.session(), day) if one.is_expected]
    return pages.page(
        "workshops/staff/list_numbers.html",
        found,
        actor,
        tab="attendance",
        day=day,
        day_text=hours(day),
        listed=listed,
        waiting=sum(one.attendance is None for one in listed),
        text=text,
        problem=problem,
        may_check_in=may_count(found, day, actor),
        **LABELS,
    )


def _preview(
    found: Workshop, day: WorkshopDay, actor: Actor, text: str, wanted: Mapping[int, int | None]
) -> str:
    session = db.session()
    by_number = {one.number: one for one in attendees(session, day)}
    known = [by_number[number] for number in sorted(wanted) if number in by_number]
    names: dict[int, Person] = {}
    if known and reaches(actor, Permission.SENDER_DISCLOSE, found.department_id):
        names = open_names(
            session,
            found,
            [one.receipt_id for one in known],
            clock.local_date(day.starts_at),
            reason=_("印刷した名簿の入力（%(day)s）", day=hours(day)),
            actor=actor,
            now=clock.now(),
        )
        transaction.commit()
    lines = [
        Found(one, wanted[one.number] or one.seats, names.get(one.receipt_id)) for one in known
    ]
    return pages.page(
        "workshops/staff/list_numbers_check.html",
        found,
        actor,
        tab="attendance",
        day=day,
        day_text=hours(day),
        text=text,
        new=[line for line in lines if line.one.is_expected and line.one.attendance is None],
        done=[line for line in lines if line.one.attendance is not None],
        without_seat=[
            line for line in lines if not line.one.is_expected and line.one.attendance is None
        ],
        unknown=[number for number in sorted(wanted) if number not in by_number],
        choices=people_choices,
        **LABELS,
    )
