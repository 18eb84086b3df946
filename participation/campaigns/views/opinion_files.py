"""Opinions as files: few of them at once, many by the worker, all of them always."""

import io

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns import answer_sheet
from participation.campaigns.models import Campaign
from participation.campaigns.queries.exports import exported_number, exported_opinions
from participation.campaigns.services import opinion_files as services
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.files.web import send, send_bytes
from participation.policy import Permission
from participation.sheets.write_csv import CsvResult
from participation.web import gate, transaction

_FILES = "/<int(max=999999999):campaign_id>/opinions/files"
# More of them take longer than a request may, or more room than a web process has.
MOST_AT_ONCE = 30_000


@staff.get("/<int:campaign_id>/opinions/export/<file_format>")
@gate.requires(Permission.SUBMISSION_READ)
def export_opinions(campaign_id: int, file_format: str) -> ResponseReturnValue:
    """Hand out the public words of every opinion; nothing about who sent them."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    session, now = db.session(), clock.now()
    check_format(file_format)
    if exported_number(session, campaign) > MOST_AT_ONCE:
        return redirect(url_for(".opinion_files", campaign_id=campaign_id), 303)
    target = io.BytesIO()
    rows = exported_opinions(session, campaign)
    replaced = answer_sheet.write_opinions(target, rows, file_format, created=now)
    name = answer_sheet.opinions_name(campaign_id, file_format, now=now)
    result = CsvResult(target.getvalue(), replaced)
    if file_format in answer_sheet.ENCODINGS:
        return csv_or_question(campaign, actor, result, name, "export_opinions")
    return send_bytes(result.data, name=name, media_type=answer_sheet.XLSX_TYPE)


@staff.get(_FILES)
@gate.requires(Permission.SUBMISSION_READ)
def opinion_files(campaign_id: int) -> ResponseReturnValue:
    """Offer files of all opinions, and show those that were made for the person."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    session = db.session()
    return pages.page(
        "campaigns/staff/answers/opinion_files.html",
        campaign,
        actor,
        tab="groups",
        number=exported_number(session, campaign),
        formats={
            "xlsx": _("Excel"),
            "csv": _("CSV（UTF-8）"),
            "csv-cp932": _("CSV（シフトJIS）"),
        },
        files=services.files_of(session, campaign, actor=actor, now=clock.now()),
        kept=services.KEPT,
    )


@staff.post(_FILES)
@gate.requires(Permission.SUBMISSION_EXPORT)
def make_opinion_file(campaign_id: int) -> ResponseReturnValue:
    """Have a file of all opinions made."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_EXPORT)
    file_format = request.form.get("format", "")
    check_format(file_format)
    job = services.request_file(db.session(), campaign, file_format, actor=actor, now=clock.now())
    onward = url_for(".opinion_files", campaign_id=campaign_id)
    target = url_for("staff.administration.job", job_id=job.id, next=onward)
    transaction.commit()
    return redirect(target, 303)


@staff.get(_FILES + "/<int(max=999999999):job_id>")
@gate.requires(Permission.SUBMISSION_READ)
def opinion_file(campaign_id: int, job_id: int) -> ResponseReturnValue:
    """Hand out a file that was made for the person."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    session = db.session()
    return send(services.get_file(session, campaign, job_id, actor=actor, now=clock.now()))


def check_format(file_format: str) -> None:
    """Refuse what is no format of an export.

    Raises:
        NotFound: it is none.

    """
    if file_format not in answer_sheet.FORMATS:
        raise NotFound(_("その形式では書き出せません。"))


def csv_or_question(
    campaign: Campaign, actor: Actor, result: CsvResult, name: str, endpoint: str
) -> Response | str:
    """Return the file; before one that loses characters, say which.

    Args:
        campaign: whose file it is.
        actor: who asked for it.
        result: the CSV.
        name: the name under which it is saved.
        endpoint: the view of these files, which is asked again with ``accept``.

    """
    if result.replaced and "accept" not in request.args:
        return pages.page(
            "campaigns/staff/answers/replaced.html",
            campaign,
            actor,
            tab="groups",
            replaced=result.replaced,
            anyway_url=url_for(
                f".{endpoint}", campaign_id=campaign.id, file_format="csv-cp932", accept="1"
            ),
            utf8_url=url_for(f".{endpoint}", campaign_id=campaign.id, file_format="csv"),
        )
    return send_bytes(result.data, name=name, media_type=answer_sheet.CSV_TYPE)
