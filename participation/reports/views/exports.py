"""Exporting entries for staff, within their rights."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.core import clock, fiscal_year
from participation.core.actors import Actor
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.departments.queries import all_departments
from participation.files.web import send_bytes
from participation.policy import Permission, reachable_departments
from participation.reports import export
from participation.reports.forms.imports import EVERY_DEPARTMENT, ExportForm
from participation.reports.models import EntryState
from participation.reports.queries import exports as queries
from participation.reports.queries.entries import LIVE
from participation.reports.views.blueprints import staff
from participation.web import gate


@staff.get("/export")
@gate.requires(Permission.ENTRY_READ)
def export_entries() -> ResponseReturnValue:
    """Offer the entries within reach as a file."""
    actor = gate.authorize(Permission.ENTRY_READ)
    return render_template("reports/staff/imports/export.html", form=_form(actor), replaced=())


@staff.get("/export/file")
@gate.requires(Permission.ENTRY_READ)
def export_file() -> ResponseReturnValue:
    """Hand out the file; before one that loses characters, say which."""
    actor = gate.authorize(Permission.ENTRY_READ)
    form = _form(actor)
    if not form.validate():
        raise NotFound("その条件では書き出せません。条件を選び直してください。")
    now = clock.now()
    reach = reachable_departments(actor, Permission.ENTRY_READ)
    chosen = form.department.data
    departments = reach if chosen == EVERY_DEPARTMENT else frozenset({chosen})
    entries = queries.exported_entries(
        db.session(),
        form.year.data or queries.years_with_entries(db.session()),
        department_ids=departments,
        states=(EntryState(form.state.data),) if form.state.data else LIVE,
        now=now,
    )
    name = f"取り組みの記載_{clock.local(now):%Y%m%d}"
    if form.format.data == "xlsx":
        data = export.entries_xlsx(entries, created=now)
        return send_bytes(data, name=f"{name}.xlsx", media_type=export.XLSX_TYPE)
    is_cp932 = form.format.data == "csv-cp932"
    result = export.entries_csv(entries, encoding="cp932" if is_cp932 else "utf-8-sig")
    if result.replaced and "accept" not in request.args:
        # By name: the query may hold words that url_for takes for its own.
        again: dict[str, Any] = {
            name: request.args.getlist(name) for name in ("year", "department", "state")
        }
        return render_template(
            "reports/staff/imports/export.html",
            form=form,
            replaced=result.replaced,
            anyway_url=url_for(".export_file", **again, format="csv-cp932", accept="1"),
            utf8_url=url_for(".export_file", **again, format="csv"),
        )
    return send_bytes(result.data, name=f"{name}.csv", media_type=export.CSV_TYPE)


def _form(actor: Actor) -> ExportForm:
    """Return the form with the years there are and the departments within reach."""
    session = db.session()
    today = clock.local_date(clock.now())
    reach = reachable_departments(actor, Permission.ENTRY_READ)
    form = ExportForm(request.args)
    form.year.choices = [
        SelectChoice(year, fiscal_year.western_label(year))
        for year in queries.years_with_entries(session)
    ]
    form.department.choices = [
        SelectChoice(EVERY_DEPARTMENT, _("すべての課") if reach is None else _("自分の課すべて")),
        *(
            SelectChoice(department.id, department.name_on(today))
            for department in all_departments(session)
            if reach is None or department.id in reach
        ),
    ]
    return form
