"""Checking in: the page behind the QR code on a phone, and the button of a line of the list."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.core.text import clean_input
from participation.db.extension import db
from participation.policy import Permission, reaches
from participation.web import transaction
from participation.web.gate import requires
from participation.workshops.models import Application, CheckInWay, Workshop, WorkshopDay
from participation.workshops.queries.applications import claims_of
from participation.workshops.queries.day_lists import attendee, by_door_code, days_on
from participation.workshops.queries.workshops import get_day
from participation.workshops.services import attendance as services
from participation.workshops.services.door_names import open_names
from participation.workshops.services.seating import HOLDING
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

_LONGEST_CODE = 64
_LONGEST_ID = 18


@staff.get("/<int(max=999999999):workshop_id>/check-in")
@requires(Permission.REGISTRATION_WRITE)
def check_in(workshop_id: int) -> ResponseReturnValue:
    """Show whom a QR code belongs to, with one button; to open it ticks nobody off."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_WRITE)
    code = clean_input(request.args.get("code", ""))[:_LONGEST_CODE]
    if not code:
        return redirect(url_for(".attendance", workshop_id=workshop_id), 303)
    session, now = db.session(), clock.now()
    application = by_door_code(session, found, code)
    if application is None:
        return _page(found, actor, code=code, unknown=True), 404
    today = days_on(found, clock.local_date(now))
    day = _chosen(session, found, today, now)
    return _scanned(found, application, day, actor, now=now, code=code, today=today)


@staff.post(DAY + "/check-in")
@requires(Permission.REGISTRATION_WRITE)
def check_in_act(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Tick somebody off, correct how many came, or take the tick back."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_WRITE)
    session, now = db.session(), clock.now()
    day = get_day(session, found, day_id)
    application_id = _id(request.form.get("application", ""))
    expected = attendee(session, day, application_id)
    if expected is None:
        raise NotFound("この日の名簿に、その申込みはありません。名簿を開き直してください。")
    scanned = request.form.get("way") == "qr"
    act = request.form.get("act", "")
    try:
        if act == "undo":
            services.undo(session, found, day, application_id, actor=actor, now=now)
            told = _("受付を取り消しました。")
        elif act == "correct":
            people = count_of(request.form.get("people", ""), "people")
            services.correct_people(
                session, found, day, application_id, people=people, actor=actor, now=now
            )
            told = _("人数を%(people)s人に直しました。", people=people)
        else:
            people = count_of(request.form.get("people", ""), "people")
            services.check_in(
                session,
                found,
                day,
                expected,
                people=people,
                way=CheckInWay.QR if scanned else CheckInWay.HAND,
                actor=actor,
                now=now,
            )
            told = _(
                "受け付けました：%(number)s番、%(people)s人", number=expected.number, people=people
            )
    except (InvalidInput, StateConflict) as error:
        transaction.discard()
        flash(str(error), "warning")
    else:
        transaction.commit()
        flash(told, "success")
    return redirect(_back(session, found, day, application_id, scanned=scanned), 303)


def _back(
    session: Session, found: Workshop, day: WorkshopDay, application_id: int, *, scanned: bool
) -> str:
    place: dict[str, Any] = {"workshop_id": found.id}
    if scanned:
        code = session.get_one(Application, application_id).door_code
        return url_for(".check_in", **place, code=code, day=day.id)
    kept: dict[str, Any] = {
        name: request.form[name] for name in ("q", "sort", "show", "page") if request.form.get(name)
    }
    return url_for(".attendance_list", **place, day_id=day.id, **kept, _anchor=f"a{application_id}")


def _scanned(
    found: Workshop,
    application: Application,
    day: WorkshopDay | None,
    actor: Actor,
    *,
    now: datetime,
    code: str,
    today: Any,
) -> ResponseReturnValue:
    session = db.session()
    one = attendee(session, day, application.id) if day is not None else None
    other_days = [
        (_("全日程") if claim.day is None else hours(claim.day))
        for claim in claims_of(session, application)
        if claim.registration.status in HOLDING and claim.pool.kind.value != "childcare"
    ]
    person = None
    if reaches(actor, Permission.SENDER_DISCLOSE, found.department_id):
        person = open_names(
            session,
            found,
            [application.receipt_id],
            clock.local_date(day.starts_at if day is not None else now),
            reason=_("当日の受付（QRコード）"),
            actor=actor,
            now=now,
        )[application.receipt_id]
        transaction.commit()
    return _page(
        found,
        actor,
        code=code,
        unknown=False,
        day=day,
        day_text=hours(day) if day is not None else "",
        today=today,
        one=one,
        person=person,
        party=application.party,
        other_days=other_days,
        can_check_in=day is not None and may_count(found, day, actor),
    )


def _page(found: Workshop, actor: Actor, **context: Any) -> str:
    return pages.page(
        "workshops/staff/check_in.html",
        found,
        actor,
        tab="attendance",
        hours=hours,
        choices=people_choices,
        **context,
        **LABELS,
    )


def _chosen(session: Session, found: Workshop, today: Any, now: datetime) -> WorkshopDay | None:
    """Return the meeting that is meant: the asked one, else the one that goes on or comes next."""
    asked = _id(request.args.get("day", ""))
    if asked:
        return get_day(session, found, asked)
    to_come = [day for day in today if day.ends_at > now]
    return to_come[0] if to_come else today[-1] if today else None


def _id(text: str) -> int:
    usable = text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID
    return min(int(text), 2**31 - 1) if usable else 0
