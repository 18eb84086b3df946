"""Residents' pages of documents: reading a version, and its file."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from participation.campaigns.labels import DOCUMENT_LABELS
from participation.campaigns.models import Passage
from participation.campaigns.queries import documents as queries
from participation.campaigns.queries.campaigns import get_announced
from participation.campaigns.queries.lineage import Changes, changes_in
from participation.campaigns.views.blueprints import public
from participation.campaigns.views.passage_blocks import Beside, blocks, contents
from participation.campaigns.views.public_campaigns import submit_url
from participation.core import clock
from participation.db.extension import db
from participation.files import web as files
from participation.web import gate


@public.get("/<int:campaign_id>/documents/<int:version_id>/")
@gate.public
def document(campaign_id: int, version_id: int) -> ResponseReturnValue:
    """Show one published version: as a page when it has a text, else its file."""
    session, now = db.session(), clock.now()
    campaign = get_announced(session, campaign_id)
    version = queries.get_published_version(session, campaign, version_id)
    versions = [
        one
        for one in queries.published_versions(session, campaign.id, latest_only=False)
        if one.document_id == version.document_id
    ]
    shown = next(one for one in versions if one.id == version.id)
    form_url = submit_url(campaign, now) if shown.is_latest else None
    changes = changes_in(session, version) if shown.has_text else None

    def beside(passage: Passage) -> Beside:
        return Beside(
            anchor=passage.anchor,
            comment_url=f"{form_url}?passage={passage.id}" if form_url else "",
            change=_change(passage, changes),
        )

    page = blocks(queries.passages_of(session, version.id), beside)
    return render_template(
        "campaigns/public/document.html",
        campaign=campaign,
        shown=shown,
        versions=versions,
        latest=versions[0],
        kind=DOCUMENT_LABELS[shown.kind],
        blocks=page,
        contents=contents(page),
        changes=changes,
        form_url=form_url,
        address=lambda one: url_for(".document", campaign_id=campaign.id, version_id=one.id),
    )


@public.get("/<int:campaign_id>/documents/<int:version_id>/file")
@gate.public
def document_file(campaign_id: int, version_id: int) -> ResponseReturnValue:
    """Hand out the file of a published version; a PDF opens in the browser."""
    session = db.session()
    campaign = get_announced(session, campaign_id)
    version = queries.get_published_version(session, campaign, version_id)
    return files.send(queries.stored_file(session, version), inline=True)


def _change(passage: Passage, changes: Changes | None) -> str:
    if changes is None:
        return ""
    if passage.id in changes.changed:
        return "変更"
    return "追加" if passage.id in changes.added else ""
