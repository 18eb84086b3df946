"""Answers as spreadsheets: exporting, importing with a difference cell by cell."""

from collections.abc import Iterator

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from participation.campaigns import answer_sheet
from participation.campaigns.documents.difference import marked_difference
from participation.campaigns.forms.answers import AnswerFileForm
from participation.campaigns.labels import IMPORT_LABELS
from participation.campaigns.models import Campaign, CampaignImport, ImportState
from participation.campaigns.queries import groups as queries
from participation.campaigns.queries.groups import GroupFilter, GroupLine
from participation.campaigns.services import answer_import as services
from participation.campaigns.views import pages
from participation.campaigns.views.answer_pages import writing
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.opinion_files import check_format, csv_or_question
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.files.web import send_bytes
from participation.policy import Permission
from participation.web import gate, transaction
from participation.web.acts import attempt, put_refusal, status_of

_ALL = "/<int:campaign_id>/answer-imports"
_ONE = f"{_ALL}/<int:answer_import_id>"
_GROUPS_A_PIECE = 2_000
_SHOWN = 200
_TONES = {
    ImportState.READING: "info",
    ImportState.READY: "warning",
    ImportState.REFUSED: "error",
    ImportState.STORED: "success",
    ImportState.DISCARDED: "neutral",
}


@staff.get("/<int:campaign_id>/answers/<file_format>")
@gate.requires(Permission.SUBMISSION_READ)
def export_answers(campaign_id: int, file_format: str) -> ResponseReturnValue:
    """Hand out the answers as a file to be written in and imported again."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    session, now = db.session(), clock.now()
    check_format(file_format)
    lines = _every_line(session, campaign)
    name = f"回答_{campaign.id}_{clock.local(now):%Y%m%d}"
    if file_format == "xlsx":
        categories = [(row.code, row.label) for row in queries.categories_of(session, campaign)]
        data = answer_sheet.answers_xlsx(lines, categories, created=now)
        return send_bytes(data, name=f"{name}.xlsx", media_type=answer_sheet.XLSX_TYPE)
    result = answer_sheet.answers_csv(lines, encoding=answer_sheet.ENCODINGS[file_format])
    return csv_or_question(campaign, actor, result, f"{name}.csv", "export_answers")


@staff.route(_ALL, methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def answer_imports(campaign_id: int) -> ResponseReturnValue:
    """Take a file of answers; what it would change is shown before anything does."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    form = AnswerFileForm()

    def act() -> tuple[str, str]:
        upload = form.file.data
        data = upload.stream.read() if isinstance(upload, FileStorage) else b""
        if not data:
            raise InvalidInput(_("ファイルを選んでください。"), field="file")
        found = services.read_answers(
            session,
            campaign,
            data,
            file_name=upload.filename or "",
            actor=actor,
            now=clock.now(),
        )
        return "", _url(campaign_id, found.id)

    response, refusal = attempt(form, act)
    if response is not None:
        return response
    put_refusal(form, refusal)
    page = pages.page(
        "campaigns/staff/answers/imports.html",
        campaign,
        actor,
        tab="groups",
        form=form,
        most=services.MOST_ROWS,
        writing=writing(session, campaign, actor),
    )
    return page, status_of(form, refusal)


@staff.get(_ONE)
@gate.requires(Permission.ANSWER_WRITE)
def answer_import(campaign_id: int, answer_import_id: int) -> ResponseReturnValue:
    """Show what a file would change, or has changed, cell by cell."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    found = services.get_import(db.session(), campaign, answer_import_id)
    return _import_page(campaign, actor, found)


@staff.post(f"{_ONE}/store")
@gate.requires(Permission.ANSWER_WRITE)
def store_answer_import(campaign_id: int, answer_import_id: int) -> ResponseReturnValue:
    """Store the changes, all or none."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = services.get_import(session, campaign, answer_import_id)

    def act() -> str:
        number = services.store_answers(session, campaign, found, actor=actor, now=clock.now())
        return str(_("%(number)s件の回答を取り込みました。", number=number))

    response, refusal = attempt(None, act, back=_url(campaign_id, answer_import_id))
    if response is not None:
        return response
    found = services.get_import(session, campaign, answer_import_id)
    page = _import_page(campaign, actor, found, problem=str(refusal))
    return page, status_of(None, refusal)


@staff.post(f"{_ONE}/discard")
@gate.requires(Permission.ANSWER_WRITE)
def discard_answer_import(campaign_id: int, answer_import_id: int) -> ResponseReturnValue:
    """Give the import up."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = services.get_import(session, campaign, answer_import_id)
    try:
        services.discard_answers(session, campaign, found, actor=actor, now=clock.now())
    except StateConflict as error:
        transaction.discard()
        found = services.get_import(session, campaign, answer_import_id)
        return _import_page(campaign, actor, found, problem=str(error)), error.status
    transaction.commit()
    flash(_("取り込みをやめました。回答は何も変わっていません。"), "info")
    return redirect(url_for(".groups", campaign_id=campaign_id), 303)


def _import_page(
    campaign: Campaign, actor: Actor, found: CampaignImport, *, problem: str = ""
) -> str:
    shown = found.sample[:_SHOWN]
    return pages.page(
        "campaigns/staff/answers/import.html",
        campaign,
        actor,
        tab="groups",
        found=found,
        rows=[
            (row, [(name, *marked_difference(*row["cells"][name])) for name in row["cells"]])
            for row in shown
        ],
        hidden=len(found.sample) - len(shown),
        conflicts=sum(bool(row["conflict"]) for row in found.sample),
        problems=found.problems[:_SHOWN],
        labels=services.CELL_LABELS,
        import_label=IMPORT_LABELS[found.state],
        import_tone=_TONES[found.state],
        is_ready=found.state is ImportState.READY,
        is_refused=found.state is ImportState.REFUSED,
        problem=problem,
    )


def _every_line(session: Session, campaign: Campaign) -> Iterator[GroupLine]:
    """Yield all groups in their printed order, in pieces: a query names only so many ids."""
    after = None
    while lines := queries.worksheet(
        session, campaign, GroupFilter(), limit=_GROUPS_A_PIECE, after=after
    ):
        yield from lines
        after = lines[-1].group.position


def _url(campaign_id: int, import_id: int) -> str:
    return url_for(".answer_import", campaign_id=campaign_id, answer_import_id=import_id)
