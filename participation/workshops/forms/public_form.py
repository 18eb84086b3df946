"""The public form of a registration: read from the request as it was typed, and carried along.

Written by hand like the campaigns' form and for its reasons: children are added and removed,
everything typed goes along to the confirmation and back, and in a race for seats this is on the
path of every registration.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from werkzeug.datastructures import MultiDict

from participation.core.text import clean_input
from participation.workshops.queries.form_offers import FormOffer

MOST_CHILDREN = 5
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LARGEST_ID = 2**31 - 1
_LONGEST_DIGITS = 10


@dataclass(frozen=True)
class DraftChild:
    """A child as it stands in the form."""

    name: str = field(default="", repr=False)
    year: str = field(default="", repr=False)
    month: str = field(default="", repr=False)
    day: str = field(default="", repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.name or self.year or self.month or self.day)


@dataclass(frozen=True)
class Draft:
    """Everything in the form."""

    key: str = field(repr=False)  # one form, one application
    chosen: Mapping[int, int] = field(default_factory=dict)  # group (day) → pool
    party: str = "1"
    first_time: bool = False
    needs: tuple[str, ...] = field(default=(), repr=False)
    needs_note: str = field(default="", repr=False)
    childcare: tuple[int, ...] = ()  # pools
    children: tuple[DraftChild, ...] = (DraftChild(),)
    eligibility_id: int | None = None
    sender: Mapping[str, str] = field(default_factory=dict, repr=False)
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    code: str = field(default="", repr=False)
    mail_to: str = field(default="", repr=False)
    trap: str = ""  # a field that people don't see
    solution: str = field(default="", repr=False)
    waited: str = field(default="", repr=False)  # marks of submissions.patience
    tried: str = field(default="", repr=False)

    @property
    def digest(self) -> str:
        """A digest of what was typed, to tell whether two tries were of the same words."""
        typed = asdict(self)
        for mark in ("trap", "solution", "waited", "tried"):
            del typed[mark]
        text = json.dumps(typed, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def pool_ids(self) -> tuple[int, ...]:
        """The seats wished for, childcare last."""
        return (*self.chosen.values(), *self.childcare)

    @property
    def sent_children(self) -> tuple[DraftChild, ...]:
        """The children that something was typed of, where childcare is wished for."""
        return tuple(one for one in self.children if not one.is_empty) if self.childcare else ()


def new_key() -> str:
    """Return the key of a new form."""
    return secrets.token_urlsafe(24)


def read_draft(form: MultiDict[str, str], offer: FormOffer) -> Draft:
    """Return what the form holds, cleaned of what no one can see and of nothing else.

    Args:
        form: the request's fields.
        offer: what the workshop asks; nothing else is taken in.

    """
    get = form.get
    key = get("key", "")
    chosen = {
        group.key: pool_id
        for group in offer.groups
        if (pool_id := _whole(get(f"day-{group.key}"))) is not None
    }
    wished = {_whole(value) for value in form.getlist("childcare")}
    return Draft(
        key=key if _KEY.fullmatch(key) else new_key(),
        chosen=chosen,
        party=get("party", "1").strip()[:_LONGEST_DIGITS] if offer.largest_party > 1 else "1",
        first_time=offer.asks_first_time and get("first_time") == "yes",
        needs=tuple(key for key, _label in offer.needs if key in form.getlist("needs")),
        needs_note=_typed(get("needs_note", "")) if offer.needs else "",
        childcare=tuple(pool.id for pool in offer.childcare if pool.id in wished),
        children=_children(form),
        eligibility_id=_whole(get("eligibility")) if offer.eligibilities else None,
        sender={
            one.key: value for one in offer.wanted if (value := _typed(get(f"s-{one.key}", "")))
        },
        extra={one.key: value for one in offer.extra if (value := _typed(get(f"x-{one.key}", "")))},
        code=_typed(get("code", "")),
        mail_to=_typed(get("mail_to", "")) if offer.asks_mail else "",
        trap=get("website", ""),
        solution=get("solution", ""),
        waited=get("waited", ""),
        tried=get("tried", ""),
    )


def _children(form: MultiDict[str, str]) -> tuple[DraftChild, ...]:
    get = form.get
    count = min(max(_whole(get("n")) or 1, 1), MOST_CHILDREN)
    return tuple(
        DraftChild(
            name=_typed(get(f"c{number}-name", "")),
            year=_typed(get(f"c{number}-year", "")),
            month=_typed(get(f"c{number}-month", "")),
            day=_typed(get(f"c{number}-day", "")),
        )
        for number in range(count)
    )


def _typed(text: str) -> str:
    return clean_input(text).strip()


def _whole(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > _LONGEST_DIGITS:
        return None
    number = int(text)
    return number if number <= _LARGEST_ID else None
