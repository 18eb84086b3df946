"""What the staff pages that act on a workshop share: the act, or its page with what was typed."""

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from participation.core.actors import Actor
from participation.core.errors import DomainError
from participation.db.extension import db
from participation.web.acts import act_or_page
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

    def page(refusal: DomainError | None) -> str:
        now = get_workshop(db.session(), workshop_id) if form.is_submitted() else found
        if refusal or not form.is_submitted():
            # The page says what has changed, so that is what the next yes is about.
            form.show_version(now.version)
        return pages.page(
            f"workshops/staff/{template}",
            now,
            actor,
            tab=tab,
            form=form,
            back=back,
            refusal=refusal,
            **context,
        )

    return act_or_page(form, act, back=back, may=may, page=page)
