"""Staff pages of an outcome's photographs and materials: adding, naming, ordering, taking away."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError, InvalidInput, StateConflict
from participation.db.extension import db
from participation.files import web as files
from participation.policy import Permission
from participation.web import gate, transaction
from participation.web.acts import attempt, status_of
from participation.web.forms import VersionForm, put_error
from participation.workshops.forms.outcome import FileActForm, FileForm, RenameForm
from participation.workshops.models import WorkshopFileKind
from participation.workshops.queries import outcomes as queries
from participation.workshops.queries.workshops import get_workshop
from participation.workshops.services import outcome_files
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff

_FILES = "/<int:workshop_id>/outcome/files"


@staff.route(f"{_FILES}/new", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def add_outcome_file(workshop_id: int) -> ResponseReturnValue:
    """Add a photograph or a material."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session, form, back = db.session(), FileForm(), _back(workshop_id)
    refusal: DomainError | None = None
    if form.validate_on_submit():
        upload = form.file.data
        chosen = isinstance(upload, FileStorage) and bool(upload.filename)
        if not chosen:
            put_error(form, InvalidInput(_("ファイルを選んでください。"), field="file"))
        else:
            try:
                outcome_files.add_file(
                    session,
                    found,
                    WorkshopFileKind(form.kind.data),
                    data=upload.read(),
                    name=upload.filename,
                    title=form.title.data or "",
                    version=form.version_seen(),
                    actor=actor,
                    now=clock.now(),
                )
            except InvalidInput as error:
                transaction.discard()
                field = "file" if error.field == "files" else error.field
                put_error(form, InvalidInput(str(error), field=field))
            except StateConflict as error:
                transaction.discard()
                refusal = error
            else:
                transaction.commit()
                flash(
                    _("追加しました。次に開催結果を公表するときに、一緒に公表されます。"), "success"
                )
                return redirect(back, 303)
    _show_version(form, workshop_id)
    return _form_page("workshops/staff/outcome_file.html", workshop_id, actor, form, refusal)


@staff.get(f"{_FILES}/<int:workshop_file_id>")
@gate.requires(Permission.WORKSHOP_READ)
def outcome_file(workshop_id: int, workshop_file_id: int) -> ResponseReturnValue:
    """Hand out a file, published or not."""
    found, _actor = pages.load(workshop_id, Permission.WORKSHOP_READ)
    held = queries.get_file(db.session(), found, workshop_file_id)
    return files.send(held.stored, inline=held.file.kind is WorkshopFileKind.PHOTO)


@staff.route(f"{_FILES}/<int:workshop_file_id>/edit", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def rename_outcome_file(workshop_id: int, workshop_file_id: int) -> ResponseReturnValue:
    """Give a file another title."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session, form, back = db.session(), RenameForm(), _back(workshop_id)
    held = queries.get_file(session, found, workshop_file_id)

    def act() -> str:
        changed = outcome_files.rename_file(
            session,
            found,
            held,
            title=form.title.data or "",
            version=form.version_seen(),
            actor=actor,
            now=clock.now(),
        )
        return str(_("保存しました。") if changed else _("変更はありませんでした。"))

    response, refusal = attempt(form, act, back=back)
    if response is not None:
        return response
    held = queries.get_file(session, get_workshop(session, workshop_id), workshop_file_id)
    if not form.is_submitted():
        form.title.data = held.file.title
    if refusal or not form.is_submitted():
        _show_version(form, workshop_id)
    return _form_page(
        "workshops/staff/outcome_rename.html",
        workshop_id,
        actor,
        form,
        refusal,
        held=held,
        is_photo=held.file.kind is WorkshopFileKind.PHOTO,
    )


@staff.post(f"{_FILES}/<int:workshop_file_id>/act")
@gate.requires(Permission.WORKSHOP_WRITE)
def outcome_file_act(workshop_id: int, workshop_file_id: int) -> ResponseReturnValue:
    """Move a file up or down, or take it away."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session, now, form = db.session(), clock.now(), FileActForm()
    held = queries.get_file(session, found, workshop_file_id)
    act = request.form.get("act", "")
    if form.validate_on_submit():
        version = form.version_seen()
        try:
            if act == "remove":
                outcome_files.remove_file(
                    session, found, held, version=version, actor=actor, now=now
                )
                flash(_("取り除きました。"), "success")
            elif act in {"up", "down"}:
                outcome_files.move_file(
                    session, found, held, up=act == "up", version=version, actor=actor, now=now
                )
        except DomainError as error:
            transaction.discard()
            flash(str(error), "error")
        else:
            transaction.commit()
    return redirect(_back(workshop_id), 303)


def _back(workshop_id: int) -> str:
    return url_for(".outcome", workshop_id=workshop_id)


def _show_version(form: VersionForm, workshop_id: int) -> None:
    stored = queries.find_outcome(db.session(), workshop_id)
    form.show_version(stored.version if stored is not None else 0)


def _form_page(
    template: str,
    workshop_id: int,
    actor: Actor,
    form: VersionForm,
    refusal: DomainError | None,
    **context: object,
) -> ResponseReturnValue:
    page = pages.page(
        template,
        get_workshop(db.session(), workshop_id),
        actor,
        tab="outcome",
        form=form,
        back=_back(workshop_id),
        refusal=refusal,
        **context,
    )
    return page, status_of(form, refusal)
