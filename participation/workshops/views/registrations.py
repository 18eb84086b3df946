"""The registration board: figures of each pool, the list without names, the list with them."""

from collections.abc import Sequence

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.actors import Actor
from participation.core.charts import Share, done_of
from participation.db.extension import db
from participation.policy import Permission, reaches
from participation.submissions.sender_fields import sender_fields
from participation.web import gate, transaction
from participation.web.pagination import keyset_page
from participation.workshops.forms.registrations import DiscloseForm, ExportForm
from participation.workshops.labels import CHANNEL_LABELS, STATUS_LABELS, STATUS_TONES
from participation.workshops.models import SeatMethod, Workshop
from participation.workshops.queries import registration_lists as queries
from participation.workshops.queries.registration_lists import BoardFilter, PoolFigures
from participation.workshops.registration_file import Columns, named_cells
from participation.workshops.services.disclosing import SHOWN, open_senders
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff
from participation.workshops.views.registration_words import (
    arguments_of,
    asked,
    columns_of,
    pool_names,
)

_PAGE = 50
_MOST_NAMES = 500


@staff.get("/<int:workshop_id>/registrations")
@gate.requires(Permission.REGISTRATION_READ)
def registrations(workshop_id: int) -> ResponseReturnValue:
    """Show how full each pool is and who registered, by receipt number; never a name."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_READ)
    session = db.session()
    figures = queries.pool_figures(session, found.id)
    names = pool_names(found, [one.pool for one in figures])
    form, wanted, valid = asked(names)
    lines = queries.board_lines(
        session, found.id, wanted, limit=_PAGE + 1, before=request.args.get("before")
    )
    page = pages.page(
        "workshops/staff/registrations.html",
        found,
        actor,
        tab="registrations",
        form=form,
        filtered=wanted != BoardFilter(),
        in_order=wanted.in_order,
        figures=figures,
        shares=_shares(figures, names),
        names=names,
        page=keyset_page(lines, _PAGE, key="cursor"),
        channels=CHANNEL_LABELS,
        statuses=STATUS_LABELS,
        tones=STATUS_TONES,
        to_call=queries.count_to_call(session, found.id),
        invited=any(one.pool.method is SeatMethod.INVITED for one in figures),
        export_arguments=arguments_of(wanted),
        may_write=reaches(actor, Permission.REGISTRATION_WRITE, found.department_id),
        may_disclose=reaches(actor, Permission.SENDER_DISCLOSE, found.department_id),
    )
    return page, 200 if valid else 422


@staff.get("/<int:workshop_id>/registrations/names")
@gate.requires(Permission.SENDER_DISCLOSE)
def registration_names(workshop_id: int) -> ResponseReturnValue:
    """Ask why somebody needs the list with names, or the file."""
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    return _names_page(found, actor, DiscloseForm(formdata=None))


@staff.post("/<int:workshop_id>/registrations/names")
@gate.requires(Permission.SENDER_DISCLOSE)
def show_names(workshop_id: int) -> ResponseReturnValue:
    """Show the list with names and contacts, once, and write down who looked and why."""
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    session = db.session()
    form = DiscloseForm()
    if not form.validate_on_submit():
        return _names_page(found, actor, form), 422
    figures = queries.pool_figures(session, found.id)
    _form, wanted, _valid = asked(pool_names(found, [one.pool for one in figures]))
    lines = queries.board_lines(session, found.id, wanted, limit=_MOST_NAMES + 1)
    if len(lines) > _MOST_NAMES:
        flash(
            _(
                "%(most)s件より多いため、画面には表示できません。絞り込むか、ファイルで取り出してください。",
                most=_MOST_NAMES,
            ),
            "warning",
        )
        url = url_for(".registration_names", workshop_id=workshop_id, **arguments_of(wanted))
        return redirect(url, 303)
    senders = open_senders(
        session,
        found,
        [line.receipt_id for line in lines],
        action=SHOWN,
        reason=form.reason.data or "",
        actor=actor,
        now=clock.now(),
    )
    columns = columns_of(session, found, [one.pool for one in figures])
    transaction.commit()
    # Not a redirect: nothing of this may stay anywhere but on this one page.
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    rows = [(line, named_cells(senders.get(line.receipt_id), columns)) for line in lines]
    return _names_page(found, actor, form, rows=rows, columns=columns)


def _names_page(
    found: Workshop,
    actor: Actor,
    form: DiscloseForm,
    *,
    rows: Sequence[object] | None = None,
    columns: Columns | None = None,
) -> str:
    session = db.session()
    pools = [one.pool for one in queries.pool_figures(session, found.id)]
    names = pool_names(found, pools)
    _form, wanted, _valid = asked(names)
    return pages.page(
        "workshops/staff/registration_names.html",
        found,
        actor,
        tab="registrations",
        form=form,
        export_form=ExportForm(formdata=None, prefix="export-"),
        rows=rows,
        header=() if columns is None else columns.named[len(columns.plain) :],
        names=names,
        fields=sender_fields(found.sender_fields),
        statuses=STATUS_LABELS,
        wanted=wanted,
        arguments=arguments_of(wanted),
        channels=CHANNEL_LABELS,
    )


def _shares(figures: Sequence[PoolFigures], names: dict[int, str]) -> tuple[Share, ...]:
    """Return how much of each pool is taken; pools without a limit have no bar."""
    return done_of(
        [
            (names[one.pool.id], one.pool.taken, one.pool.capacity)
            for one in figures
            if one.pool.capacity is not None
        ]
    )
