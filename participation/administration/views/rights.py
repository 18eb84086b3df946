"""Rights: appointing, ending, transferring."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.accounts import queries
from participation.accounts.services import appointments
from participation.administration.form_errors import carried_out
from participation.administration.forms import EndForm, TermsForm, TransferForm
from participation.administration.views.blueprints import staff
from participation.administration.views.people import edit_page, offer_terms, terms_page
from participation.core import clock
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate


@staff.route("/people/<int:user_id>/appoint", methods=["GET", "POST"])
@gate.requires(Permission.USER_WRITE)
def appoint(user_id: int) -> ResponseReturnValue:
    """Give a person another role."""
    actor = gate.authorize(Permission.USER_WRITE)
    user = queries.get_user(db.session(), user_id)
    form = TermsForm()
    offer_terms(form, clock.local_date(clock.now()))

    def act() -> None:
        appointments.appoint(db.session(), user, terms=form.terms(), actor=actor, now=clock.now())

    if form.validate_on_submit() and carried_out(form, act):
        flash(_("任命しました。"), "success")
        return redirect(url_for(".person", user_id=user_id), 303)
    return terms_page(form, title=_("任命の追加"), button=_("任命する"), person=user)


@staff.route("/appointments/<int:appointment_id>/end", methods=["GET", "POST"])
@gate.requires(Permission.USER_WRITE)
def end_appointment(appointment_id: int) -> ResponseReturnValue:
    """End an appointment, at once or with a day."""
    actor = gate.authorize(Permission.USER_WRITE)
    appointment = queries.get_appointment(db.session(), appointment_id)
    user = appointment.user
    form = EndForm()

    def act() -> None:
        appointments.end_appointment(
            db.session(),
            appointment,
            reason=form.reason.data or "",
            last_day=form.last_day.data,
            actor=actor,
            now=clock.now(),
        )

    if form.validate_on_submit() and carried_out(form, act):
        flash(_("任命を終了しました。"), "success")
        return redirect(url_for(".person", user_id=user.id), 303)
    return edit_page(
        form, title=_("任命の終了"), button=_("任命を終了する"), kind="danger", person=user
    )


@staff.route("/appointments/<int:appointment_id>/transfer", methods=["GET", "POST"])
@gate.requires(Permission.USER_WRITE)
def transfer(appointment_id: int) -> ResponseReturnValue:
    """Move a person: end one appointment and begin another in one act."""
    actor = gate.authorize(Permission.USER_WRITE)
    appointment = queries.get_appointment(db.session(), appointment_id)
    user = appointment.user
    form = TransferForm()
    if not form.is_submitted():
        form.role.data = appointment.role.value
        form.reason.data = _("人事異動")
    offer_terms(form, clock.local_date(clock.now()))

    def act() -> None:
        appointments.transfer(
            db.session(),
            appointment,
            terms=form.terms(),
            reason=form.reason.data or "",
            actor=actor,
            now=clock.now(),
        )

    if form.validate_on_submit() and carried_out(form, act):
        flash(_("異動を登録しました。"), "success")
        return redirect(url_for(".person", user_id=user.id), 303)
    return terms_page(
        form,
        title=_("異動"),
        button=_("異動を登録する"),
        person=user,
        intro=_(
            "今の任命は異動の日の前日で終わります。今日からの異動では、今の権限はすぐになくなります。"
        ),
    )
