"""The receipt: shown once after sending, and later to whoever has its number and secret."""

from collections.abc import Callable
from datetime import datetime

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from participation.core import clock
from participation.db.engine import reading_until_a_write
from participation.db.extension import db
from participation.submissions import pressure
from participation.submissions.issuing import app_keys, forget, issued_now
from participation.submissions.models import Receipt
from participation.submissions.networks import network_key
from participation.submissions.pages import ReceiptDetail
from participation.submissions.queries import receipt_by_number, receipt_of
from participation.submissions.views.blueprints import public
from participation.web import gate
from participation.web.feature import Feature
from participation.web.headers import unstored

_LONGEST = 60
_TOO_MANY = 429


@public.get("/")
@gate.public
def lookup() -> ResponseReturnValue:
    """Ask for number and secret."""
    return unstored(render_template("submissions/lookup.html", number="", failed=False))


@public.post("/")
@gate.public
def show() -> ResponseReturnValue:
    """Show what was sent and what became of it.

    An unknown number and a wrong secret get the same bytes (promise P15).
    """
    number = request.form.get("number", "")[:_LONGEST]
    secret = request.form.get("secret", "")[:_LONGEST]
    network = network_key(app_keys(), request.remote_addr)
    if not pressure.count(pressure.LOOKUPS, network):
        response = unstored(
            render_template("submissions/lookup.html", number=number, failed=False, busy=True)
        )
        response.status_code = _TOO_MANY
        response.headers["Retry-After"] = "60"
        return response
    with reading_until_a_write():
        session = db.session()
        receipt = receipt_of(session, number, secret)
        if receipt is None:
            page = render_template("submissions/lookup.html", number=number, failed=True)
            return unstored(page, 422)
        detail = _detail(session, receipt, clock.now())
        return unstored(_page("submissions/receipt.html", receipt, detail))


@public.get("/issued/")
@gate.public
def issued() -> ResponseReturnValue:
    """Show number and secret of what this browser has just sent."""
    now = clock.now()
    just = issued_now(now)
    if just is None:
        return redirect(url_for("receipts.lookup"), 303)
    session = db.session()
    receipt = receipt_by_number(session, just.number)
    if receipt is None:
        return redirect(url_for("receipts.lookup"), 303)
    return unstored(
        _page(
            "submissions/issued.html", receipt, _detail(session, receipt, now), secret=just.secret
        )
    )


@public.post("/issued/")
@gate.public
def put_away() -> ResponseReturnValue:
    """Forget the receipt on this device, as on a library's computer."""
    response = make_response(redirect(url_for("portal.home"), 303))
    forget(response)
    return response


def _detail(session: Session, receipt: Receipt, now: datetime) -> ReceiptDetail | None:
    """Return what the feature says that the receipt belongs to."""
    kind = receipt.subject.partition(":")[0]
    features: tuple[Feature, ...] = current_app.extensions["features"]
    for feature in features:
        tell: Callable[..., ReceiptDetail] | None = feature.receipts.get(kind)
        if tell is not None:
            return tell(session, receipt, now)
    return None


def _page(template: str, receipt: Receipt, detail: ReceiptDetail | None, **context: object) -> str:
    words = {} if detail is None else detail.context
    return render_template(template, receipt=receipt, detail=detail, **words, **context)
