"""The kinds of events, as the coordinator changes them: with fields of their own, without code."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from participation.city import queries as city
from participation.city.services import update_lists
from participation.city.workshop_kinds import KEY, Kind, check_kind, plain_kind
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.workshops.queries.workshop_lists import uses_kind


def save_kind(
    session: Session,
    kind: Kind,
    *,
    seen: datetime | None,
    actor: Actor,
    now: datetime,
) -> Kind:
    """Add a kind (with an empty key), or change the one of its key.

    New kinds and new fields (with an empty key) get a key of their own; it never changes later,
    since events and what people follow remember it.

    Raises:
        InvalidInput: a name is missing, too long or doubled, or a choice has nothing to choose.
        NotFound: there is no kind of this key.
        StateConflict: somebody else changed the city's profile meanwhile, or there is none yet.

    """
    listed = city.kinds(session)
    is_new = not kind.key
    if is_new:
        kind = replace(kind, key=_new_key("kind"))
    elif kind.key not in {one.key for one in listed}:
        raise NotFound("お探しの種類は見つかりませんでした。")
    fields = tuple(one if one.key else replace(one, key=_new_key("field")) for one in kind.fields)
    kind = check_kind(replace(kind, fields=fields), field="fields")
    if any(one.label == kind.label and one.key != kind.key for one in listed):
        raise InvalidInput("同じ名称の種類がすでにあります。", field="label")
    new = (
        (*listed, kind) if is_new else tuple(kind if one.key == kind.key else one for one in listed)
    )
    if not any(one.active for one in new):
        raise InvalidInput("使う種類を1つ以上残してください。", field="active")
    _store(session, new, seen=seen, actor=actor, now=now)
    return kind


def remove_kind(
    session: Session, key: str, *, seen: datetime | None, actor: Actor, now: datetime
) -> None:
    """Take away a kind that no event has.

    Raises:
        NotFound: there is no kind of this key.
        StateConflict: an event has it, it is the last one that is in use, or somebody else changed
            the city's profile meanwhile.

    """
    listed = city.kinds(session)
    if key not in {one.key for one in listed}:
        raise NotFound("お探しの種類は見つかりませんでした。")
    if uses_kind(session, key):
        raise StateConflict(
            "この種類の催しがあるため、消せません。新しい催しで選べないようにするには、"
            "「使う」を外してください。"
        )
    left = tuple(one for one in listed if one.key != key)
    if not any(one.active for one in left):
        raise StateConflict("使う種類を1つ以上残してください。")
    _store(session, left, seen=seen, actor=actor, now=now)


def _store(
    session: Session,
    kinds: Sequence[Kind],
    *,
    seen: datetime | None,
    actor: Actor,
    now: datetime,
) -> None:
    lists = {KEY: [plain_kind(kind) for kind in kinds]}
    update_lists(session, lists, seen=seen, actor=actor, now=now)


def _new_key(stem: str) -> str:
    """Return a key that was never used, so that what an earlier field held is not taken for its."""
    return f"{stem}_{secrets.token_hex(4)}"
