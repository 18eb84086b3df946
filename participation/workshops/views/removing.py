"""The staff page that deletes an event which nobody but staff has ever seen."""

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate
from participation.web.acts import attempt
from participation.web.forms import VersionForm
from participation.workshops.queries.workshops import get_workshop
from participation.workshops.services import invitations
from participation.workshops.services.removing import remove_workshop, why_not
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff


@staff.route("/<int:workshop_id>/delete", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def delete_workshop(workshop_id: int) -> ResponseReturnValue:
    """Delete an event after a look at what goes with it, or say why it stays."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session, form = db.session(), VersionForm()

    def act() -> str:
        title = found.title
        remove_workshop(session, found, version=form.version_seen(), actor=actor, now=clock.now())
        return str(_("「%(title)s」を消しました。", title=title))

    response, refusal = attempt(form, act, back=url_for(".index"))
    if response is not None:
        return response
    found = get_workshop(session, workshop_id)
    form.version.data, form.version.raw_data = str(found.version), None
    page = pages.page(
        "workshops/staff/delete.html",
        found,
        actor,
        tab="workshop",
        form=form,
        back=url_for(".workshop", workshop_id=workshop_id),
        reason=why_not(session, found),
        refusal=refusal,
        codes=invitations.figures_of(session, workshop_id).made,
    )
    return page, 409 if refusal else 200
