"""What the worker does for the lists of who comes: print one, and erase those that are over."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import NotFound
from participation.db.engine import writing
from participation.jobs.runner import JobRun
from participation.submissions.services.sealed_files import seal
from participation.workshops.attendee_print import ListHead, attendees_pdf
from participation.workshops.models import AttendeeSheet, Workshop, WorkshopDay
from participation.workshops.services import attendee_sheets as services
from participation.workshops.wording import day_words


def head_of(
    workshop: Workshop, day: WorkshopDay, *, by_number: bool, printed_at: datetime
) -> ListHead:
    """Return what stands above the list of a day."""
    return ListHead(
        title=workshop.title,
        day=day_words(day),
        venue=day.venue if day.at_venue else "オンライン",
        by_number=by_number,
        printed_at=printed_at,
    )


def print_attendees(run: JobRun) -> None:
    """Print a list: the names are opened and on record before a sign of them is drawn."""
    session, now = run.session, clock.now()
    actor = Actor(staff_id=run.payload["staff_id"], name=run.payload["name"])
    sheet = session.get(AttendeeSheet, run.payload["sheet"])
    if sheet is None or sheet.file_id is not None:
        return
    workshop = session.get_one(Workshop, sheet.workshop_id)
    day = session.get(WorkshopDay, sheet.day_id)
    if day is None:
        raise NotFound("この日程はなくなりました。名簿は作成しません。")
    head = head_of(workshop, day, by_number=sheet.by_number, printed_at=now)
    sheet_id = sheet.id
    with writing(session):
        workshop = session.get_one(Workshop, workshop.id)
        rows = services.named_attendees(
            session,
            workshop,
            session.get_one(WorkshopDay, day.id),
            by_number=head.by_number,
            reason=f"当日の名簿の印刷（{head.day}）",
            actor=actor,
            now=now,
        )
        run.commit()
    run.progress(0, 1, "名簿を作成しています")
    pdf = attendees_pdf(head, rows, identifier=f"attendees {sheet_id} {now.isoformat()}")
    with writing(session):
        sheet = session.get_one(AttendeeSheet, sheet_id)
        sealed = seal(
            session, pdf, name="名簿.pdf", media_type="application/pdf", actor=actor, now=now
        )
        services.keep_print(session, sheet, sealed)


def erase_sheets(session: Session, now: datetime) -> None:
    """Erase the lists whose time is over."""
    services.erase_over(session, now)
