"""Staff pages that edit a workshop, one section a page."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate
from participation.web.acts import attempt, status_of
from participation.web.form_texts import differences
from participation.web.forms import Form
from participation.web.templating import translated
from participation.workshops.labels import SECTION_LABELS
from participation.workshops.models import Workshop
from participation.workshops.queries.workshops import get_workshop
from participation.workshops.services.editing import may_edit
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff
from participation.workshops.views.edit_sections import PAGES


@staff.route("/<int:workshop_id>/edit/<section>", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def edit(workshop_id: int, section: str) -> ResponseReturnValue:
    """Edit one section; what somebody else changed meanwhile is shown beside what was typed."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    if section not in PAGES:
        raise NotFound("お探しのページは見つかりませんでした。概要からお選びください。")
    part, overview = PAGES[section], url_for(".workshop", workshop_id=workshop_id)
    form = part.make(found)
    if request.method == "GET":
        if not may_edit(found, section):
            flash(_("この部分は、今の状態では変えられません。"), "info")
            return redirect(overview, 303)
        part.fill(form, found)
        form.version.data = str(found.version)

    def act() -> str:
        changed = part.store(form, found, actor, clock.now())
        return str(_("保存しました。") if changed else _("変更はありませんでした。"))

    response, conflict = attempt(form, act, back=overview)
    if response is not None:
        return response
    if form.is_submitted():
        found = get_workshop(db.session(), workshop_id)
    if conflict:
        # Whoever sends the form again has seen the other version beside the own.
        form.show_version(found.version)
    page = pages.page(
        "workshops/staff/edit.html",
        found,
        actor,
        tab="workshop",
        form=form,
        section_title=translated(SECTION_LABELS[section]),
        back=overview,
        conflict=conflict,
        theirs=_theirs(section, form, found) if conflict else [],
    )
    return page, status_of(form, conflict)


def _theirs(section: str, form: Form, workshop: Workshop) -> list[tuple[str, str, str]]:
    """Return (label, what was typed, what is stored) where the two differ."""
    stored = PAGES[section].make(workshop)
    PAGES[section].fill(stored, workshop)
    return differences(form, stored)
