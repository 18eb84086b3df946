"""Carrying out what a form or a button asks for; a rule's no comes back with what was typed."""

from collections.abc import Callable

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from participation.core.errors import DomainError, InvalidInput, StateConflict
from participation.web import transaction
from participation.web.forms import Form, put_error

# Does it, and returns what to say then, if anything; and where to go where that was not known.
Act = Callable[[], str | tuple[str, str]]


def attempt(
    form: Form | None, act: Act, *, back: str = ""
) -> tuple[Response | None, DomainError | None]:
    """Carry ``act`` out if it is asked for and well formed, commit, and lead on.

    Args:
        form: where the sentence of an ``InvalidInput`` is put; None for a page that only asks
            whether to go on.
        act: does it.
        back: where the browser goes afterwards if ``act`` does not say.

    Returns:
        The redirect and no refusal when it is done. Otherwise None, and why it is not possible;
        none where the form itself says what is wrong or was not sent at all.

    """
    if not (request.method == "POST" if form is None else form.validate_on_submit()):
        return None, None
    try:
        done = act()
    except (InvalidInput, StateConflict) as error:
        transaction.discard()
        if form is None or isinstance(error, StateConflict):
            return None, error
        put_error(form, error)
        return None, None
    transaction.commit()
    sentence, target = done if isinstance(done, tuple) else (done, back)
    if sentence:
        flash(sentence, "success")
    return redirect(target, 303), None


def put_refusal(form: Form, refusal: DomainError | None) -> None:
    """Add a refusal to what the form says is wrong, on a page that has no other place for it."""
    if refusal is not None:
        form.form_errors.append(str(refusal))


def status_of(form: Form | None, refusal: DomainError | None) -> int:
    """Return the status of the page that is shown again, or for the first time."""
    if refusal is not None:
        return refusal.status
    return 422 if form is not None and form.errors else 200


def act_or_page(
    form: Form,
    act: Act,
    *,
    back: str,
    may: bool,
    page: Callable[[DomainError | None], str],
) -> ResponseReturnValue:
    """Carry ``act`` out, or show its page with what was typed.

    Args:
        form: as for ``attempt``.
        act: does it.
        back: where the browser goes afterwards, and at once if there is nothing to be done.
        may: whether the state of the thing allows it at all.
        page: renders the page, given the refusal if there was one.

    """
    if request.method == "GET" and not may:
        flash(_("今の状態では、この操作はできません。"), "info")
        return redirect(back, 303)
    response, refusal = attempt(form, act, back=back)
    if response is not None:
        return response
    return page(refusal), status_of(form, refusal)


def press(act: Callable[[], str], *, back: str) -> Response:
    """Carry out what a single button asks for; a rule's no is said above the list."""
    try:
        done = act()
    except StateConflict as error:
        transaction.discard()
        flash(str(error), "error")
    else:
        transaction.commit()
        flash(done, "success")
    return redirect(back, 303)
