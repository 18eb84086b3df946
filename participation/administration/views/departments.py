"""Departments: the list on a day, one with its history, and every change of it."""

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.accounts import queries as accounts
from participation.administration.form_errors import carried_out
from participation.administration.forms import (
    CloseForm,
    ContactForm,
    CorrectForm,
    NewDepartmentForm,
    ReasonForm,
    RenameForm,
)
from participation.administration.views.blueprints import staff
from participation.core import clock, wareki
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.departments import queries, services
from participation.departments.models import Department, DepartmentPeriod
from participation.policy import Permission, holds
from participation.policy.labels import ROLE_LABELS
from participation.web import gate
from participation.web.forms import Form


@staff.get("/departments")
@gate.requires(Permission.DEPARTMENT_READ)
def departments() -> ResponseReturnValue:
    """List the departments of a day, today unless ``?on=`` says otherwise."""
    actor = gate.authorize(Permission.DEPARTMENT_READ)
    day, fault = _day_asked_for()
    return render_template(
        "administration/departments.html",
        departments=queries.departments_on(db.session(), day),
        day=day,
        fault=fault,
        may_write=holds(actor, Permission.DEPARTMENT_WRITE),
    )


@staff.get("/departments/<int:department_id>")
@gate.requires(Permission.DEPARTMENT_READ)
def department(department_id: int) -> ResponseReturnValue:
    """Show one department: names by day, who it took over from, who took over, its people."""
    actor = gate.authorize(Permission.DEPARTMENT_READ)
    session, today = db.session(), _today()
    found = queries.get_department(session, department_id)
    known = queries.successions(session)
    before = [s for s in known if s.successor_id == found.id]
    after = [s for s in known if s.predecessor_id == found.id]
    others = {s.predecessor_id for s in before} | {s.successor_id for s in after}
    return render_template(
        "administration/department.html",
        department=found,
        today=today,
        before=before,
        after=after,
        names=queries.names(session, others, today),
        people=accounts.appointed_in(session, found.id, today)
        if holds(actor, Permission.USER_READ)
        else [],
        role_labels=ROLE_LABELS,
        closed=found.periods[-1].valid_to is not None,
        may_write=holds(actor, Permission.DEPARTMENT_WRITE),
        may_move=holds(actor, Permission.USER_WRITE),
    )


@staff.route("/departments/new", methods=["GET", "POST"])
@gate.requires(Permission.DEPARTMENT_WRITE)
def new_department() -> ResponseReturnValue:
    """Make a department."""
    actor = gate.authorize(Permission.DEPARTMENT_WRITE)
    form = NewDepartmentForm()
    made: list[Department] = []

    def act() -> None:
        made.append(
            services.create_department(
                db.session(),
                name=form.name.data or "",
                division=form.division.data or "",
                valid_from=form.valid_from.data or date.min,
                code=form.code.data or "",
                telephone=form.telephone.data or "",
                fax=form.fax.data or "",
                email=form.email.data or "",
                actor=actor,
                now=clock.now(),
            )
        )

    if form.validate_on_submit() and carried_out(form, act):
        flash(_("課を登録しました。"), "success")
        return redirect(url_for(".department", department_id=made[0].id), 303)
    return department_page(form, title=_("課の登録"), button=_("登録する"))


@staff.route("/departments/<int:department_id>/contact", methods=["GET", "POST"])
@gate.requires(Permission.DEPARTMENT_WRITE)
def department_contact(department_id: int) -> ResponseReturnValue:
    """Change code, contact and place in the chart."""
    actor = gate.authorize(Permission.DEPARTMENT_WRITE)
    found = queries.get_department(db.session(), department_id)
    form = ContactForm(obj=found)

    def act() -> None:
        services.update_contact(
            db.session(),
            found,
            code=form.code.data or "",
            telephone=form.telephone.data or "",
            fax=form.fax.data or "",
            email=form.email.data or "",
            position=form.position.data or 0,
            actor=actor,
            now=clock.now(),
        )

    if form.validate_on_submit() and carried_out(form, act):
        return done(found, _("変更しました。"))
    return department_page(form, title=_("連絡先の変更"), button=_("変更する"), department=found)


@staff.route("/departments/<int:department_id>/rename", methods=["GET", "POST"])
@gate.requires(Permission.DEPARTMENT_WRITE)
def rename_department(department_id: int) -> ResponseReturnValue:
    """Give another name or 部 from a day on."""
    actor = gate.authorize(Permission.DEPARTMENT_WRITE)
    found = queries.get_department(db.session(), department_id)
    form = RenameForm(data={"division": found.periods[-1].division})

    def act() -> None:
        services.rename_department(
            db.session(),
            found,
            name=form.name.data or "",
            division=form.division.data or "",
            valid_from=form.valid_from.data or date.min,
            actor=actor,
            now=clock.now(),
        )

    if form.validate_on_submit() and carried_out(form, act):
        return done(found, _("名称の変更を登録しました。"))
    return department_page(
        form,
        title=_("名称の変更"),
        button=_("変更する"),
        department=found,
        intro=_("変更の日より前の記録には、これまでの名称がそのまま残ります。"),
    )


@staff.route("/departments/periods/<int:period_id>/correct", methods=["GET", "POST"])
@gate.requires(Permission.DEPARTMENT_WRITE)
def correct_period(period_id: int) -> ResponseReturnValue:
    """Put a wrongly recorded name right."""
    actor = gate.authorize(Permission.DEPARTMENT_WRITE)
    period = db.session.get(DepartmentPeriod, period_id)
    if period is None:
        abort(404)
    form = CorrectForm(data={"name": period.name, "division": period.division})

    def act() -> None:
        services.correct_period(
            db.session(),
            period,
            name=form.name.data or "",
            division=form.division.data or "",
            reason=form.reason.data or "",
            actor=actor,
            now=clock.now(),
        )

    if form.validate_on_submit() and carried_out(form, act):
        return done(period.department, _("訂正しました。"))
    return department_page(
        form, title=_("名称の訂正"), button=_("訂正する"), department=period.department
    )


@staff.route("/departments/<int:department_id>/close", methods=["GET", "POST"])
@gate.requires(Permission.DEPARTMENT_WRITE)
def close_department(department_id: int) -> ResponseReturnValue:
    """Let a department end."""
    actor = gate.authorize(Permission.DEPARTMENT_WRITE)
    found = queries.get_department(db.session(), department_id)
    form = CloseForm()

    def act() -> None:
        services.close_department(
            db.session(),
            found,
            last_day=form.last_day.data or date.min,
            actor=actor,
            now=clock.now(),
        )

    if form.validate_on_submit() and carried_out(form, act):
        return done(found, _("廃止を登録しました。"))
    return department_page(
        form,
        title=_("課の廃止"),
        button=_("廃止を登録する"),
        kind="danger",
        department=found,
        intro=_(
            "最後の日の翌日から、この課に任命された人の権限はなくなります。"
            "後継の課があるときは「引継ぎの登録」を使ってください。"
        ),
    )


@staff.route("/departments/<int:department_id>/reopen", methods=["GET", "POST"])
@gate.requires(Permission.DEPARTMENT_WRITE)
def reopen_department(department_id: int) -> ResponseReturnValue:
    """Take back an end recorded by mistake."""
    actor = gate.authorize(Permission.DEPARTMENT_WRITE)
    found = queries.get_department(db.session(), department_id)
    form = ReasonForm()

    def act() -> None:
        services.reopen_department(
            db.session(), found, reason=form.reason.data or "", actor=actor, now=clock.now()
        )

    if form.validate_on_submit() and carried_out(form, act):
        return done(found, _("廃止を取り消しました。"))
    return department_page(form, title=_("廃止の取消し"), button=_("取り消す"), department=found)


def department_page(
    form: Form,
    *,
    title: str,
    button: str,
    department: Department | None = None,
    intro: str = "",
    kind: str = "primary",
) -> ResponseReturnValue:
    """Return a page with one form about a department, or about a new one."""
    trail = [(_("課"), url_for(".departments"))]
    name = ""
    if department is not None:
        name = department.name_on(_today())
        trail.append((name, url_for(".department", department_id=department.id)))
    page = render_template(
        "administration/edit.html",
        form=form,
        title=title,
        subject=name,
        intro=intro,
        button=button,
        kind=kind,
        trail=trail,
        back=trail[-1][1],
    )
    return page, 422 if form.errors else 200


def done(department: Department, message: str) -> ResponseReturnValue:
    """Lead back to the department with a word about what was done."""
    flash(message, "success")
    return redirect(url_for(".department", department_id=department.id), 303)


def _day_asked_for() -> tuple[date, str]:
    asked = request.args.get("on", "")
    if not asked:
        return _today(), ""
    try:
        return wareki.parse_date(asked), ""
    except InvalidInput as error:
        return _today(), str(error)


def _today() -> date:
    return clock.local_date(clock.now())
