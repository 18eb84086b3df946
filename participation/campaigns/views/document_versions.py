"""Staff pages of one version of a document: looking at it, publishing it, giving it up."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns.labels import DOCUMENT_LABELS
from participation.campaigns.models import (
    Campaign,
    Document,
    DocumentVersion,
    Lineage,
    Passage,
)
from participation.campaigns.queries import documents as queries
from participation.campaigns.queries import lineage
from participation.campaigns.services import document_versions as services
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.documents import TAB, may_write
from participation.campaigns.views.passage_blocks import Beside, blocks, contents
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import StateConflict
from participation.db.extension import db
from participation.files import web as files
from participation.files.models import StoredFile
from participation.policy import Permission, holds
from participation.web import gate, transaction

VERSION = "/<int:campaign_id>/documents/versions/<int:version_id>"


@staff.get(VERSION)
@gate.requires(Permission.CAMPAIGN_READ)
def document_version(campaign_id: int, version_id: int) -> ResponseReturnValue:
    """Show a version as residents (will) see it, with the opinions on each passage."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_READ)
    session = db.session()
    version = queries.get_version(session, campaign, version_id)
    counts = (
        lineage.opinion_counts(session, version) if holds(actor, Permission.SUBMISSION_READ) else {}
    )
    changes = lineage.changes_in(session, version)

    def beside(passage: Passage) -> Beside:
        change = ""
        if changes is not None and passage.id in changes.changed | changes.added:
            change = "変更" if passage.id in changes.changed else "追加"
        return Beside(passage.anchor, "", change, counts.get(passage.id, 0))

    page = blocks(queries.passages_of(session, version.id), beside)
    stored = session.get(StoredFile, version.file_id) if version.file_id else None
    fates = lineage.successions(session, version) if changes is not None else []
    return pages.page(
        "campaigns/staff/document_version.html",
        campaign,
        actor,
        tab=TAB,
        document=session.get_one(Document, version.document_id),
        version=version,
        kinds=DOCUMENT_LABELS,
        stored=stored,
        seen=services.version_seen(version),
        blocks=page,
        contents=contents(page),
        changes=changes,
        to_look_at=sum(
            1 for one in fates if one.relation is not Lineage.KEPT and not one.confirmed
        ),
        can_read_pdf=stored is not None
        and stored.media_type == services.PDF
        and not version.source
        and version.published_at is None,
        may_write=may_write(actor, campaign),
    )


@staff.post(f"{VERSION}/publish")
@gate.requires(Permission.CAMPAIGN_WRITE)
def publish_version(campaign_id: int, version_id: int) -> ResponseReturnValue:
    """Have residents see a version from now on."""

    def act(campaign: Campaign, version: DocumentVersion, actor: Actor) -> str:
        services.publish_version(
            db.session(),
            campaign,
            version,
            seen=request.form.get("seen", ""),
            actor=actor,
            now=clock.now(),
        )
        return str(_("公開しました。この版はもう変わりません。"))

    return _act(campaign_id, version_id, act)


@staff.post(f"{VERSION}/discard")
@gate.requires(Permission.CAMPAIGN_WRITE)
def discard_version(campaign_id: int, version_id: int) -> ResponseReturnValue:
    """Give up a version that is not published."""

    def act(campaign: Campaign, version: DocumentVersion, actor: Actor) -> str:
        services.discard_version(db.session(), campaign, version, actor=actor, now=clock.now())
        return str(_("公開していない版を破棄しました。"))

    return _act(campaign_id, version_id, act, onward=url_for(".documents", campaign_id=campaign_id))


@staff.post(f"{VERSION}/read-pdf")
@gate.requires(Permission.CAMPAIGN_WRITE)
def read_pdf(campaign_id: int, version_id: int) -> ResponseReturnValue:
    """Have the worker take the text out of the version's PDF."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    version = queries.get_version(db.session(), campaign, version_id)
    try:
        job = services.request_pdf_text(
            db.session(), campaign, version, actor=actor, now=clock.now()
        )
    except StateConflict as error:
        transaction.discard()
        flash(str(error), "error")
        onward = url_for(".document_version", campaign_id=campaign_id, version_id=version_id)
        return redirect(onward, 303)
    job_id = job.id
    transaction.commit()
    onward = url_for(".edit_version", campaign_id=campaign_id, version_id=version_id)
    return redirect(url_for("staff.administration.job", job_id=job_id, next=onward), 303)


@staff.get(f"{VERSION}/file")
@gate.requires(Permission.CAMPAIGN_READ)
def version_file(campaign_id: int, version_id: int) -> ResponseReturnValue:
    """Hand out the file of a version, published or not."""
    campaign, _actor = pages.load(campaign_id, Permission.CAMPAIGN_READ)
    version = queries.get_version(db.session(), campaign, version_id)
    return files.send(queries.stored_file(db.session(), version), inline=True)


def _act(
    campaign_id: int,
    version_id: int,
    act: Callable[[Campaign, DocumentVersion, Actor], str],
    *,
    onward: str = "",
) -> ResponseReturnValue:
    """Do something with a version, say what was done or why not, and go back to its page."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    version = queries.get_version(db.session(), campaign, version_id)
    here = url_for(".document_version", campaign_id=campaign_id, version_id=version_id)
    try:
        done = act(campaign, version, actor)
    except StateConflict as error:
        transaction.discard()
        flash(str(error), "error")
        return redirect(here, 303)
    transaction.commit()
    flash(done, "success")
    return redirect(onward or here, 303)
