"""Staff pages of the list of who comes, for paper and for Excel."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation import audit
from participation.core import clock
from participation.db.extension import db
from participation.files.web import send_bytes
from participation.policy import Permission
from participation.web import transaction
from participation.web.gate import requires
from participation.workshops.attendee_print import attendees_xlsx
from participation.workshops.jobs.attendee_sheets import head_of
from participation.workshops.queries.day_lists import attendees
from participation.workshops.queries.workshops import get_day
from participation.workshops.services import attendee_sheets as services
from participation.workshops.views import pages
from participation.workshops.views.attendance import DAY
from participation.workshops.views.blueprints import staff
from participation.workshops.views.speech import hours

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@staff.get(DAY + "/lists")
@requires(Permission.SENDER_DISCLOSE)
def attendee_sheets(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Offer the list of a day as PDF and Excel, and the prints that there are."""
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    session = db.session()
    day = get_day(session, found, day_id)
    return pages.page(
        "workshops/staff/attendee_sheets.html",
        found,
        actor,
        tab="attendance",
        day=day,
        day_text=hours(day),
        expected=sum(one.is_expected for one in attendees(session, day)),
        sheets=services.sheets_of(session, day, actor=actor, now=clock.now()),
    )


@staff.post(DAY + "/lists")
@requires(Permission.SENDER_DISCLOSE)
def print_attendees(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Have the list printed."""
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    session = db.session()
    day = get_day(session, found, day_id)
    sheet = services.request_sheet(
        session,
        found,
        day,
        by_number=request.form.get("sort") == "number",
        actor=actor,
        now=clock.now(),
    )
    onward = url_for(".attendee_sheets", workshop_id=workshop_id, day_id=day_id)
    target = url_for("staff.administration.job", job_id=sheet.job_id, next=onward)
    transaction.commit()
    return redirect(target, 303)


@staff.post("/<int(max=999999999):workshop_id>/lists/<int(max=999999999):sheet_id>")
@requires(Permission.SENDER_DISCLOSE)
def attendee_sheet(workshop_id: int, sheet_id: int) -> ResponseReturnValue:
    """Hand out a printed list, and write down who took it."""
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    session, now = db.session(), clock.now()
    sheet = services.get_sheet(session, found, sheet_id, actor=actor, now=now)
    data = services.open_print(session, sheet)
    audit.record(
        session,
        "workshops.attendee_list.downloaded",
        actor=actor,
        now=now,
        subject=f"workshop_day:{sheet.day_id}",
        department_id=found.department_id,
    )
    transaction.commit()
    return send_bytes(data, name=f"名簿_{found.title}.pdf", media_type="application/pdf")


@staff.post(DAY + "/lists.xlsx")
@requires(Permission.SENDER_DISCLOSE)
def attendees_table(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Hand out the list as an Excel file; nothing of it is kept here."""
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    session, now = db.session(), clock.now()
    day = get_day(session, found, day_id)
    by_number = request.form.get("sort") == "number"
    rows = services.named_attendees(
        session,
        found,
        day,
        by_number=by_number,
        reason=_("当日の名簿のExcel（%(day)s）", day=hours(day)),
        actor=actor,
        now=now,
    )
    head = head_of(found, day, by_number=by_number, printed_at=now)
    data = attendees_xlsx(head, rows)
    transaction.commit()
    return send_bytes(data, name=f"名簿_{head.title}.xlsx", media_type=_XLSX)
