"""Values of a kind's own fields: checked the same on the event's page and on the form."""

from collections.abc import Mapping, Sequence
from datetime import date

from participation.city.workshop_kinds import Field
from participation.core.errors import InvalidInput
from participation.core.text import clean_input

LONGEST = {"text": 300, "longtext": 5_000, "number": 12, "date": 10, "url": 500, "choice": 100}
PREFIX = "extra."


def check_extra(fields: Sequence[Field], values: Mapping[str, str]) -> dict[str, str]:
    """Return the values by the keys of their fields, trimmed; what is empty stays empty.

    Args:
        fields: those of the kind that are asked for in this place.
        values: what was typed, by the keys of the fields.

    Raises:
        InvalidInput: a value is missing or does not fit; ``field`` is ``extra.`` and the key.

    """
    return {field.key: _checked(field, values.get(field.key, "")) for field in fields}


def _checked(field: Field, typed: str) -> str:
    value, name = clean_input(typed).strip(), PREFIX + field.key
    if not value:
        if field.required:
            raise InvalidInput(f"「{field.label}」を入力してください。", field=name)
        return ""
    if len(value) > LONGEST[field.type]:
        raise InvalidInput(
            f"「{field.label}」は{LONGEST[field.type]}文字以内にしてください。", field=name
        )
    if field.type == "choice" and value not in field.choices:
        raise InvalidInput(f"「{field.label}」を選び直してください。", field=name)
    if field.type == "number" and not (value.isascii() and value.isdigit()):
        raise InvalidInput(f"「{field.label}」は半角の数字で入力してください。", field=name)
    if field.type == "url" and not value.startswith(("https://", "http://")):
        raise InvalidInput(
            f"「{field.label}」は https:// で始まるアドレスにしてください。", field=name
        )
    if field.type == "date":
        _check_date(field, value, name)
    return value


def _check_date(field: Field, value: str, name: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise InvalidInput(
            f"「{field.label}」は 2026-12-01 の形で入力してください。", field=name
        ) from None
