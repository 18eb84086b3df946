"""A form that comes too late is not lost: it is kept, and shown to its person once they are in."""

from flask import Response, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import ValidationError

from participation.accounts import queries
from participation.accounts.services import held_forms
from participation.core import clock
from participation.db.extension import db
from participation.policy import Permission, holds
from participation.web import gate


def hold_late_form(token: str) -> AnyResponse | None:
    """Keep a form whose session has run out for the person whose session that was.

    Args:
        token: of the cookie.

    Returns:
        The way to the sign-in page, or None when there is nothing to keep.

    """
    if not _is_form_for_staff():
        return None
    session = db.session()
    ended = queries.find_session(session, token)
    if ended is None or ended.second_factor_at is None:
        return None
    user = queries.get_user(session, ended.user_id)
    if user.disabled_at is not None or not _hold(user.id):
        return None
    flash(
        _(
            "時間がたったため、サインアウトしていました。入力した内容は保管しています。"
            "サインインすると続けられます。"
        ),
        "warning",
    )
    return redirect(url_for("staff.accounts.sign_in", next=url_for("staff.accounts.held")), 303)


def hold_stale_form() -> AnyResponse | None:
    """Keep a form that was opened before its person signed in anew, in another tab perhaps.

    Its token is of the session before, so it cannot be taken as it is: whoever sends it must have
    seen it first.
    """
    if not _is_form_for_staff() or not holds(current_user.actor, Permission.OWN_ACCOUNT):
        return None
    try:
        validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRFToken"))
    except ValidationError:
        actor = gate.authorize(Permission.OWN_ACCOUNT)
        if not _hold(actor.staff_id or 0):
            return None
        flash(
            _(
                "画面を開いた後にサインインし直したため、まだ送信していません。"
                "内容を確かめて、もう一度送信してください。"
            ),
            "warning",
        )
        return redirect(url_for("staff.accounts.held"), 303)
    return None


def forget_what_was_sent(response: Response) -> Response:
    """Throw away a held form that was sent again and accepted."""
    accepted = request.method == "POST" and response.status_code in {302, 303}
    authorized = g.get("authorized") and not g.get("form_held")
    if accepted and authorized and "held_form" in request.form:
        held_forms.forget_sent(db.session(), current_user.id, request.form["held_form"])
        db.session.commit()
    return response


def _is_form_for_staff() -> bool:
    """Whether this is a form for a page that needs a right, sent from a page of this site."""
    endpoint = request.endpoint
    return (
        request.method == "POST"
        and endpoint is not None
        and isinstance(gate.access_of(current_app, endpoint), Permission)
        and request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}
    )


def _hold(user_id: int) -> bool:
    session = db.session()
    held_forms.forget_sent(session, user_id, request.form.get("held_form", ""))
    held = held_forms.hold_form(
        session,
        user_id,
        path=request.full_path.rstrip("?"),
        fields=list(request.form.items(multi=True)),
        now=clock.now(),
    )
    session.commit()
    g.form_held = held is not None
    return held is not None
