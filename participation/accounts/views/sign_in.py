"""Signing in, in two steps, and out."""

from datetime import timedelta
from math import ceil

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from participation.accounts import login, passwords, queries
from participation.accounts.forms import CodeForm, SignInForm
from participation.accounts.services import sessions
from participation.accounts.views.blueprints import staff
from participation.core import clock
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.web import gate, transaction
from participation.web.limits import limiter
from participation.web.local_paths import local_path


@staff.route("/sign-in", methods=["GET", "POST"])
@gate.public
@limiter.limit("120 per minute", methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """First step: address and password."""
    if current_user.is_authenticated:
        return redirect(_next(), 303)
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form)
    email, password = form.email.data or "", form.password.data or ""
    with login.apart():
        user = queries.find_by_email(db.session(), email)
        stored = user.password_hash if user is not None and user.disabled_at is None else None
    # Slow on purpose, and as slow for an unknown address: no transaction is open meanwhile.
    matches = passwords.verify(stored, password)
    answer = sessions.begin_sign_in(
        db.session(),
        email=email,
        password=password,
        checked_hash=stored if matches else None,
        network=login.network(),
        device=login.device(),
        now=clock.now(),
    )
    transaction.commit()
    if answer.token is None:
        message = _("メールアドレスかパスワードが正しくありません。もう一度入力してください。")
        form.password.errors = [_wait_message(answer.wait) if answer.wait else message]
        return render_template("accounts/sign_in.html", form=form), 429 if answer.wait else 422
    response = redirect(url_for(".code", next=request.args.get("next")), 303)
    login.give_cookie(response, answer.token)
    return response


@staff.route("/sign-in/code", methods=["GET", "POST"])
@gate.public
@limiter.limit("120 per minute", methods=["POST"])
def code() -> ResponseReturnValue:
    """Second step: the code. Only now the session opens, under a new token."""
    if current_user.is_authenticated:
        return redirect(_next(), 303)
    now = clock.now()
    token = login.cookie_token()
    waiting = queries.find_session(db.session(), token) if token else None
    if waiting is None or not queries.is_waiting_for_code(waiting, now):
        return _begin_again()
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("accounts/code.html", form=form)
    try:
        answer = sessions.finish_sign_in(
            db.session(), token, code=form.totp_code.data or "", now=now
        )
    except NotFound:
        transaction.discard()
        return _begin_again()
    transaction.commit()
    if answer.token is None:
        message = _(
            "認証コードが正しくないか、使用済みです。アプリに次のコードが表示されてから入力してください。"
        )
        form.totp_code.errors = [_wait_message(answer.wait) if answer.wait else message]
        return render_template("accounts/code.html", form=form), 429 if answer.wait else 422
    response = redirect(_next(), 303)
    login.give_cookie(response, answer.token)
    return response


@staff.post("/sign-out")
@gate.public
def sign_out() -> ResponseReturnValue:
    """End the session on the server and take the cookie away; twice does no harm."""
    token = login.cookie_token()
    found = queries.find_session(db.session(), token) if token else None
    if found is not None:
        user = queries.get_user(db.session(), found.user_id)
        now = clock.now()
        actor = queries.actor_of(db.session(), user, now)
        sessions.end_session(db.session(), found, actor=actor, now=now)
        transaction.commit()
    response = redirect(url_for(".sign_in"), 303)
    login.take_cookie(response)
    flash(_("サインアウトしました。"), "success")
    return response


def _begin_again() -> ResponseReturnValue:
    flash(_("時間が過ぎました。もう一度メールアドレスとパスワードを入力してください。"), "warning")
    return redirect(url_for(".sign_in", next=request.args.get("next")), 303)


def _next() -> str:
    return local_path(request.args.get("next"), url_for("staff.administration.home"))


def _wait_message(wait: timedelta) -> str:
    return str(
        _(
            "続けて失敗したため、あと%(seconds)d秒ほど待ってからお試しください。",
            seconds=ceil(wait.total_seconds()),
        )
    )
