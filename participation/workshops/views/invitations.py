"""Staff page of invitations: making codes, handed out once as a file for the mail merge."""

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.files.web import send_bytes
from participation.policy import Permission, reaches
from participation.sheets.write_csv import write_csv
from participation.sheets.write_xlsx import Sheet, write_xlsx
from participation.web import gate, transaction
from participation.web.forms import put_error
from participation.workshops.forms.registrations import InvitationsForm
from participation.workshops.models import Workshop
from participation.workshops.registration_file import CSV_TYPE, XLSX_TYPE
from participation.workshops.services import invitations as services
from participation.workshops.services.invitations import Invitation
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff

_HEADER = ("番号", "招待コード")


@staff.get("/<int:workshop_id>/invitations")
@gate.requires(Permission.REGISTRATION_READ)
def invitations(workshop_id: int) -> ResponseReturnValue:
    """Show how many invitations there are and how many were used; never a code."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_READ)
    return _page(found, actor)


@staff.post("/<int:workshop_id>/invitations")
@gate.requires(Permission.WORKSHOP_WRITE)
def make_invitations(workshop_id: int) -> ResponseReturnValue:
    """Make invitations and hand their codes out, this once."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    form, notice, status = InvitationsForm(), "", 422
    now = clock.now()
    if form.validate_on_submit():
        try:
            made = services.make_invitations(
                db.session(),
                found,
                form.count.data or 0,
                seen=form.number_seen(),
                actor=actor,
                now=now,
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            notice, status = str(error), error.status
        else:
            transaction.commit()
            return _file(workshop_id, made, str(form.file_format.data))
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    return _page(found, actor, form, notice=notice), status


def _page(
    found: Workshop, actor: Actor, form: InvitationsForm | None = None, *, notice: str = ""
) -> str:
    session = db.session()
    figures = services.figures_of(session, found.id)
    form = form or InvitationsForm(formdata=None)
    form.seen.data = str(figures.made)
    return pages.page(
        "workshops/staff/invitations.html",
        found,
        actor,
        tab="registrations",
        form=form,
        figures=figures,
        has_seats=services.has_invited_seats(session, found.id),
        conflict=notice,
        may_write=reaches(actor, Permission.WORKSHOP_WRITE, found.department_id),
    )


def _file(workshop_id: int, made: list[Invitation], file_format: str) -> Response:
    now = clock.now()
    name = f"招待コード_{workshop_id}_{made[0].number}-{made[-1].number}"
    rows: list[tuple[str | int, ...]] = [(one.number, one.code) for one in made]
    if file_format == "xlsx":
        sheet = Sheet(_("招待コード"), _HEADER, rows, (10, 20))
        data = write_xlsx([sheet], title=_("招待コード"), created=now)
        response = send_bytes(data, name=f"{name}.xlsx", media_type=XLSX_TYPE)
    else:
        data = write_csv(_HEADER, rows, encoding="utf-8-sig").data
        response = send_bytes(data, name=f"{name}.csv", media_type=CSV_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
