"""Staff pages: the documents of a campaign, their names and their order."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns.forms.documents import NameForm
from participation.campaigns.labels import DOCUMENT_LABELS
from participation.campaigns.models import Campaign, DocumentKind
from participation.campaigns.queries import documents as queries
from participation.campaigns.services import documents as services
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.core import clock
from participation.core.actors import Actor
from participation.db.extension import db
from participation.policy import Permission, reaches
from participation.web import gate, transaction
from participation.web.acts import attempt, press, status_of

TAB = "documents"


@staff.get("/<int:campaign_id>/documents")
@gate.requires(Permission.CAMPAIGN_READ)
def documents(campaign_id: int) -> ResponseReturnValue:
    """List the documents with their versions."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_READ)
    session = db.session()
    lines = queries.version_lines(session, campaign.id)
    return pages.page(
        "campaigns/staff/documents.html",
        campaign,
        actor,
        tab=TAB,
        documents=[
            (document, lines.get(document.id, []))
            for document in queries.documents_of(session, campaign.id)
        ],
        kinds=DOCUMENT_LABELS,
        may_write=may_write(actor, campaign),
    )


@staff.route("/<int:campaign_id>/documents/<int:document_id>/edit", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_WRITE)
def edit_document(campaign_id: int, document_id: int) -> ResponseReturnValue:
    """Change what a document is called."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    session = db.session()
    document = queries.get_document(session, campaign, document_id)
    form = NameForm(
        data={
            "kind": document.kind.value,
            "title": document.title,
            "seen": services.document_seen(document),
        }
    )

    def act() -> str:
        services.edit_document(
            session,
            campaign,
            document,
            kind=DocumentKind(form.kind.data),
            title=form.title.data or "",
            seen=form.seen.data or "",
            actor=actor,
            now=clock.now(),
        )
        return str(_("資料の名前を保存しました。"))

    response, conflict = attempt(form, act, back=url_for(".documents", campaign_id=campaign_id))
    if response is not None:
        return response
    if conflict:
        document = queries.get_document(session, campaign, document_id)
        form.seen.data = services.document_seen(document)
    page = pages.page(
        "campaigns/staff/document_name.html",
        campaign,
        actor,
        tab=TAB,
        form=form,
        document=document,
        kinds=DOCUMENT_LABELS,
        conflict=conflict,
    )
    return page, status_of(form, conflict)


@staff.post("/<int:campaign_id>/documents/<int:document_id>/move")
@gate.requires(Permission.CAMPAIGN_WRITE)
def move_document(campaign_id: int, document_id: int) -> ResponseReturnValue:
    """Move a document up or down in the list."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    session = db.session()
    document = queries.get_document(session, campaign, document_id)
    up = request.form.get("direction") == "up"
    moved = services.move_document(session, campaign, document, up=up, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("資料を動かしました。") if moved else _("これ以上は動かせません。"), "success")
    anchor = f"document-{document_id}"
    return redirect(url_for(".documents", campaign_id=campaign_id, _anchor=anchor), 303)


@staff.post("/<int:campaign_id>/documents/<int:document_id>/delete")
@gate.requires(Permission.CAMPAIGN_WRITE)
def delete_document(campaign_id: int, document_id: int) -> ResponseReturnValue:
    """Take out a document of which nothing was published."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    session = db.session()
    document = queries.get_document(session, campaign, document_id)
    title = document.title

    def act() -> str:
        services.delete_document(session, campaign, document, actor=actor, now=clock.now())
        return str(_("資料「%(title)s」を削除しました。", title=title))

    return press(act, back=url_for(".documents", campaign_id=campaign_id))


def may_write(actor: Actor, campaign: Campaign) -> bool:
    """Whether the actor may change the campaign's documents."""
    return reaches(actor, Permission.CAMPAIGN_WRITE, campaign.department_id)
