"""Staff pages of importing submissions: upload, look at what the file would do, a yes or a no."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from participation.campaigns import submission_file
from participation.campaigns.forms.submission_imports import SubmissionFileForm
from participation.campaigns.labels import IMPORT_LABELS
from participation.campaigns.models import ImportState
from participation.campaigns.queries import submission_imports as queries
from participation.campaigns.services import submission_import as services
from participation.campaigns.services.desk import may_be_entered
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.core import clock
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.files.web import send_bytes
from participation.policy import Permission
from participation.sheets.checking import KEPT_PROBLEMS, problems_xlsx
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel
from participation.web import gate, transaction
from participation.web.forms import put_error
from participation.web.pagination import keyset_page
from participation.web.row_numbers import row_number

_PAGE = 30
_SHOWN_PROBLEMS = 100
_LARGEST = 999_999_999
_ZIP = b"PK"
_ALL = "/<int(max=999999999):campaign_id>/submission-imports"
_ONE = _ALL + "/<int(max=999999999):import_id>"
_TONES = {
    ImportState.READING: "info",
    ImportState.READY: "warning",
    ImportState.REFUSED: "error",
    ImportState.STORED: "success",
    ImportState.DISCARDED: "neutral",
}


@staff.route(_ALL, methods=["GET", "POST"])
@gate.requires(Permission.SUBMISSION_WRITE)
def submission_imports(campaign_id: int) -> ResponseReturnValue:
    """List the imports of a campaign and take a new file."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    session = db.session()
    form = SubmissionFileForm()
    if form.validate_on_submit():
        upload = form.file.data
        data = upload.stream.read() if isinstance(upload, FileStorage) else b""
        if not data:
            form.file.errors = [_("ファイルを選んでください。")]
        else:
            try:
                begun, job = services.open_import(
                    session,
                    campaign,
                    data,
                    is_workbook=data.startswith(_ZIP),
                    actor=actor,
                    now=clock.now(),
                )
            except InvalidInput as error:
                transaction.discard()
                put_error(form, error)
            else:
                onward = url_for(".submission_import", campaign_id=campaign.id, import_id=begun.id)
                target = url_for("staff.administration.job", job_id=job.id, next=onward)
                transaction.commit()
                return redirect(target, 303)
    before = row_number(request.args.get("before"), largest=_LARGEST)
    found = queries.submission_imports(session, campaign_id, limit=_PAGE + 1, before=before)
    page = pages.page(
        "campaigns/staff/submission_imports.html",
        campaign,
        actor,
        tab="desk",
        form=form,
        page=keyset_page(found, _PAGE),
        states=IMPORT_LABELS,
        tones=_TONES,
        columns=submission_file.described(),
        taking=may_be_entered(campaign),
    )
    return page, 422 if form.errors or form.form_errors else 200


@staff.get(_ALL + "/sample.xlsx")
@gate.requires(Permission.SUBMISSION_WRITE)
def submission_import_sample(campaign_id: int) -> ResponseReturnValue:
    """Hand out an empty file to write into."""
    campaign, _actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    data = submission_file.sample_xlsx(campaign, now=clock.now())
    return send_bytes(data, name="意見の取り込み.xlsx", media_type=submission_file.XLSX_TYPE)


@staff.get(_ONE)
@gate.requires(Permission.SUBMISSION_WRITE)
def submission_import(campaign_id: int, import_id: int) -> ResponseReturnValue:
    """Show what a file would do, or has done; names nobody."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    session = db.session()
    upload = queries.get_submission_import(session, campaign.id, import_id)
    return pages.page(
        "campaigns/staff/submission_import.html",
        campaign,
        actor,
        tab="desk",
        upload=upload,
        states=IMPORT_LABELS,
        tones=_TONES,
        problems=upload.problems[:_SHOWN_PROBLEMS],
        kept_problems=KEPT_PROBLEMS,
        sample=[(row, CHANNEL_LABELS[Channel(row["channel"])]) for row in upload.sample],
        being_stored=services.is_being_stored(session, upload),
        is_reading=upload.state is ImportState.READING,
        is_ready=upload.state is ImportState.READY,
        is_refused=upload.state is ImportState.REFUSED,
        is_stored=upload.state is ImportState.STORED,
        is_discarded=upload.state is ImportState.DISCARDED,
    )


@staff.post(_ONE + "/store")
@gate.requires(Permission.SUBMISSION_WRITE)
def store_submission_import(campaign_id: int, import_id: int) -> ResponseReturnValue:
    """Have the submissions stored, all or none."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    session = db.session()
    upload = queries.get_submission_import(session, campaign.id, import_id)
    job = services.request_storing(session, upload, actor=actor, now=clock.now())
    onward = url_for(".submission_import", campaign_id=campaign_id, import_id=import_id)
    target = url_for("staff.administration.job", job_id=job.id, next=onward)
    transaction.commit()
    return redirect(target, 303)


@staff.post(_ONE + "/discard")
@gate.requires(Permission.SUBMISSION_WRITE)
def discard_submission_import(campaign_id: int, import_id: int) -> ResponseReturnValue:
    """Give the import up; its file is erased."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    session = db.session()
    upload = queries.get_submission_import(session, campaign.id, import_id)
    services.discard(session, campaign, upload, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("取り込みをやめ、ファイルを消去しました。"), "info")
    return redirect(url_for(".submission_imports", campaign_id=campaign_id), 303)


@staff.get(_ONE + "/problems.xlsx")
@gate.requires(Permission.SUBMISSION_WRITE)
def submission_import_problems(campaign_id: int, import_id: int) -> ResponseReturnValue:
    """Hand out what is wrong with the file as a workbook."""
    campaign, _actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    upload = queries.get_submission_import(db.session(), campaign.id, import_id)
    data = problems_xlsx(upload.problems, title="直すところ", created=upload.created_at)
    name = f"直すところ_{upload.id}.xlsx"
    return send_bytes(data, name=name, media_type=submission_file.XLSX_TYPE)
