"""The coordinator's pages of editions: choose, preview, build, publish, correct."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.core import clock, fiscal_year
from participation.core.errors import InvalidInput, NotFound
from participation.db.extension import db
from participation.files import web as files
from participation.files.frozen import FORMATS
from participation.policy import Permission, holds
from participation.reports import labels
from participation.reports.forms.editions import EditionForm, PublishForm
from participation.reports.models import Edition, EditionState, EntryKind
from participation.reports.queries import editions as queries
from participation.reports.queries import report
from participation.reports.queries.entries import Column
from participation.reports.queries.guideline import guideline_in_force
from participation.reports.queries.rounds import all_rounds
from participation.reports.services import editions as services
from participation.reports.views.blueprints import staff
from participation.reports.views.chosen import asked_number
from participation.reports.views.public import address_of_this_page
from participation.reports.views.reading import FrozenSource, LiveSource, asked_for, read_report
from participation.web import gate, transaction
from participation.web.forms import put_error

# Years offered for a report, from next year backwards; older reports are brought in like this too.
_YEARS_AHEAD, _YEARS_BACK = 1, 10
_EARLIEST, _LATEST = 1990, 2150


@staff.get("/editions")
@gate.requires(Permission.EDITION_READ)
def editions() -> ResponseReturnValue:
    """List all editions, newest year first, and offer to begin one."""
    actor = gate.authorize(Permission.EDITION_READ)
    session = db.session()
    this_year = fiscal_year.fiscal_year_of(clock.local_date(clock.now()))
    rounds = all_rounds(session)  # the report that is being made is that of the newest
    return render_template(
        "reports/staff/editions/index.html",
        lines=[
            (edition, services.shown_state(session, edition))
            for edition in queries.all_editions(session)
        ],
        states=labels.EDITION_STATE,
        tones=labels.EDITION_STATE_TONE,
        may_write=holds(actor, Permission.EDITION_WRITE),
        has_guideline=guideline_in_force(session, this_year) is not None,
        proposed=rounds[0].fiscal_year if rounds else this_year,
        years=range(this_year + _YEARS_AHEAD, this_year - _YEARS_BACK - 1, -1),
    )


@staff.route("/editions/new", methods=["GET", "POST"])
@gate.requires(Permission.EDITION_WRITE)
def new_edition() -> ResponseReturnValue:
    """Choose the columns and the paper of the next edition of ``?year=``."""
    actor = gate.authorize(Permission.EDITION_WRITE)
    session = db.session()
    year = asked_number("year") or fiscal_year.fiscal_year_of(clock.local_date(clock.now()))
    if not _EARLIEST <= year <= _LATEST:
        raise NotFound("その年度の報告書は作れません。一覧から選び直してください。")
    latest = queries.latest_published(session, year)
    choices = {_key(column): column for column in report.default_columns(year)}
    shown_before = [_key(column) for column in queries.columns_of(latest)] if latest else []
    form = EditionForm(
        columns=shown_before or list(choices), paper=latest.paper if latest else "A3"
    )
    form.columns.choices = [
        SelectChoice(key, labels.column_label(*column)) for key, column in choices.items()
    ]
    if latest is None:
        del form.correction
    if form.validate_on_submit():
        try:
            edition = services.draft_edition(
                session,
                fiscal_year=year,
                columns=[choices[key] for key in choices if key in (form.columns.data or ())],
                paper=form.paper.data,
                correction=form.correction.data or "" if "correction" in form else "",
                actor=actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        else:
            transaction.commit()
            return redirect(url_for(".edition", edition_id=edition.id), 303)
    return render_template("reports/staff/editions/new.html", form=form, year=year, latest=latest)


@staff.get("/editions/<int(max=999999999):edition_id>")
@gate.requires(Permission.EDITION_READ)
def edition(edition_id: int) -> ResponseReturnValue:
    """Show one edition: what it prints, what is missing, its files, what can be done next."""
    actor = gate.authorize(Permission.EDITION_READ)
    session = db.session()
    found = queries.get_edition(session, edition_id)
    columns = queries.columns_of(found)
    is_open = found.state is not EditionState.PUBLISHED
    return render_template(
        "reports/staff/editions/edition.html",
        edition=found,
        state=services.shown_state(session, found).value,
        state_label=labels.EDITION_STATE[services.shown_state(session, found)],
        tone=labels.EDITION_STATE_TONE[services.shown_state(session, found)],
        columns=[labels.column_label(*column) for column in columns],
        downloads=queries.downloads(session, found.id),
        file_urls={
            name: url_for(".edition_file", edition_id=found.id, name=name) for name in FORMATS
        },
        waiting=report.waiting_entries(session, columns) if is_open else {},
        entry_states=labels.STATE,
        changed=report.changed_since(session, columns, found.built_at) if found.built_at else 0,
        may_write=holds(actor, Permission.EDITION_WRITE),
        may_publish=holds(actor, Permission.EDITION_PUBLISH),
    )


@staff.get("/editions/<int(max=999999999):edition_id>/preview")
@gate.requires(Permission.EDITION_READ)
def preview_edition(edition_id: int) -> ResponseReturnValue:
    """Show the report as a page: the frozen words once it is built, before that those of today."""
    gate.authorize(Permission.EDITION_READ)
    session = db.session()
    found = queries.get_edition(session, edition_id)
    columns = queries.columns_of(found)
    is_frozen = found.snapshot_sha256 != ""
    source = (
        FrozenSource(session, found.id)
        if is_frozen
        else LiveSource(report.LiveReport(session, found.fiscal_year, columns, now=clock.now()))
    )
    return render_template(
        "reports/staff/editions/preview.html",
        edition=found,
        page=read_report(source, asked_for(source), address_of_this_page()),
        is_frozen=is_frozen,
        waiting={} if is_frozen else report.waiting_entries(session, columns),
        entry_states=labels.STATE,
    )


@staff.post("/editions/<int(max=999999999):edition_id>/build")
@gate.requires(Permission.EDITION_WRITE)
def build_edition(edition_id: int) -> ResponseReturnValue:
    """Have the worker make the PDF and the spreadsheets."""
    actor = gate.authorize(Permission.EDITION_WRITE)
    found = queries.get_edition(db.session(), edition_id)
    job = services.start_building(db.session(), found, actor=actor, now=clock.now())
    transaction.commit()
    onward = url_for(".edition", edition_id=edition_id)
    return redirect(url_for("staff.administration.job", job_id=job.id, next=onward), 303)


@staff.route("/editions/<int(max=999999999):edition_id>/publish", methods=["GET", "POST"])
@gate.requires(Permission.EDITION_PUBLISH)
def publish_edition(edition_id: int) -> ResponseReturnValue:
    """Say once more what publishing means, then publish."""
    actor = gate.authorize(Permission.EDITION_PUBLISH)
    session = db.session()
    found = queries.get_edition(session, edition_id)
    form = PublishForm(pdf_sha256=found.pdf_sha256)
    if form.validate_on_submit():
        services.publish_edition(
            session, found, pdf_sha256=form.pdf_sha256.data or "", actor=actor, now=clock.now()
        )
        transaction.commit()
        flash(_("公開しました。住民のページから読めます。"), "success")
        return redirect(url_for(".edition", edition_id=edition_id), 303)
    if found.state is not EditionState.BUILT:
        flash(_("この版は公開前の確認待ちではありません。"), "warning")
        return redirect(url_for(".edition", edition_id=edition_id), 303)
    columns = queries.columns_of(found)
    return render_template(
        "reports/staff/editions/publish.html",
        edition=found,
        form=form,
        pdf=queries.downloads(session, found.id)["pdf"],
        waiting=report.waiting_entries(session, columns),
        changed=report.changed_since(session, columns, found.built_at or found.created_at),
        entry_states=labels.STATE,
    )


@staff.post("/editions/<int(max=999999999):edition_id>/discard")
@gate.requires(Permission.EDITION_WRITE)
def discard_edition(edition_id: int) -> ResponseReturnValue:
    """Give up an edition that was never published."""
    actor = gate.authorize(Permission.EDITION_WRITE)
    found = queries.get_edition(db.session(), edition_id)
    services.discard_edition(db.session(), found, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("この版の作成をやめました。記載は何も変わっていません。"), "info")
    return redirect(url_for(".editions"), 303)


@staff.get("/editions/<int(max=999999999):edition_id>/<any('pdf','xlsx','csv','csv-cp932'):name>")
@gate.requires(Permission.EDITION_READ)
def edition_file(edition_id: int, name: str) -> ResponseReturnValue:
    """Hand out a file of an edition, published or not."""
    gate.authorize(Permission.EDITION_READ)
    found: Edition = queries.get_edition(db.session(), edition_id)
    stored = queries.stored_file(db.session(), found.id, name)
    return files.send(stored, inline=name == "pdf")


def _key(column: Column) -> str:
    kind, year = column
    return f"{EntryKind(kind).value}-{year}"
