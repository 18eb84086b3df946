"""What the staff pages that act on a workshop share: the act, or its page with what was typed."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core.actors import Actor
from participation.core.errors import StateConflict
from participation.db.extension import db
from participation.web import transaction
from participation.web.acts import attempt
from participation.workshops.models import Workshop
from participation.workshops.queries.workshops import get_workshop
from participation.workshops.views import pages


def form_page(
    template: str,
    found: Workshop,
    actor: Actor,
    form: Any,
    act: Callable[[], str],
    *,
    may: bool,
    tab: str,
    **context: object,
) -> ResponseReturnValue:
    """Carry out what a form asks for, or show it with what was typed.

    Args:
        template: below ``workshops/staff``.
        found: the workshop.
        actor: who acts.
        form: a ``VersionForm``.
        act: does it and returns what to say.
        may: whether the state of the workshop allows it at all.
        tab: the tab that the page lies under, and that it leads back to.
        context: what the template needs beside.

    """
    workshop_id = found.id
    back = url_for(f".{tab}", workshop_id=workshop_id)
    if request.method == "GET" and not may:
        flash(_("今の状態では、この操作はできません。"), "info")
        return redirect(back, 303)
    response, refusal = attempt(form, act, back=back)
    if response is not None:
        return response
    if form.is_submitted():
        found = get_workshop(db.session(), workshop_id)
    if refusal or not form.is_submitted():
        # The page says what has changed, so that is what the next yes is about.
        form.version.data, form.version.raw_data = str(found.version), None
    page = pages.page(
        f"workshops/staff/{template}",
        found,
        actor,
        tab=tab,
        form=form,
        back=back,
        refusal=refusal,
        **context,
    )
    return page, 409 if refusal else 422 if form.errors or form.form_errors else 200


def button_act(workshop_id: int, act: Callable[[], str]) -> ResponseReturnValue:
    """Carry out what a single button asks for; a rule's no is said above the list."""
    try:
        done = act()
    except StateConflict as error:
        transaction.discard()
        flash(str(error), "error")
    else:
        transaction.commit()
        flash(done, "success")
    return redirect(url_for(".days", workshop_id=workshop_id), 303)
