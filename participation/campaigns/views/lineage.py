"""Staff pages: what became of each passage in the next version, looked at and put right."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.campaigns.documents.difference import Piece, marked_difference
from participation.campaigns.documents.successors import most_alike
from participation.campaigns.forms.documents import SuccessorForm
from participation.campaigns.labels import LINEAGE_LABELS
from participation.campaigns.models import Document, Lineage
from participation.campaigns.queries import documents as queries
from participation.campaigns.queries.lineage import Succession, successions
from participation.campaigns.services import lineage as services
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.documents import TAB, may_write
from participation.core import clock
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate, transaction
from participation.web.acts import attempt, status_of
from participation.web.row_numbers import row_number

_LINEAGE = "/<int:campaign_id>/documents/versions/<int:version_id>/lineage"
# Comparing letter by letter takes its time; a page marks the differences of so many.
_MARKED = 200
_SHOWN_WORDS = 120
_TONES = {
    Lineage.KEPT: "neutral",
    Lineage.CHANGED: "info",
    Lineage.SPLIT: "warning",
    Lineage.REMOVED: "error",
}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    succession: Succession
    label: str
    tone: str
    before: list[Piece]
    after: list[list[Piece]]


@staff.get(_LINEAGE)
@gate.requires(Permission.CAMPAIGN_READ)
def passage_lineage(campaign_id: int, version_id: int) -> ResponseReturnValue:
    """Show what became of the passages of the version before."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_READ)
    session = db.session()
    version = queries.get_version(session, campaign, version_id)
    every = successions(session, version)
    shows_all = request.args.get("show") == "all"
    chosen = [one for one in every if shows_all or one.relation is not Lineage.KEPT]
    return pages.page(
        "campaigns/staff/lineage.html",
        campaign,
        actor,
        tab=TAB,
        document=session.get_one(Document, version.document_id),
        version=version,
        rows=[_row(one, marked=place < _MARKED) for place, one in enumerate(chosen)],
        shows_all=shows_all,
        kept=sum(1 for one in every if one.relation is Lineage.KEPT),
        total=len(every),
        waiting=sum(1 for one in chosen if not one.confirmed),
        may_write=may_write(actor, campaign),
    )


@staff.post(_LINEAGE)
@gate.requires(Permission.CAMPAIGN_WRITE)
def confirm_lineage(campaign_id: int, version_id: int) -> ResponseReturnValue:
    """Note that somebody has looked at the lines of some passages."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    session = db.session()
    version = queries.get_version(session, campaign, version_id)
    numbers = [row_number(text) for text in request.form.getlist("passage")]
    done = services.confirm_lineage(
        session,
        campaign,
        version,
        [number for number in numbers if number is not None],
        actor=actor,
        now=clock.now(),
    )
    transaction.commit()
    flash(_("%(count)s個の段落を確認済みにしました。", count=done), "success")
    return redirect(
        url_for(".passage_lineage", campaign_id=campaign_id, version_id=version_id), 303
    )


@staff.route(f"{_LINEAGE}/<int:passage_id>", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_WRITE)
def correct_lineage(campaign_id: int, version_id: int, passage_id: int) -> ResponseReturnValue:
    """Say what became of one passage."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_WRITE)
    session = db.session()
    version = queries.get_version(session, campaign, version_id)
    found = next(
        (one for one in successions(session, version) if one.passage.id == passage_id), None
    )
    if found is None:
        raise NotFound(_("その段落は、前の版にありません。段落の引き継ぎからお選びください。"))
    new = queries.passages_of(session, version.id)
    alike = most_alike(
        (found.passage.kind, found.passage.text), [(one.kind, one.text) for one in new]
    )
    likely = list(dict.fromkeys([*(one.id for one in found.targets), *(new[i].id for i in alike)]))
    by_id = {one.id: one for one in new}
    form = SuccessorForm(data={"targets": [one.id for one in found.targets]})
    form.targets.choices = [
        SelectChoice(number, f"{by_id[number].label}：{by_id[number].text[:_SHOWN_WORDS]}")
        for number in [*likely, *(one.id for one in new if one.id not in likely)]
    ]

    def act() -> str:
        services.correct_lineage(
            session,
            campaign,
            version,
            found.passage,
            form.targets.data or [],
            actor=actor,
            now=clock.now(),
        )
        return str(_("段落の引き継ぎを直しました。"))

    onward = url_for(".passage_lineage", campaign_id=campaign_id, version_id=version_id)
    response, conflict = attempt(form, act, back=onward)
    if response is not None:
        return response
    page = pages.page(
        "campaigns/staff/successor.html",
        campaign,
        actor,
        tab=TAB,
        version=version,
        document=session.get_one(Document, version.document_id),
        found=found,
        form=form,
        conflict=conflict,
    )
    return page, status_of(form, conflict)


def _row(one: Succession, *, marked: bool) -> Row:
    before, after = [Piece(one.passage.text, changed=False)], []
    if len(one.targets) == 1 and marked:
        before, pieces = marked_difference(one.passage.text, one.targets[0].text)
        after = [pieces]
    else:
        after = [[Piece(target.text, changed=False)] for target in one.targets]
    return Row(one, LINEAGE_LABELS[one.relation], _TONES[one.relation], before, after)
