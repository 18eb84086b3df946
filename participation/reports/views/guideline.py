"""Pages about the guideline's versions: the list, one version, drafting, enacting, who is asked."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core import clock, fiscal_year
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.departments import queries as departments
from participation.departments.models import Department
from participation.policy import Permission, holds
from participation.reports import labels
from participation.reports.forms.guideline import AssignmentForm, EnactForm, NoteForm
from participation.reports.models import Guideline, GuidelineState
from participation.reports.queries import guideline as queries
from participation.reports.queries.worksheet import heading
from participation.reports.services import guideline as services
from participation.reports.services.guideline_items import assign_departments
from participation.reports.views.blueprints import staff
from participation.web import gate, transaction
from participation.web.forms import put_error

# Years offered for enacting, from the one after next backwards.
_YEARS_AHEAD, _YEARS_BACK = 2, 10


@staff.get("/guideline")
@gate.requires(Permission.GUIDELINE_READ)
def guideline_versions() -> ResponseReturnValue:
    """List all versions, and say which one holds now."""
    actor = gate.authorize(Permission.GUIDELINE_READ)
    session = db.session()
    this_year = fiscal_year.fiscal_year_of(clock.local_date(clock.now()))
    in_force = queries.guideline_in_force(session, this_year)
    return render_template(
        "reports/staff/guideline/versions.html",
        lines=queries.versions(session),
        in_force=in_force,
        this_year=this_year,
        may_write=holds(actor, Permission.GUIDELINE_WRITE),
        labels=labels,
    )


@staff.get("/guideline/<int(max=99999):number>")
@gate.requires(Permission.GUIDELINE_READ)
def guideline_version(number: int) -> ResponseReturnValue:
    """Show one version as it is."""
    actor = gate.authorize(Permission.GUIDELINE_READ)
    session = db.session()
    guideline = queries.guideline_numbered(session, number)
    return render_template(
        "reports/staff/guideline/version.html",
        guideline=guideline,
        may_write=holds(actor, Permission.GUIDELINE_WRITE),
        is_draft=guideline.state is GuidelineState.DRAFT,
        **tree_context(session, guideline),
    )


@staff.route("/guideline/<int(max=99999):number>/draft", methods=["GET", "POST"])
@gate.requires(Permission.GUIDELINE_WRITE)
def draft_guideline(number: int) -> ResponseReturnValue:
    """Make a new version as a copy of this one."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    source = queries.guideline_numbered(session, number)
    form = NoteForm()
    if form.validate_on_submit():
        draft = services.draft_version(
            session, source, note=form.note.data or "", actor=actor, now=clock.now()
        )
        transaction.commit()
        flash(_("下書きの版を作りました。施行するまで、年次報告には影響しません。"), "success")
        return redirect(url_for(".edit_guideline", number=draft.number), 303)
    return render_template("reports/staff/guideline/draft.html", form=form, source=source)


@staff.get("/guideline/<int(max=99999):number>/edit")
@gate.requires(Permission.GUIDELINE_WRITE)
def edit_guideline(number: int) -> ResponseReturnValue:
    """Show a draft with the ways to change each part of it."""
    gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    guideline = queries.guideline_numbered(session, number)
    if guideline.state is not GuidelineState.DRAFT:
        flash(_("施行された版は変更できません。この版から新しい版を作ってください。"), "warning")
        return redirect(url_for(".guideline_version", number=number), 303)
    return render_template(
        "reports/staff/guideline/edit.html",
        guideline=guideline,
        faults=services.faults_of(guideline),
        **tree_context(session, guideline),
    )


@staff.route("/guideline/<int(max=99999):number>/enact", methods=["GET", "POST"])
@gate.requires(Permission.GUIDELINE_WRITE)
def enact_guideline(number: int) -> ResponseReturnValue:
    """Put a draft in force, after showing what that means."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session, now = db.session(), clock.now()
    draft = queries.guideline_numbered(session, number)
    this_year = fiscal_year.fiscal_year_of(clock.local_date(now))
    form = EnactForm(year=this_year)
    form.year.choices = [
        (year, fiscal_year.western_label(year))
        for year in range(this_year + _YEARS_AHEAD, this_year - _YEARS_BACK, -1)
    ]
    if form.validate_on_submit():
        try:
            services.enact(session, draft, year=form.year.data, actor=actor, now=now)
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        else:
            transaction.commit()
            flash(_("指針を施行しました。"), "success")
            return redirect(url_for(".guideline_version", number=number), 303)
    draft = queries.guideline_numbered(session, number)
    page = render_template(
        "reports/staff/guideline/enact.html",
        form=form,
        guideline=draft,
        faults=services.faults_of(draft),
    )
    return page, 422 if form.errors or form.form_errors else 200


@staff.route("/guideline/<int(max=99999):number>/discard", methods=["GET", "POST"])
@gate.requires(Permission.GUIDELINE_WRITE)
def discard_guideline(number: int) -> ResponseReturnValue:
    """Throw a draft away, after asking."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    draft = queries.guideline_numbered(session, number)
    if request.method == "POST":
        services.discard_draft(session, draft, actor=actor, now=clock.now())
        transaction.commit()
        flash(_("下書きの版を破棄しました。"), "success")
        return redirect(url_for(".guideline_versions"), 303)
    return render_template("reports/staff/guideline/discard.html", guideline=draft)


@staff.route("/guideline/items/<int(max=999999999):item_id>/departments", methods=["GET", "POST"])
@gate.requires(Permission.GUIDELINE_WRITE)
def assign_item(item_id: int) -> ResponseReturnValue:
    """Choose the departments that are asked for an item every year."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session, now = db.session(), clock.now()
    today = clock.local_date(now)
    item = queries.get_item(session, item_id)
    assigned = queries.assignments(session).get(item_id, frozenset())
    form = AssignmentForm(departments=sorted(assigned))
    form.departments.choices = [
        (one.id, _assignable_name(one))
        for one in departments.all_departments(session)
        if one.exists_on(today) or one.id in assigned
    ]
    if form.validate_on_submit():
        assign_departments(session, item, form.departments.data or [], actor=actor, now=now)
        transaction.commit()
        flash(_("担当課を保存しました。次の照会の画面からすぐに反映されます。"), "success")
        number = request.args.get("number", "")
        if number.isdecimal():
            return redirect(
                url_for(".guideline_version", number=int(number), _anchor=f"item-{item_id}"), 303
            )
        return redirect(url_for(".guideline_versions"), 303)
    page = render_template(
        "reports/staff/guideline/assign.html",
        form=form,
        item=item,
        name=queries.latest_name(session, item_id),
    )
    return page, 422 if form.errors else 200


def tree_context(session: Session, guideline: Guideline) -> dict[str, object]:
    """Return the headings of a version with their items, and the names of who is asked."""
    today = clock.local_date(clock.now())
    assigned = queries.assignments(session)
    ids = {department_id for found in assigned.values() for department_id in found}
    names = departments.names(session, ids, today)
    return {
        "legend": [(category.code, category.label) for category in guideline.categories],
        "branches": [
            (branch, heading(branch.section.mark, branch.section.title, branch.level))
            for root in queries.section_tree(guideline)
            for branch in root.walk()
        ],
        "assigned": {
            item_id: sorted(names[department_id] for department_id in found)
            for item_id, found in assigned.items()
        },
    }


def _assignable_name(department: Department) -> str:
    today = clock.local_date(clock.now())
    name = department.name_on(today)
    return name if department.exists_on(today) else _("%(name)s（廃止）", name=name)
