"""An event's old and new values side by side, for the viewer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from participation.audit.labels import FIELD_LABELS, NO_LABEL, VALUE_LABELS, YES_LABEL
from participation.audit.models import AuditEvent


@dataclass(frozen=True)
class Change:
    """One field of an event; an empty text means that there was no value."""

    field: str
    before: str
    after: str


def changes_of(event: AuditEvent, translate: Callable[[str], str] = str) -> list[Change]:
    """Return the fields of ``event`` as people read them, in the order of their stored names.

    Args:
        event: the event.
        translate: turns a label of ours, and nothing that a person typed, into the reader's
            language.

    """
    before, after = event.before or {}, event.after or {}
    kind = event.subject.partition(":")[0]

    def words(name: str, value: Any) -> str:
        known = VALUE_LABELS.get((kind, name), {})
        match value:
            case None:
                return ""
            case bool():
                return translate(YES_LABEL if value else NO_LABEL)
            case str() if value in known:
                return translate(known[value])
            case list():
                return "、".join(words(name, inner) for inner in value)
            case dict():
                return "、".join(f"{label(key)}: {words(key, value[key])}" for key in value)
        return str(value)

    def label(name: str) -> str:
        return translate(FIELD_LABELS[name]) if name in FIELD_LABELS else name

    return [
        Change(label(name), words(name, before.get(name)), words(name, after.get(name)))
        for name in sorted(before.keys() | after.keys())
    ]
