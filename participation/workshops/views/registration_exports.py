"""Registrations as files: without names for who may see the board, with names on record."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.files.web import send_bytes
from participation.policy import Permission
from participation.web import gate, transaction
from participation.workshops import registration_file as files
from participation.workshops.forms.registrations import ExportForm
from participation.workshops.models import Workshop
from participation.workshops.queries import registration_lists as queries
from participation.workshops.queries.registration_lists import BoardFilter
from participation.workshops.queries.workshops import pools_of
from participation.workshops.services.disclosing import EXPORTED, open_senders
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff
from participation.workshops.views.registration_words import (
    arguments_of,
    asked,
    columns_of,
    pool_names,
)

_FORMATS = ("xlsx", "csv", "csv-cp932")


@staff.get("/<int:workshop_id>/registrations/export/<file_format>")
@gate.requires(Permission.REGISTRATION_READ)
def export_registrations(workshop_id: int, file_format: str) -> ResponseReturnValue:
    """Hand out the list without anything that names somebody."""
    found, _actor = pages.load(workshop_id, Permission.REGISTRATION_READ)
    if file_format not in _FORMATS:
        raise NotFound(_("このファイル形式はありません。"))
    response, _replaced = _file(found, _wanted(found), file_format, senders=None)
    return response


@staff.post("/<int:workshop_id>/registrations/export-names")
@gate.requires(Permission.SENDER_DISCLOSE)
def export_names(workshop_id: int) -> ResponseReturnValue:
    """Hand out the list with names, and write down who took it and why."""
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    session = db.session()
    form = ExportForm(prefix="export-")
    wanted = _wanted(found)
    if not form.validate_on_submit():
        flash(_("取り出す理由と形式を入力してください。"), "error")
        url = url_for(".registration_names", workshop_id=workshop_id, **arguments_of(wanted))
        return redirect(url, 303)
    receipts = [line.receipt_id for line in queries.all_lines(session, found.id, wanted)]
    senders = open_senders(
        session,
        found,
        receipts,
        action=EXPORTED,
        reason=form.reason.data or "",
        actor=actor,
        now=clock.now(),
    )
    response, replaced = _file(found, wanted, str(form.file_format.data), senders=senders)
    if replaced and "accept" not in request.form:
        # Nothing is handed out yet, so nothing goes on record.
        transaction.discard()
        return _ask_about(workshop_id, wanted, form, replaced)
    transaction.commit()
    return response


def _ask_about(
    workshop_id: int, wanted: BoardFilter, form: ExportForm, replaced: tuple[str, ...]
) -> str:
    """Say which signs of names the chosen form of file lacks, and offer the other one."""
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    return pages.page(
        "workshops/staff/registration_replaced.html",
        found,
        actor,
        tab="registrations",
        replaced=replaced,
        reason=form.reason.data or "",
        arguments=arguments_of(wanted),
    )


def _wanted(found: Workshop) -> BoardFilter:
    _form, wanted, _valid = asked(pool_names(found, pools_of(db.session(), found.id)))
    return wanted


def _file(
    found: Workshop,
    wanted: BoardFilter,
    file_format: str,
    *,
    senders: files.Senders | None,
) -> tuple[Response, tuple[str, ...]]:
    """Return the file, and the signs of it that CP932 lacks."""
    session, now = db.session(), clock.now()
    columns = columns_of(session, found, pools_of(session, found.id))
    header = columns.plain if senders is None else columns.named
    lines = queries.all_lines(session, found.id, wanted)
    rows = files.rows(lines, columns, senders)
    name = f"申込み_{found.id}_{clock.local(now):%Y%m%d}"
    replaced: tuple[str, ...] = ()
    if file_format == "xlsx":
        data = files.as_xlsx(rows, header, created=now)
        response = send_bytes(data, name=f"{name}.xlsx", media_type=files.XLSX_TYPE)
    else:
        encoding = files.ENCODINGS[file_format]
        written = files.as_csv(rows, header, encoding=encoding)
        replaced = written.replaced
        response = send_bytes(written.data, name=f"{name}.csv", media_type=files.CSV_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response, replaced
