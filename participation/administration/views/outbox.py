"""The outbox: what was sent, what waits, what failed; never the text of a message."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.administration import services
from participation.administration.filter_forms import OutboxFilterForm
from participation.administration.labels import MAIL_KINDS
from participation.administration.views.blueprints import staff
from participation.core import clock
from participation.db.extension import db
from participation.mail.labels import STATE_LABELS
from participation.mail.models import MailState
from participation.mail.queries import get_message, outbox_lines
from participation.policy import Permission as P
from participation.policy import holds
from participation.web import transaction
from participation.web.gate import authorize, requires
from participation.web.pagination import keyset_page

_PAGE = 50


@staff.get("/outbox")
@requires(P.OUTBOX_READ)
def outbox() -> ResponseReturnValue:
    """The messages, newest first, with masked addresses."""
    actor = authorize(P.OUTBOX_READ)
    form = OutboxFilterForm(request.args)
    state = MailState(form.state.data) if form.validate() and form.state.data else None
    lines = outbox_lines(
        db.session(), limit=_PAGE + 1, state=state, before=request.args.get("before")
    )
    return render_template(
        "administration/outbox.html",
        form=form,
        page=keyset_page(lines, _PAGE, key="cursor"),
        state_labels=STATE_LABELS,
        kind_labels=MAIL_KINDS,
        may_retry=holds(actor, P.OUTBOX_WRITE),
        filtered=state is not None,
    )


@staff.post("/outbox/<uuid:message_id>/retry")
@requires(P.OUTBOX_WRITE)
def outbox_retry(message_id: uuid.UUID) -> ResponseReturnValue:
    """Send a failed message again."""
    actor = authorize(P.OUTBOX_WRITE)
    session = db.session()
    services.retry_message(session, get_message(session, message_id), actor=actor, now=clock.now())
    transaction.commit()
    flash(_("もう一度送信します。"), "success")
    return redirect(url_for(".outbox"), 303)
