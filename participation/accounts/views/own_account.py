"""One's own account: password, authenticator app, signed-in browsers."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from participation.accounts import queries
from participation.accounts.forms import ChangePasswordForm, CodeForm, CurrentPasswordForm
from participation.accounts.models import StaffSession, StaffUser
from participation.accounts.services import own_account, sessions
from participation.accounts.views.blueprints import staff
from participation.accounts.views.enrolment import enrolment
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.departments import queries as departments
from participation.policy import Permission
from participation.policy.labels import ROLE_LABELS
from participation.web import gate, transaction
from participation.web.limits import limiter


@staff.get("/account")
@gate.requires(Permission.OWN_ACCOUNT)
def account() -> ResponseReturnValue:
    """Show what there is about oneself."""
    _actor, user = _own()
    session, now = db.session(), clock.now()
    day = clock.local_date(now)
    active = [a for a in user.appointments if a.is_active(day)]
    ids = {a.department_id for a in active if a.department_id is not None}
    return render_template(
        "accounts/account.html",
        person=user,
        appointments=active,
        departments=departments.names(session, ids, day),
        role_labels=ROLE_LABELS,
        sessions=queries.live_sessions(session, user.id, now),
        here=current_user.session_id,
    )


@staff.route("/account/password", methods=["GET", "POST"])
@gate.requires(Permission.OWN_ACCOUNT)
@limiter.limit("20 per minute", methods=["POST"])
def password() -> ResponseReturnValue:
    """Change one's password."""
    actor, user = _own()
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            own_account.change_password(
                db.session(),
                user,
                current=form.current.data or "",
                password=form.password.data or "",
                session_id=current_user.session_id,
                actor=actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            transaction.discard()
            (form.current if error.field == "current" else form.password).errors = [str(error)]
        else:
            transaction.commit()
            flash(_("パスワードを変更しました。ほかの端末はサインアウトしました。"), "success")
            return redirect(url_for(".account"), 303)
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200


@staff.route("/account/app", methods=["GET", "POST"])
@gate.requires(Permission.OWN_ACCOUNT)
@limiter.limit("20 per minute", methods=["POST"])
def app() -> ResponseReturnValue:
    """Begin with another authenticator app: the current password first."""
    actor, user = _own()
    form = CurrentPasswordForm()
    if form.validate_on_submit():
        try:
            own_account.begin_new_second_factor(
                db.session(),
                user,
                current=form.current.data or "",
                actor=actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            transaction.discard()
            form.current.errors = [str(error)]
        else:
            transaction.commit()
            return redirect(url_for(".app_code"), 303)
    return render_template("accounts/app.html", form=form), 422 if form.errors else 200


@staff.route("/account/app/code", methods=["GET", "POST"])
@gate.requires(Permission.OWN_ACCOUNT)
@limiter.limit("20 per minute", methods=["POST"])
def app_code() -> ResponseReturnValue:
    """Show the new secret and take its first code."""
    actor, user = _own()
    form = CodeForm()
    if form.validate_on_submit():
        try:
            own_account.confirm_new_second_factor(
                db.session(),
                user,
                code=form.totp_code.data or "",
                session_id=current_user.session_id,
                actor=actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            transaction.discard()
            form.totp_code.errors = [str(error)]
        else:
            transaction.commit()
            flash(_("認証アプリを変更しました。以前の登録は使えません。"), "success")
            return redirect(url_for(".account"), 303)
    shown = enrolment(own_account.pending_secret(db.session(), user), user.email)
    page = render_template("accounts/app_code.html", form=form, **shown)
    return page, 422 if form.errors else 200


@staff.post("/account/sessions/<int:session_id>/end")
@gate.requires(Permission.OWN_ACCOUNT)
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sessions; somebody else's does not exist here."""
    actor, user = _own()
    found = db.session.get(StaffSession, session_id)
    if found is None or found.user_id != user.id:
        abort(404)
    sessions.end_session(db.session(), found, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("その端末をサインアウトしました。"), "success")
    return redirect(url_for(".account"), 303)


def _own() -> tuple[Actor, StaffUser]:
    actor = gate.authorize(Permission.OWN_ACCOUNT)
    return actor, queries.get_user(db.session(), current_user.id)
