"""Reading the form of a questionnaire as it was sent, by residents and by staff alike."""

import re
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from participation.workshops.forms.public_form import new_key
from participation.workshops.questions import MOST_CHOICES, MOST_QUESTIONS

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


def typed_answers(form: MultiDict[str, str]) -> Mapping[str, list[str]]:
    """Return everything that was typed or ticked, by the questions' keys."""
    return {
        key: form.getlist(key)[:MOST_CHOICES]
        for number in range(1, MOST_QUESTIONS + 1)
        if (key := f"q{number}") in form
    }


def form_key(form: MultiDict[str, str]) -> str:
    """Return the key of the form, a new one when it is spoilt."""
    key = form.get("key", "")
    return key if _KEY.fullmatch(key) else new_key()
