"""What the worker does for posters: notice that one is out of date, and print it."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import system_actor
from participation.db.engine import writing
from participation.files.services import store
from participation.jobs.runner import JobRun
from participation.workshops.poster_print import poster_pdf
from participation.workshops.queries.workshops import get_workshop
from participation.workshops.services import posters


def renew_posters(session: Session, now: datetime) -> None:
    """Have the posters printed whose words have changed."""
    posters.renew_posters(session, now)


def print_poster(run: JobRun) -> None:
    """Print the poster of a workshop as its words are now."""
    session, now = run.session, clock.now()
    workshop_id = run.payload["workshop"]
    words = posters.words_of(session, get_workshop(session, workshop_id), now=now)
    session.rollback()
    pdf = poster_pdf(words, created=now)
    with writing(session):
        stored = store(
            session,
            pdf,
            name=f"チラシ_{words.title}.pdf",
            media_type="application/pdf",
            actor=system_actor("workshops poster"),
            now=now,
        )
        posters.take_print(session, workshop_id, stored=stored, digest=words.digest())
