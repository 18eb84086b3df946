"""Putting a rule's no beside the field that it is about."""

from participation.core.errors import InvalidInput
from participation.web.forms import Form


def put_error(form: Form, error: InvalidInput) -> None:
    """Add the sentence of ``error`` to its field, or to the form when it has none here."""
    field = form._fields.get(error.field or "")
    if field is None:
        form.form_errors.append(str(error))
    else:
        field.errors = [*field.errors, str(error)]
