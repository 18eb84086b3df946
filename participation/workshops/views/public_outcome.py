"""Residents' pages of what came of a workshop: the outcome, its photographs and materials."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.files import web as files
from participation.web import gate
from participation.workshops.models import WorkshopFileKind
from participation.workshops.queries import outcomes as queries
from participation.workshops.queries.page_facts import page_facts
from participation.workshops.queries.workshops import get_announced
from participation.workshops.views.blueprints import public
from participation.workshops.views.memory import from_memory
from participation.workshops.views.outcome_page import outcome_page
from participation.workshops.views.speech import department_names, span


@public.get("/<int:workshop_id>/outcome/")
@gate.public
def outcome(workshop_id: int) -> ResponseReturnValue:
    """Show the outcome once it is published."""
    facts = page_facts(db.engine, "outcome", workshop_id, clock.now())
    return from_memory(facts, lambda: _render(workshop_id))


@public.get("/<int:workshop_id>/files/<int:workshop_file_id>")
@gate.public
def file(workshop_id: int, workshop_file_id: int) -> ResponseReturnValue:
    """Hand out a photograph, or a material as a download, once it is published."""
    session = db.session()
    found = get_announced(session, workshop_id)
    held = queries.get_published_file(session, found, workshop_file_id)
    return files.send(held.stored, inline=held.file.kind is WorkshopFileKind.PHOTO)


def _render(workshop_id: int) -> str:
    session = db.session()
    found = get_announced(session, workshop_id)
    page = outcome_page(session, found, published=True, now=clock.now())
    if page is None:
        raise NotFound(
            _("この催しの開催結果は、まだ公表していません。催しのページをご覧ください。")
        )
    return render_template(
        "workshops/public/outcome.html",
        workshop=found,
        page=page,
        span=span(found),
        department=department_names(session, [found])[found.id],
    )
