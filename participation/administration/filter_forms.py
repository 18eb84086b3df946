"""Filters of the lists: forms that only read, sent by GET."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField

# Newer than the stubs that mypy knows.
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Optional

from participation.audit.labels import THING_LABELS
from participation.jobs.labels import STATE_LABELS as JOB_STATES
from participation.mail.labels import STATE_LABELS as MAIL_STATES
from participation.web.forms import Form, at_most


def choices(labels: Mapping[str, Any]) -> list[SelectChoice]:
    """Return the options of a filter: everything, then each value with its label."""
    return [
        SelectChoice("", _l("すべて")),
        *(SelectChoice(value, _l(label)) for value, label in labels.items()),
    ]


class FilterForm(Form):
    """A filter changes nothing and stands in the address, so it carries no token."""

    class Meta(Form.Meta):
        """No CSRF token in an address."""

        csrf = False


def _day(label: Any) -> DateField:
    return DateField(label, validators=[Optional()])


class AuditFilterForm(FilterForm):
    """Filter of the audit log."""

    actor = StringField(_l("操作した人"), validators=[at_most(200)])
    action = SelectField(
        _l("種類"),
        choices=choices({f"{thing}.": label for thing, label in THING_LABELS.items()}),
        default="",
    )
    subject = StringField(
        _l("対象"), validators=[at_most(80)], description=_l("例：entry:12、staff:3")
    )
    department = SelectField(_l("課"), default="")
    first_day = _day(_l("開始日"))
    last_day = _day(_l("終了日"))


class OutboxFilterForm(FilterForm):
    """Filter of the outbox."""

    state = SelectField(
        _l("状態"),
        choices=choices({state.value: label for state, label in MAIL_STATES.items()}),
        default="",
    )


class JobFilterForm(FilterForm):
    """Filter of the jobs."""

    state = SelectField(
        _l("状態"),
        choices=choices({state.value: label for state, label in JOB_STATES.items()}),
        default="",
    )
