"""What a form may ask of its sender, and what each answer is called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# In the order in which a form shows them.
FIELDS: dict[str, str] = {
    "organisation": "団体名",
    "representative": "代表者氏名",
    "name": "氏名",
    "kana": "ふりがな",
    "address": "住所",
    "phone": "電話番号",
    "email": "メールアドレス",
}
LONGEST: dict[str, int] = {
    "organisation": 120,
    "representative": 80,
    "name": 80,
    "kana": 80,
    "address": 200,
    "phone": 30,
    "email": 254,
}
# What a browser may fill in by itself (WCAG 2.2, 1.3.5).
AUTOCOMPLETE: dict[str, str] = {
    "organisation": "organization",
    "representative": "off",
    "name": "name",
    "kana": "off",
    "address": "street-address",
    "phone": "tel",
    "email": "email",
}


@dataclass(frozen=True)
class SenderField:
    """One thing that the form asks for."""

    key: str
    label: str
    required: bool


def default_fields() -> list[dict[str, Any]]:
    """Return what a new form asks for: name and address always, the rest if one likes."""
    return [
        {"key": "name", "required": True},
        {"key": "address", "required": True},
        {"key": "phone", "required": False},
        {"key": "email", "required": False},
        {"key": "organisation", "required": False},
    ]


def sender_fields(stored: Iterable[Mapping[str, Any]]) -> tuple[SenderField, ...]:
    """Return the fields of a form that are known, in the form's order."""
    wanted = {str(entry.get("key")): bool(entry.get("required")) for entry in stored}
    return tuple(
        SenderField(key, label, wanted[key]) for key, label in FIELDS.items() if key in wanted
    )
