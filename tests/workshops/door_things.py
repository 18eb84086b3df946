"""A letter and a printed list, for the test that opens every page."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from participation.core import clock
from participation.workshops.models import AttendeeSheet, LetterKind, Workshop, WorkshopLetter


def make_door_things(session: Session, workshop: Workshop) -> dict[str, Any]:
    """Values for the addresses of letters and lists."""
    now = clock.now()
    letter = WorkshopLetter(
        workshop_id=workshop.id,
        kind=LetterKind.TYPED,
        subject="会場の変更",
        body="会場を変えます。",
        statuses=["confirmed"],
        created_at=now,
        finished_at=now,
    )
    sheet = AttendeeSheet(
        workshop_id=workshop.id,
        day_id=workshop.days[0].id,
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    session.add_all([letter, sheet])
    session.commit()
    return {"letter_id": letter.id, "sheet_id": sheet.id}
