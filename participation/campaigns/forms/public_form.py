"""The public form: read from the request as it was typed, checked, and carried along.

Written by hand and not with WTForms: the number of opinions grows and shrinks, everything typed
goes along through "add", "remove", "save", "confirm" and back, and in a flood this is on the path
of every submission.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from participation.core.errors import InvalidInput
from participation.core.text import clean_input
from participation.mail.services import check_address
from participation.submissions.sender_fields import LONGEST, SenderField
from participation.web.templating import translated

MOST_OPINIONS = 100
LONGEST_TEXT = 20_000
LONGEST_PLACE = 500
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class DraftOpinion:
    """One opinion as it stands in the form."""

    place: str = ""
    text: str = ""
    reason: str = ""
    passage_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed here; a passage that was only pointed to says nothing."""
        return not (self.text.strip() or self.reason.strip())


@dataclass(frozen=True)
class Draft:
    """Everything in the form but its files."""

    key: str = field(repr=False)  # one form, one submission
    opinions: tuple[DraftOpinion, ...] = (DraftOpinion(),)
    eligibility_id: int | None = None
    sender: Mapping[str, str] = field(default_factory=dict, repr=False)
    anonymous: bool = False
    mail_to: str = field(default="", repr=False)
    saved: str = field(default="", repr=False)  # token of what is put aside for this form
    trap: str = ""  # a field that people don't see
    solution: str = field(default="", repr=False)
    waited: str = field(default="", repr=False)  # marks of submissions.patience
    tried: str = field(default="", repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return what is put aside, for an encrypted column."""
        return {
            "key": self.key,
            "opinions": [
                {
                    "place": one.place,
                    "text": one.text,
                    "reason": one.reason,
                    "passage_id": one.passage_id,
                }
                for one in self.opinions
            ],
            "eligibility_id": self.eligibility_id,
            "sender": dict(self.sender),
            "anonymous": self.anonymous,
            "mail_to": self.mail_to,
        }

    @property
    def digest(self) -> str:
        """A digest of what was typed, to tell whether two tries were of the same words."""
        text = json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def from_json(cls, stored: dict[str, Any], *, saved: str) -> Self:
        """Return what ``to_json`` wrote."""
        return cls(
            key=stored["key"],
            opinions=tuple(DraftOpinion(**one) for one in stored["opinions"]),
            eligibility_id=stored["eligibility_id"],
            sender=stored["sender"],
            anonymous=stored["anonymous"],
            mail_to=stored["mail_to"],
            saved=saved,
        )


def new_key() -> str:
    """Return the key of a new form."""
    return secrets.token_urlsafe(24)


def read_draft(form: MultiDict[str, str], wanted: Sequence[SenderField]) -> Draft:
    """Return what the form holds, cleaned of what no one can see and of nothing else.

    Args:
        form: the request's fields.
        wanted: what the campaign asks of the sender; nothing else is taken in.

    """
    get = form.get
    opinions = []
    for number in range(min(_whole(get("n")) or 1, MOST_OPINIONS)):
        prefix = f"o{number}-"
        opinions.append(
            DraftOpinion(
                place=clean_input(get(prefix + "place", "")),
                text=clean_input(get(prefix + "text", "")),
                reason=clean_input(get(prefix + "reason", "")),
                passage_id=_whole(get(prefix + "passage")),
            )
        )
    key = get("key", "")
    return Draft(
        key=key if _KEY.fullmatch(key) else new_key(),
        opinions=tuple(opinions) or (DraftOpinion(),),
        eligibility_id=_whole(get("eligibility")),
        sender={
            one.key: value
            for one in wanted
            if (value := clean_input(get(f"s-{one.key}", "")).strip())
        },
        anonymous=get("anonymous") == "yes",
        mail_to=clean_input(get("mail_to", "")).strip(),
        saved=get("saved", ""),
        trap=get("website", ""),
        solution=get("solution", ""),
        waited=get("waited", ""),
        tried=get("tried", ""),
    )


def check_draft(
    draft: Draft, wanted: Sequence[SenderField], eligibility_ids: Sequence[int]
) -> dict[str, str]:
    """Return what is wrong with the form: control's id to a sentence; empty when all is well."""
    errors: dict[str, str] = {}
    _check_opinions(draft, errors)
    if eligibility_ids and draft.eligibility_id not in eligibility_ids:
        errors["eligibility"] = _("あてはまるものを1つ選んでください。")
    _check_sender(draft, wanted, errors)
    if draft.mail_to:
        _check(errors, "mail_to", draft.mail_to)
    return errors


def sent_opinions(draft: Draft) -> tuple[DraftOpinion, ...]:
    """Return the opinions in which something was written."""
    return tuple(one for one in draft.opinions if not one.is_empty)


def sent_sender(draft: Draft) -> dict[str, str]:
    """Return what goes into the sender's row: nothing when the person chose to stay unnamed."""
    return {} if draft.anonymous else dict(draft.sender)


def _check_opinions(draft: Draft, errors: dict[str, str]) -> None:
    if not sent_opinions(draft):
        errors["o0-text"] = _("意見を入力してください。")
    for number, one in enumerate(draft.opinions):
        if one.reason.strip() and not one.text.strip():
            errors[f"o{number}-text"] = _(
                "意見を入力してください。理由だけでは受け付けられません。"
            )
        for name, value, longest in (
            ("place", one.place, LONGEST_PLACE),
            ("text", one.text, LONGEST_TEXT),
            ("reason", one.reason, LONGEST_TEXT),
        ):
            if len(value) > longest:
                errors[f"o{number}-{name}"] = _(
                    "%(longest)s文字以内にしてください（いま%(length)s文字です）。意見を分けることもできます。",
                    longest=longest,
                    length=len(value),
                )


def _check_sender(draft: Draft, wanted: Sequence[SenderField], errors: dict[str, str]) -> None:
    for one in wanted:
        value = draft.sender.get(one.key, "")
        if draft.anonymous:
            continue
        if one.required and not value:
            errors[f"s-{one.key}"] = _("%(field)sを入力してください。", field=translated(one.label))
        elif len(value) > LONGEST[one.key]:
            errors[f"s-{one.key}"] = _(
                "%(field)sは%(longest)s文字以内で入力してください。",
                field=translated(one.label),
                longest=LONGEST[one.key],
            )
        elif value and one.key == "email":
            _check(errors, "s-email", value)


def _check(errors: dict[str, str], name: str, address: str) -> None:
    try:
        check_address(address)
    except InvalidInput as error:
        errors[name] = str(error)


def _whole(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 10:  # noqa: PLR2004
        return None
    number = int(text)
    return number if number <= _LARGEST_ID else None
