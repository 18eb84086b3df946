"""The page behind the link in a mail: the state of each registration, to give back or to accept.

To open it changes nothing, since programs that look for viruses open every link of a mail.
"""

from datetime import datetime

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.errors import StateConflict
from participation.db.extension import db
from participation.submissions.issuing import app_keys
from participation.web import gate, transaction
from participation.web.headers import unstored
from participation.workshops.models import Application
from participation.workshops.queries.applications import application_by_link
from participation.workshops.services.changing import accept_offers, cancel_registrations
from participation.workshops.services.links import token_hash
from participation.workshops.services.web_registering import RESIDENT
from participation.workshops.views.blueprints import public
from participation.workshops.views.claims import context_of

_LONGEST = 100
_GONE = 404
_LONGEST_ID = 18


@public.get("/application/<token>")
@gate.public
def application(token: str) -> ResponseReturnValue:
    """Show the state of each registration; an unknown and a wrong link look the same (P15)."""
    found = _found(token)
    if found is None:
        return _nothing()
    return _page(found, clock.now())


@public.post("/application/<token>")
@gate.public
def application_act(token: str) -> ResponseReturnValue:
    """Give one or all registrations back, or accept an offered seat."""
    found = _found(token)
    if found is None:
        return _nothing()
    now: datetime = g.received_at
    act, _colon, argument = request.form.get("act", "").partition(":")
    ids = [int(argument)] if _is_id(argument) else []
    session = db.session()
    try:
        match act:
            case "accept":
                accept_offers(session, found, ids, actor=RESIDENT, now=now)
                told = _("参加が決まりました。当日お待ちしています。")
            case "cancel":
                cancel_registrations(session, found, ids, actor=RESIDENT, now=now)
                told = _("取り消しました。お知らせくださり、ありがとうございます。")
            case "cancel_all":
                cancel_registrations(session, found, actor=RESIDENT, now=now)
                told = _("すべて取り消しました。お知らせくださり、ありがとうございます。")
            case _:
                return redirect(url_for("workshops_public.application", token=token), 303)
    except StateConflict as error:
        transaction.discard()
        again = _found(token)
        return _nothing() if again is None else _page(again, now, str(error), error.status)
    transaction.commit()
    flash(str(told), "success")
    return redirect(url_for("workshops_public.application", token=token), 303)


def _found(token: str) -> Application | None:
    return application_by_link(db.session(), token_hash(app_keys(), token[:_LONGEST]))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID


def _page(
    found: Application, now: datetime, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "workshops/public/application.html",
        **context_of(db.session(), found, now),
        problem=problem,
    )
    return _unstored(page, status)


def _nothing() -> ResponseReturnValue:
    return _unstored(render_template("workshops/public/no_application.html"), _GONE)


def _unstored(page: str, status: int = 200) -> Response:
    """Return a page that stays on no device and in no index."""
    response = unstored(page, status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
