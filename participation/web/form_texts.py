"""What stands in a form, as words: for the page that shows two versions side by side."""

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _

from participation.web.forms import Form

# Of fields that are no content of the thing itself: what is told beside, what is added.
_BESIDE = frozenset({"notice", "add"})


def differences(mine: Form, stored: Form) -> list[tuple[str, str, str]]:
    """Return (label, what was typed, what is stored) for each field where the two differ."""
    typed, other = shown(mine), shown(stored)
    return [
        (
            (typed.get(key) or other[key])[0],
            typed.get(key, ("", ""))[1],
            other.get(key, ("", ""))[1],
        )
        for key in [*typed, *(key for key in other if key not in typed)]
        if typed.get(key, ("", ""))[1] != other.get(key, ("", ""))[1]
    ]


def shown(form: Form) -> dict[str, tuple[str, str]]:
    """Return what stands in a form: field id → (label, text)."""
    return dict(_lines(form, ""))


def _lines(form: Any, before: str) -> list[tuple[str, tuple[str, str]]]:
    found: list[tuple[str, tuple[str, str]]] = []
    for field in form:
        if field.type in {"HiddenField", "CSRFTokenField"} or field.short_name in _BESIDE:
            continue
        label = f"{before}{field.label.text}"
        if hasattr(field, "entries"):
            for entry in field.entries:
                found += _lines(entry.form, f"{entry.label.text}：")
        elif hasattr(field, "form"):
            found += _lines(field.form, f"{label}：")
        else:
            found.append((field.id, (label, _text(field))))
    return found


def _text(field: Any) -> str:
    data = field.data
    if isinstance(data, bool):
        return str(_("はい") if data else _("いいえ"))
    choices = {choice.value: str(choice.label) for choice in getattr(field, "choices", None) or ()}
    values: Collection[Any] = data if isinstance(data, list) else [data]
    return "、".join(choices.get(one, "" if one is None else str(one)) for one in values)
