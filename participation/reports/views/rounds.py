"""Pages about rounds (照会): the list, opening and closing, and how far every department is."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock, fiscal_year
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.db.extension import db
from participation.policy import Permission, holds, reachable_departments
from participation.reports import labels
from participation.reports.forms.rounds import DueDateForm, OpenRoundForm, ReopenForm
from participation.reports.models import EntryKind, EntryState, Round
from participation.reports.queries import guideline as guidelines
from participation.reports.queries import rounds as queries
from participation.reports.queries.progress import STAGES, DepartmentProgress, Progress, progress
from participation.reports.services import rounds as services
from participation.reports.views.blueprints import staff
from participation.web import gate, transaction
from participation.web.forms import put_error

_YEARS_OFFERED = 5


@staff.get("/rounds")
@gate.requires(Permission.ROUND_READ)
def rounds() -> ResponseReturnValue:
    """List all rounds."""
    actor = gate.authorize(Permission.ROUND_READ)
    return render_template(
        "reports/staff/rounds/index.html",
        rounds=queries.all_rounds(db.session()),
        today=clock.local_date(clock.now()),
        may_write=holds(actor, Permission.ROUND_WRITE),
    )


@staff.route("/rounds/new", methods=["GET", "POST"])
@gate.requires(Permission.ROUND_WRITE)
def open_round() -> ResponseReturnValue:
    """Open the round of a year."""
    actor = gate.authorize(Permission.ROUND_WRITE)
    session, now = db.session(), clock.now()
    form = OpenRoundForm()
    form.year.choices = _years_to_open(queries.all_rounds(session))
    if form.validate_on_submit():
        try:
            found = services.open_round(
                session, year=form.year.data, due_on=form.due_on.data, actor=actor, now=now
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        else:
            transaction.commit()
            flash(_("照会を始めました。各課が入力できます。"), "success")
            return redirect(url_for(".round_progress", year=found.fiscal_year), 303)
    if not form.errors and guidelines.guideline_in_force(session, form.year.data or 0) is None:
        return render_template("reports/staff/rounds/no_guideline.html")
    page = render_template("reports/staff/rounds/new.html", form=form)
    return page, 422 if form.errors or form.form_errors else 200


@staff.get("/rounds/<int(min=1900, max=2199):year>")
@gate.requires(Permission.ROUND_READ)
def round_progress(year: int) -> ResponseReturnValue:
    """Show how far every department is, as a table and as a map."""
    actor = gate.authorize(Permission.ROUND_READ)
    session, today = db.session(), clock.local_date(clock.now())
    found = queries.get_round(session, year)
    overview = progress(session, year, today)
    items = {item.item_id: item for item in overview.guideline.items}
    chosen = _Chosen.from_request()
    return render_template(
        "reports/staff/rounds/progress.html",
        round=found,
        is_late=found.due_on is not None and found.due_on < today,
        overview=overview,
        lines=chosen.pick(overview),
        chosen=chosen,
        reach=reachable_departments(actor, Permission.ENTRY_READ),
        may_write=holds(actor, Permission.ROUND_WRITE),
        labels=labels,
        states=[state for state in EntryState if state is not EntryState.WITHDRAWN],
        items=items,
        missing={
            line.department.id: sorted(
                line.missing,
                key=lambda cell: (items[cell[0]].position, cell[1] is not EntryKind.RESULT),
            )
            for line in overview.lines
        },
    )


@staff.post("/rounds/<int(min=1900, max=2199):year>/close")
@gate.requires(Permission.ROUND_WRITE)
def close_round(year: int) -> ResponseReturnValue:
    """Close a round; it can be opened again."""
    actor = gate.authorize(Permission.ROUND_WRITE)
    session = db.session()
    found = queries.get_round(session, year)
    services.close_round(session, found, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("照会を締め切りました。必要なときは「再開」で再び受け付けられます。"), "success")
    return redirect(url_for(".round_progress", year=year), 303)


@staff.route("/rounds/<int(min=1900, max=2199):year>/reopen", methods=["GET", "POST"])
@gate.requires(Permission.ROUND_WRITE)
def reopen_round(year: int) -> ResponseReturnValue:
    """Open a closed round again, with a reason."""
    actor = gate.authorize(Permission.ROUND_WRITE)
    session = db.session()
    found = queries.get_round(session, year)
    form = ReopenForm()
    if form.validate_on_submit():
        try:
            services.reopen_round(
                session,
                found,
                reason=form.reason.data or "",
                due_on=form.due_on.data,
                actor=actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        else:
            transaction.commit()
            flash(_("照会を再開しました。"), "success")
            return redirect(url_for(".round_progress", year=year), 303)
    elif request.method == "GET" and found.closed_at is None:
        raise StateConflict(_("この照会は受付中です。再開する必要はありません。"))
    page = render_template("reports/staff/rounds/reopen.html", form=form, year=year)
    return page, 422 if form.errors or form.form_errors else 200


@staff.route("/rounds/<int(min=1900, max=2199):year>/due-date", methods=["GET", "POST"])
@gate.requires(Permission.ROUND_WRITE)
def change_due_date(year: int) -> ResponseReturnValue:
    """Move the due date of an open round."""
    actor = gate.authorize(Permission.ROUND_WRITE)
    session = db.session()
    found = queries.get_round(session, year)
    form = DueDateForm(obj=found)
    if form.validate_on_submit():
        try:
            services.change_due_date(
                session, found, due_on=form.due_on.data, actor=actor, now=clock.now()
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        else:
            transaction.commit()
            flash(_("回答期限を変更しました。"), "success")
            return redirect(url_for(".round_progress", year=year), 303)
    page = render_template("reports/staff/rounds/due_date.html", form=form, year=year)
    return page, 422 if form.errors or form.form_errors else 200


@dataclass(frozen=True)
class _Chosen:
    """How the overview is narrowed and sorted."""

    stage: str  # how far counts as done
    show: str  # all | unfinished | missing
    sort: str  # chart | missing | done

    @classmethod
    def from_request(cls) -> "_Chosen":
        """Read the choice from the address; what is unknown is the default."""
        stage, show, sort = (request.args.get(name, "") for name in ("stage", "show", "sort"))
        return cls(
            stage if stage in STAGES else "submitted",
            show if show in {"unfinished", "missing"} else "all",
            sort if sort in {"missing", "done"} else "chart",
        )

    def pick(self, overview: Progress) -> list[DepartmentProgress]:
        """Return the lines to show, in order."""
        lines = overview.lines
        if self.show == "missing":
            lines = [line for line in lines if line.missing]
        if self.show == "unfinished":
            lines = [line for line in lines if not self._is_finished(line)]
        if self.sort == "missing":
            lines = sorted(lines, key=lambda line: -len(line.missing))
        if self.sort == "done":
            lines = sorted(lines, key=self._share)
        return lines

    def _is_finished(self, line: DepartmentProgress) -> bool:
        done, total = line.done(self.stage)
        return done == total

    def _share(self, line: DepartmentProgress) -> float:
        done, total = line.done(self.stage)
        return done / total if total else 1.0


def _years_to_open(existing: list[Round]) -> list[tuple[int, str]]:
    """Return the years that a round can be opened for, the likeliest first."""
    this_year = fiscal_year.fiscal_year_of(clock.local_date(clock.now()))
    taken = {found.fiscal_year for found in existing}
    years = [this_year, this_year + 1, *range(this_year - 1, this_year - _YEARS_OFFERED, -1)]
    choices = [(year, fiscal_year.western_label(year)) for year in years if year not in taken]
    if not choices:
        raise NotFound(_("始められる年度がありません。一覧から照会をお選びください。"))
    return choices
