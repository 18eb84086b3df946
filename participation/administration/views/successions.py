"""Successions: who takes over from whom, and the move of the people that goes with it."""

from datetime import date

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.accounts.services import appointments
from participation.administration.choices import department_label
from participation.administration.form_errors import carried_out
from participation.administration.forms import MoveAllForm, ReasonForm, SuccessionForm
from participation.administration.views.blueprints import staff
from participation.administration.views.departments import department_page, done
from participation.core import clock
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.departments import queries, services
from participation.departments.models import DepartmentSuccession
from participation.policy import Permission
from participation.web import gate


@staff.route("/departments/succession", methods=["GET", "POST"])
@gate.requires(Permission.DEPARTMENT_WRITE)
def record_succession() -> ResponseReturnValue:
    """Record who takes over from whom."""
    actor = gate.authorize(Permission.DEPARTMENT_WRITE)
    session, today = db.session(), _today()
    form = SuccessionForm()
    form.offer(
        (str(one.id), department_label(one, today)) for one in queries.all_departments(session)
    )

    def act() -> None:
        services.record_succession(
            session,
            predecessors=[queries.get_department(session, n) for n in form.predecessors.ids()],
            successors=[queries.get_department(session, n) for n in form.successors.ids()],
            effective_on=form.effective_on.data or date.min,
            actor=actor,
            now=clock.now(),
        )

    if form.validate_on_submit() and carried_out(form, act):
        flash(_("引継ぎを登録しました。前身の課の人を後継の課へ異動してください。"), "success")
        first = form.predecessors.ids()[0]
        return redirect(url_for(".department", department_id=first), 303)
    return department_page(
        form,
        title=_("引継ぎの登録"),
        button=_("登録する"),
        intro=_(
            "選んだ後継の課のすべてが、前身の課のすべてを引き継ぎます。廃止日のない前身の課は、"
            "引継ぎの日の前日で廃止になります。後継の課の人は、前身の課の記録も扱えるようになります。"
        ),
    )


@staff.route("/departments/successions/<int:succession_id>/remove", methods=["GET", "POST"])
@gate.requires(Permission.DEPARTMENT_WRITE)
def remove_succession(succession_id: int) -> ResponseReturnValue:
    """Take back a succession recorded by mistake."""
    actor = gate.authorize(Permission.DEPARTMENT_WRITE)
    session = db.session()
    succession = session.get(DepartmentSuccession, succession_id)
    if succession is None:
        abort(404)
    found = queries.get_department(session, succession.predecessor_id)
    form = ReasonForm()

    def act() -> None:
        services.remove_succession(
            session, succession, reason=form.reason.data or "", actor=actor, now=clock.now()
        )

    if form.validate_on_submit() and carried_out(form, act):
        return done(found, _("引継ぎの登録を取り消しました。"))
    return department_page(
        form,
        title=_("引継ぎの取消し"),
        button=_("取り消す"),
        kind="danger",
        department=found,
        intro=_("後継の課の人は、この課の記録を扱えなくなります。課の廃止日はそのまま残ります。"),
    )


@staff.route("/departments/<int:department_id>/move-people", methods=["GET", "POST"])
@gate.requires(Permission.USER_WRITE)
def move_people(department_id: int) -> ResponseReturnValue:
    """Move everybody of a department to one of its successors."""
    actor = gate.authorize(Permission.USER_WRITE)
    session, today = db.session(), _today()
    found = queries.get_department(session, department_id)
    following = [s for s in queries.successions(session) if s.predecessor_id == found.id]
    if not following:
        raise InvalidInput("後継の課が登録されていません。先に引継ぎを登録してください。")
    form = MoveAllForm(data={"on": max(today, following[-1].effective_on), "reason": "組織改編"})
    form.target.choices = [
        (
            str(s.successor_id),
            department_label(queries.get_department(session, s.successor_id), today),
        )
        for s in following
    ]
    moved: list[object] = []

    def act() -> None:
        moved.extend(
            appointments.transfer_department(
                session,
                found,
                queries.get_department(session, int(form.target.data)),
                on=form.on.data or today,
                reason=form.reason.data or "",
                actor=actor,
                now=clock.now(),
            )
        )

    if form.validate_on_submit() and carried_out(form, act):
        return done(found, _("%(count)d件の任命を後継の課へ移しました。", count=len(moved)))
    return department_page(
        form,
        title=_("後継の課への異動"),
        button=_("全員を異動する"),
        department=found,
        intro=_("この課に任命されている全員を、同じ役割のまま後継の課へ移します。"),
    )


def _today() -> date:
    return clock.local_date(clock.now())
