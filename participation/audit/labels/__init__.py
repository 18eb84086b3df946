"""The audit log in Japanese: what was done, to what, and which values changed."""

from participation.audit.labels.fields import FIELD_LABELS
from participation.audit.labels.things import SUBJECT_LABELS, THING_LABELS
from participation.audit.labels.values import NO_LABEL, VALUE_LABELS, YES_LABEL
from participation.audit.labels.verbs import VERB_LABELS

__all__ = [
    "FIELD_LABELS",
    "NO_LABEL",
    "SUBJECT_LABELS",
    "THING_LABELS",
    "VALUE_LABELS",
    "VERB_LABELS",
    "YES_LABEL",
    "action_words",
    "subject_words",
]


def action_words(action: str) -> tuple[str, ...]:
    """Return what was done as words to translate: the thing and the act, or the bare tag."""
    thing, _, verb = action.rpartition(".")
    if thing in THING_LABELS and verb in VERB_LABELS:
        return THING_LABELS[thing], VERB_LABELS[verb]
    return (action,)


def subject_words(subject: str) -> tuple[str, ...]:
    """Return ``entry:12`` as 「記載」 and 「12」."""
    kind, colon, number = subject.partition(":")
    return (SUBJECT_LABELS[kind], number) if colon and kind in SUBJECT_LABELS else (subject,)
