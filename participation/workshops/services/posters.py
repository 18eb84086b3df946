"""Printing the poster of each workshop, and printing it anew when its words change."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.city import queries as city
from participation.core import clock
from participation.core.actors import Actor, system_actor
from participation.core.errors import StateConflict
from participation.departments.queries import get_department
from participation.files.models import StoredFile
from participation.jobs.models import Job
from participation.jobs.services import enqueue
from participation.mail.links import site_url
from participation.submissions.services.kept_prints import (
    has_words,
    is_printing,
    locked_paper,
    needs_print,
    print_under_way,
    printed_file,
    replace_print,
)
from participation.workshops.models import Workshop, WorkshopPoster, WorkshopState
from participation.workshops.poster_print import Poster, poster_of
from participation.workshops.queries.workshops import pools_of
from participation.workshops.services.state_machine import keep

POSTER_JOB = "workshops.print_poster"
_PAGE = "/workshops/{}/"
_AT_ONCE = 200


def words_of(session: Session, workshop: Workshop, *, now: datetime) -> Poster:
    """Return the words that the poster of a workshop has today."""
    profile = city.get_city(session)
    department = get_department(session, workshop.department_id)
    return poster_of(
        workshop,
        pools_of(session, workshop.id),
        municipality=profile.name if profile is not None else "",
        department=department.name_on(clock.local_date(now)),
        kind=city.kind_of(session, workshop.kind).label,
        address=site_url(session) + _PAGE.format(workshop.id),
    )


def printed_poster(session: Session, workshop_id: int) -> StoredFile | None:
    """Return the poster as last printed."""
    return printed_file(session, session.get(WorkshopPoster, workshop_id))


def is_being_printed(session: Session, workshop_id: int) -> bool:
    """Whether the worker has yet to print it."""
    return is_printing(session, session.get(WorkshopPoster, workshop_id))


def is_up_to_date(session: Session, workshop: Workshop, *, now: datetime) -> bool:
    """Whether the printed poster has the words of today."""
    words = words_of(session, workshop, now=now)
    return has_words(session.get(WorkshopPoster, workshop.id), words.digest())


def request_poster(session: Session, workshop: Workshop, *, actor: Actor, now: datetime) -> Job:
    """Have the worker print the poster; one that is being printed is not printed twice.

    Raises:
        StateConflict: there is no day yet.
        NotFound: somebody else has just deleted the workshop.

    """
    keep(session, workshop)
    if not workshop.days:
        raise StateConflict("日程を入力してから、チラシを作成してください。")
    poster = locked_paper(session, WorkshopPoster, workshop.id)
    job = print_under_way(session, poster)
    if job is not None:
        return job
    job = enqueue(
        session,
        POSTER_JOB,
        {"workshop": workshop.id, "digest": words_of(session, workshop, now=now).digest()},
        actor=actor,
        now=now,
        label="チラシを作成しています",
    )
    poster.job_id = job.id
    session.flush()
    return job


def renew_posters(session: Session, now: datetime) -> int:
    """Have the posters printed whose words have changed; a duty of the worker.

    Of what residents see and what is yet to be held, or has just been put off. What could not be
    printed is tried again only when its words change or a person asks.
    """
    workshops = session.scalars(
        select(Workshop)
        .where(
            Workshop.state.in_(
                (
                    WorkshopState.ANNOUNCED,
                    WorkshopState.POSTPONED,
                    WorkshopState.CANCELLED,
                )
            ),
            Workshop.last_day >= clock.local_date(now),
        )
        .order_by(Workshop.first_day, Workshop.id)
        .limit(_AT_ONCE)
    ).all()
    asked = 0
    for workshop in workshops:
        poster = session.get(WorkshopPoster, workshop.id)
        digest = words_of(session, workshop, now=now).digest()
        if not workshop.days or not needs_print(session, poster, digest):
            continue
        actor = system_actor("workshops poster")
        request_poster(session, workshop, actor=actor, now=now)
        asked += 1
    return asked


def take_print(session: Session, workshop_id: int, *, stored: StoredFile, digest: str) -> None:
    """Offer a fresh print instead of the one before it, whose file is erased."""
    poster = locked_paper(session, WorkshopPoster, workshop_id)
    replace_print(session, poster, stored=stored, digest=digest)
