"""Pages of importing entries: upload, look at what the file would do, then a yes or a no."""

import tempfile
from pathlib import Path

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.core import clock
from participation.core.actors import Actor, Role
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.departments import queries as departments
from participation.files.models import StoredFile
from participation.files.services import store
from participation.files.web import send_bytes
from participation.policy import Permission, reachable_departments
from participation.reports import export, labels
from participation.reports.forms.imports import UploadForm
from participation.reports.models import EntryState, ImportBatch, ImportState
from participation.reports.queries import imports as queries
from participation.reports.services import entry_import as services
from participation.reports.views.blueprints import staff
from participation.reports.views.chosen import asked_number
from participation.sheets.checking import KEPT_PROBLEMS, problems_xlsx
from participation.web import gate, transaction
from participation.web.pagination import keyset_page

_PAGE = 30
_SHOWN_PROBLEMS = 100
_ZIP = b"PK"


@staff.get("/imports")
@gate.requires(Permission.ENTRY_IMPORT)
def imports() -> ResponseReturnValue:
    """List the imports of the departments within reach, newest first."""
    actor = gate.authorize(Permission.ENTRY_IMPORT)
    found = queries.latest_batches(
        db.session(),
        reachable_departments(actor, Permission.ENTRY_IMPORT),
        size=_PAGE + 1,
        before=asked_number("before"),
    )
    return render_template(
        "reports/staff/imports/index.html",
        page=keyset_page(found, _PAGE),
        states=labels.IMPORT_STATE,
        tones=labels.IMPORT_STATE_TONE,
    )


@staff.route("/imports/new", methods=["GET", "POST"])
@gate.requires(Permission.ENTRY_IMPORT)
def new_import() -> ResponseReturnValue:
    """Take a file; the worker reads it."""
    actor = gate.authorize(Permission.ENTRY_IMPORT)
    form = _upload_form(actor)
    if form.validate_on_submit():
        upload = form.file.data
        if not isinstance(upload, FileStorage) or not upload.filename:
            form.file.errors = [_("ファイルを選んでください。")]
        else:
            batch_id, job_id = _open_batch(form, upload, actor)
            onward = url_for(".import_batch", batch_id=batch_id)
            return redirect(url_for("staff.administration.job", job_id=job_id, next=onward), 303)
    return render_template(
        "reports/staff/imports/new.html",
        form=form,
        open_columns=sorted(
            labels.column_label(kind, year) for kind, year in queries.open_columns(db.session())
        ),
        whole_city="department" not in form,
    )


@staff.get("/imports/<int(max=999999999):batch_id>")
@gate.requires(Permission.ENTRY_IMPORT)
def import_batch(batch_id: int) -> ResponseReturnValue:
    """Show what a file would do, or has done."""
    actor = gate.authorize(Permission.ENTRY_IMPORT)
    batch = _reachable_batch(actor, batch_id)
    return render_template(
        "reports/staff/imports/batch.html",
        batch=batch,
        states=labels.IMPORT_STATE,
        tones=labels.IMPORT_STATE_TONE,
        entry_state=labels.STATE[batch.entry_state],
        problems=batch.problems[:_SHOWN_PROBLEMS],
        kept_problems=KEPT_PROBLEMS,
        being_stored=services.is_being_stored(db.session(), batch),
        is_ready=batch.state is ImportState.READY,
        is_reading=batch.state is ImportState.READING,
        is_refused=batch.state is ImportState.REFUSED,
        is_stored=batch.state is ImportState.STORED,
    )


@staff.post("/imports/<int(max=999999999):batch_id>/store")
@gate.requires(Permission.ENTRY_IMPORT)
def store_import(batch_id: int) -> ResponseReturnValue:
    """Have the rows stored, all or none."""
    actor = gate.authorize(Permission.ENTRY_IMPORT)
    batch = _reachable_batch(actor, batch_id)
    job = services.request_storing(db.session(), batch, actor=actor, now=clock.now())
    transaction.commit()
    onward = url_for(".import_batch", batch_id=batch_id)
    return redirect(url_for("staff.administration.job", job_id=job.id, next=onward), 303)


@staff.post("/imports/<int(max=999999999):batch_id>/discard")
@gate.requires(Permission.ENTRY_IMPORT)
def discard_import(batch_id: int) -> ResponseReturnValue:
    """Give the import up."""
    actor = gate.authorize(Permission.ENTRY_IMPORT)
    batch = _reachable_batch(actor, batch_id)
    services.discard_batch(db.session(), batch, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("取り込みをやめました。記載は何も変わっていません。"), "info")
    return redirect(url_for(".imports"), 303)


@staff.get("/imports/<int(max=999999999):batch_id>/problems.xlsx")
@gate.requires(Permission.ENTRY_IMPORT)
def import_problems(batch_id: int) -> ResponseReturnValue:
    """Hand out what is wrong with the file as a workbook."""
    actor = gate.authorize(Permission.ENTRY_IMPORT)
    batch = _reachable_batch(actor, batch_id)
    title = f"{batch.file_name} の直すところ"
    data = problems_xlsx(batch.problems, title=title, created=batch.created_at)
    return send_bytes(data, name=f"直すところ_{batch.id}.xlsx", media_type=export.XLSX_TYPE)


def _reachable_batch(actor: Actor, batch_id: int) -> ImportBatch:
    batch = queries.get_batch(db.session(), batch_id)
    reach = reachable_departments(actor, Permission.ENTRY_IMPORT)
    if reach is not None and batch.department_id not in reach:
        raise NotFound("その取り込みは見つかりませんでした。一覧からお選びください。")
    return batch


def _upload_form(actor: Actor) -> UploadForm:
    """Return the form with the choices that ``actor`` has."""
    form = UploadForm()
    if reachable_departments(actor, Permission.ENTRY_IMPORT) is None:
        del form.department
        return form
    del form.state
    own = [
        grant.department_id
        for grant in actor.grants
        if grant.department_id is not None and grant.role in {Role.CONTRIBUTOR, Role.APPROVER}
    ]
    today = clock.local_date(clock.now())
    names = departments.names(db.session(), own, today)
    form.department.choices = [SelectChoice(number, names[number]) for number in dict.fromkeys(own)]
    return form


def _open_batch(form: UploadForm, upload: FileStorage, actor: Actor) -> tuple[int, int]:
    """Store the file, begin its import and commit; return the numbers of batch and job."""
    now = clock.now()
    batch, job = services.open_batch(
        db.session(),
        _stored(upload, actor),
        department_id=form.department.data if "department" in form else None,
        entry_state=EntryState(form.state.data) if "state" in form else EntryState.DRAFT,
        actor=actor,
        now=now,
    )
    transaction.commit()
    return batch.id, job.id


def _stored(upload: FileStorage, actor: Actor) -> StoredFile:
    """Store an upload without ever holding it in memory as a whole."""
    is_zip = upload.stream.read(2) == _ZIP
    upload.stream.seek(0)
    with tempfile.NamedTemporaryFile() as copy:
        upload.save(copy)
        copy.flush()
        return store(
            db.session(),
            Path(copy.name),
            name=upload.filename or "",
            media_type=export.XLSX_TYPE if is_zip else export.CSV_TYPE,
            actor=actor,
            now=clock.now(),
        )
