"""Carrying out what a form asks for; a rule's no comes back with what was typed."""

from collections.abc import Callable

from flask import flash, redirect
from werkzeug.wrappers import Response

from participation.core.errors import InvalidInput, StateConflict
from participation.web import transaction
from participation.web.forms import Form, put_error


def attempt(form: Form, act: Callable[[], str], *, back: str) -> tuple[Response | None, str]:
    """Carry ``act`` out if the form is sent and well formed, commit, and lead to ``back``.

    Args:
        form: where the sentence of an ``InvalidInput`` is put.
        act: does it and returns what to say then.
        back: where the browser goes afterwards.

    Returns:
        The redirect and no text when it is done. Otherwise None, and why the state does not allow
        it, empty where the form itself says what is wrong or was not sent at all.

    """
    if not form.validate_on_submit():
        return None, ""
    try:
        done = act()
    except InvalidInput as error:
        transaction.discard()
        put_error(form, error)
        return None, ""
    except StateConflict as error:
        transaction.discard()
        return None, str(error)
    transaction.commit()
    flash(done, "success")
    return redirect(back, 303), ""
