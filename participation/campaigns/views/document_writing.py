"""Staff pages on which a version of a document is written: nothing typed or uploaded is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns.documents.passages import read_passages
from participation.campaigns.documents.pasted import to_markdown
from participation.campaigns.forms.documents import (
    MARKDOWN,
    PASTED,
    DocumentForm,
    VersionForm,
)
from participation.campaigns.models import Campaign, Document, DocumentKind
from participation.campaigns.queries import documents as queries
from participation.campaigns.services import document_versions as services
from participation.campaigns.services.document_versions import VersionContent
from participation.campaigns.services.documents import add_document
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.document_uploads import take_file
from participation.campaigns.views.document_versions import VERSION
from participation.campaigns.views.documents import TAB
from participation.campaigns.views.passage_blocks import Block, blocks
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.files.models import StoredFile
from participation.policy import Permission
from participation.web import gate, transaction
from participation.web.forms import put_error


@dataclass
class _Attempt:
    """How a form was received."""

    status: int = 200
    conflict: str = ""
    preview: list[Block] | None = None
    done: bool = False


@staff.route("/<int:campaign_id>/documents/new", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_WRITE)
def create_document(campaign_id: int) -> ResponseReturnValue:
    """Add a document with its first version."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    form = DocumentForm()
    del form.note
    made: list[int] = []

    def save(content: VersionContent) -> None:
        session, now = db.session(), clock.now()
        document = add_document(
            session,
            campaign,
            kind=DocumentKind(form.kind.data),
            title=form.title.data or "",
            actor=actor,
            now=now,
        )
        version = services.add_version(session, campaign, document, content, actor=actor, now=now)
        made.append(version.id)

    stored = take_file(form, campaign, actor) if form.is_submitted() else None
    attempt = _attempt(form, stored, save)
    if attempt.done:
        return _saved(campaign_id, made[0])
    return _form_page(campaign_id, actor, form, attempt, stored=stored, document=None, number=1)


@staff.route("/<int:campaign_id>/documents/<int:document_id>/versions/new", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_WRITE)
def new_version(campaign_id: int, document_id: int) -> ResponseReturnValue:
    """Write a version that shall replace the one before; its text is there to begin with."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    session = db.session()
    document = queries.get_document(session, campaign, document_id)
    before = document.versions[-1] if document.versions else None
    source = before.source if before else ""
    form = VersionForm(data={"source": source, "style": MARKDOWN if source else PASTED})
    number = before.number + 1 if before else 1
    made: list[int] = []

    def save(content: VersionContent) -> None:
        version = services.add_version(
            session, campaign, document, content, actor=actor, now=clock.now()
        )
        made.append(version.id)

    stored = take_file(form, campaign, actor) if form.is_submitted() else None
    attempt = _attempt(form, stored, save)
    if attempt.done:
        return _saved(campaign_id, made[0])
    document = queries.get_document(session, campaign, document_id)
    before = document.versions[-1] if document.versions else None
    return _form_page(
        campaign_id,
        actor,
        form,
        attempt,
        stored=stored,
        document=document,
        number=number,
        left_behind=session.get(StoredFile, before.file_id) if before and before.file_id else None,
    )


@staff.route(f"{VERSION}/edit", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_WRITE)
def edit_version(campaign_id: int, version_id: int) -> ResponseReturnValue:
    """Change a version that is not published."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    session = db.session()
    version = queries.get_version(session, campaign, version_id)
    if version.published_at is not None and request.method == "GET":
        flash(_("公開した版は変更できません。新しい版を作ってください。"), "info")
        return redirect(
            url_for(".document_version", campaign_id=campaign_id, version_id=version_id), 303
        )
    form = VersionForm(
        data={
            "source": version.source,
            "note": version.note,
            "style": MARKDOWN if version.source else PASTED,
            "version_seen": services.version_seen(version),
        }
    )

    def save(content: VersionContent) -> None:
        services.edit_version(
            session,
            campaign,
            version,
            content,
            seen=form.version_seen.data or "",
            actor=actor,
            now=clock.now(),
        )

    own = session.get(StoredFile, version.file_id) if version.file_id else None
    new = take_file(form, campaign, actor) if form.is_submitted() else None
    stored = None if form.drop_file.data and new is None else new or own
    attempt = _attempt(form, stored, save)
    if attempt.done:
        return _saved(campaign_id, version_id)
    version = queries.get_version(session, campaign, version_id)
    differences = []
    if attempt.conflict:
        differences = [
            (label, kept, typed or "")
            for label, kept, typed in (
                (form.source.label.text, version.source, form.source.data),
                (form.note.label.text, version.note, form.note.data),
            )
            if kept != (typed or "")
        ]
        # Whoever sends the form again has seen the other words beside the own.
        form.version_seen.data = services.version_seen(version)
        form.version_seen.raw_data = None
    return _form_page(
        campaign_id,
        actor,
        form,
        attempt,
        stored=stored,
        document=session.get_one(Document, version.document_id),
        number=version.number,
        version=version,
        differences=differences,
    )


def _attempt(
    form: VersionForm, stored: StoredFile | None, save: Callable[[VersionContent], None]
) -> _Attempt:
    """Save what a valid form holds, or show how its text would look; nothing typed is lost."""
    if not form.is_submitted():
        return _Attempt()
    file_errors = list(form.file.errors)
    if form.style.data == PASTED and (form.source.data or "").strip():
        # From here on the writer sees, and corrects, what was made of it.
        form.source.data = to_markdown(form.source.data or "")
        form.style.data = MARKDOWN
    wants_preview = request.form.get("act") == "preview"
    valid = form.validate()
    form.file.errors = [*file_errors, *form.file.errors]
    try:
        if wants_preview:
            return _Attempt(preview=blocks(read_passages(form.source.data or "")))
        if not valid or file_errors:
            return _Attempt(422)
        content = VersionContent(
            stored.id if stored else None,
            form.source.data or "",
            (form.note.data or "") if "note" in form else "",
        )
        save(content)
    except InvalidInput as error:
        transaction.discard()
        put_error(form, error)
        return _Attempt(422)
    except StateConflict as error:
        transaction.discard()
        return _Attempt(409, str(error))
    transaction.commit()
    return _Attempt(303, done=True)


def _saved(campaign_id: int, version_id: int) -> ResponseReturnValue:
    flash(_("保存しました。内容を確かめてから公開してください。"), "success")
    return redirect(
        url_for(".document_version", campaign_id=campaign_id, version_id=version_id), 303
    )


def _form_page(
    campaign_id: int, actor: Actor, form: VersionForm, attempt: _Attempt, **context: Any
) -> ResponseReturnValue:
    campaign = db.session().get_one(Campaign, campaign_id)
    page = pages.page(
        "campaigns/staff/version_form.html",
        campaign,
        actor,
        tab=TAB,
        form=form,
        conflict=attempt.conflict,
        preview=attempt.preview,
        **{"version": None, "differences": [], "left_behind": None, **context},
    )
    return page, attempt.status
