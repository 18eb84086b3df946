"""The poster: for residents to download, for staff to look at before anybody else."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.errors import NotFound, StateConflict
from participation.db.extension import db
from participation.files.web import send
from participation.policy import Permission, reaches
from participation.web import gate, transaction
from participation.workshops.models import Workshop, WorkshopState
from participation.workshops.queries.workshops import get_announced
from participation.workshops.services import posters
from participation.workshops.views import pages
from participation.workshops.views.blueprints import public, staff


def poster_url(session: Session, workshop: Workshop) -> str:
    """Return where residents find the poster; empty without one."""
    if workshop.state is WorkshopState.PREPARING:
        return ""
    if posters.printed_poster(session, workshop.id) is None:
        return ""
    return url_for("workshops_public.poster", workshop_id=workshop.id)


@public.get("/<int(max=999999999):workshop_id>/poster.pdf")
@gate.public
def poster(workshop_id: int) -> ResponseReturnValue:
    """Hand out the poster."""
    session = db.session()
    workshop = get_announced(session, workshop_id)
    stored = posters.printed_poster(session, workshop.id)
    if stored is None:
        raise NotFound("チラシはまだありません。催しのページをご覧ください。")
    return send(stored)


@staff.get("/<int(max=999999999):workshop_id>/poster")
@gate.requires(Permission.WORKSHOP_READ)
def poster_page(workshop_id: int) -> ResponseReturnValue:
    """Say whether the printed poster is up to date, and let it be printed."""
    workshop, actor = pages.load(workshop_id, Permission.WORKSHOP_READ)
    session = db.session()
    return pages.page(
        "workshops/staff/poster.html",
        workshop,
        actor,
        tab="workshop",
        stored=posters.printed_poster(session, workshop.id),
        printing=posters.is_being_printed(session, workshop.id),
        is_current=posters.is_up_to_date(session, workshop, now=clock.now()),
        may_print=reaches(actor, Permission.WORKSHOP_WRITE, workshop.department_id),
    )


@staff.get("/<int(max=999999999):workshop_id>/poster.pdf")
@gate.requires(Permission.WORKSHOP_READ)
def poster_file(workshop_id: int) -> ResponseReturnValue:
    """Hand out the poster as last printed."""
    workshop, _actor = pages.load(workshop_id, Permission.WORKSHOP_READ)
    stored = posters.printed_poster(db.session(), workshop.id)
    if stored is None:
        return redirect(url_for(".poster_page", workshop_id=workshop_id), 303)
    return send(stored)


@staff.post("/<int(max=999999999):workshop_id>/poster")
@gate.requires(Permission.WORKSHOP_WRITE)
def print_poster(workshop_id: int) -> ResponseReturnValue:
    """Have the poster printed now."""
    workshop, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    onward = url_for(".poster_page", workshop_id=workshop_id)
    try:
        job = posters.request_poster(db.session(), workshop, actor=actor, now=clock.now())
    except StateConflict as error:
        transaction.discard()
        flash(str(error), "warning")
        return redirect(onward, 303)
    if job.created_by == actor.staff_id:  # else the page says that it is being printed
        onward = url_for("staff.administration.job", job_id=job.id, next=onward)
    transaction.commit()
    return redirect(onward, 303)
