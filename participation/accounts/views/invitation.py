"""The link of an invitation: password first, then the authenticator app."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.accounts import login
from participation.accounts.forms import CodeForm, NewPasswordForm
from participation.accounts.services import invitations, sessions
from participation.accounts.views.blueprints import staff
from participation.accounts.views.enrolment import enrolment
from participation.core import clock
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.web import gate, transaction
from participation.web.limits import limiter


@staff.route("/invitation/<token>", methods=["GET", "POST"])
@gate.public
@limiter.limit("60 per minute")
def invitation(token: str) -> ResponseReturnValue:
    """First step: a password."""
    session, now = db.session(), clock.now()
    _invitation, user = invitations.usable_invitation(session, token, now)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            invitations.set_invited_password(
                session, token, password=form.password.data or "", now=now
            )
        except InvalidInput as error:
            transaction.discard()
            form.password.errors = [str(error)]
        else:
            transaction.commit()
            return redirect(url_for(".invitation_app", token=token), 303)
    _invitation, user = invitations.usable_invitation(session, token, now)
    status = 422 if form.errors else 200
    return render_template("accounts/invitation.html", form=form, person=user), status


@staff.route("/invitation/<token>/app", methods=["GET", "POST"])
@gate.public
@limiter.limit("60 per minute")
def invitation_app(token: str) -> ResponseReturnValue:
    """Second step: the first code of the authenticator app opens the account."""
    session, now = db.session(), clock.now()
    form = CodeForm()
    if form.validate_on_submit():
        try:
            user = invitations.accept_invitation(
                session, token, code=form.totp_code.data or "", now=now
            )
        except InvalidInput as error:
            transaction.discard()
            form.totp_code.errors = [str(error)]
        else:
            opened = sessions.open_session(session, user, device=login.device(), now=now)
            transaction.commit()
            response = redirect(url_for("staff.administration.home"), 303)
            login.give_cookie(response, opened)
            flash(
                _(
                    "設定が終わりました。次回からは、このパスワードと認証アプリでサインインしてください。"
                ),
                "success",
            )
            return response
    user, secret = invitations.invited_secret(session, token, now)
    page = render_template(
        "accounts/invitation_app.html", form=form, person=user, **enrolment(secret, user.email)
    )
    return page, 422 if form.errors else 200
