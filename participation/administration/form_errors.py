"""A rule's no, shown on the form, so that nothing typed is lost."""

from collections.abc import Callable

from flask_wtf import FlaskForm

from participation.core.errors import InvalidInput, PermissionDenied, StateConflict
from participation.web import transaction


def carried_out(form: FlaskForm, act: Callable[[], object]) -> bool:
    """Run ``act`` and commit; when a rule says no, put its sentence on ``form`` and return False.

    A sentence about a field that the form has stands at that field, any other above the form.
    """
    try:
        act()
    except (InvalidInput, StateConflict, PermissionDenied) as error:
        transaction.discard()
        name = error.field if isinstance(error, InvalidInput) else None
        if name is not None and name in form:
            form[name].errors = [*form[name].errors, str(error)]
        else:
            form.form_errors.append(str(error))
        return False
    transaction.commit()
    return True
