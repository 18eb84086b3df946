"""Acts on the profile itself: name, ways to reach the city, wording and rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from participation import audit
from participation.city import queries
from participation.city.lists import check_lists
from participation.city.models import City
from participation.city.profile import check_code, check_rule
from participation.city.wording import KEYS
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict


def update_city(
    session: Session,
    *,
    name: str,
    prefecture: str,
    code: str,
    contact: Sequence[tuple[str, str]],
    seen: datetime | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Change name, code and the lines of how to reach the city.

    Args:
        session: the session of the act.
        name: 伊勢原市.
        prefecture: 神奈川県.
        code: 全国地方公共団体コード with its check digit.
        contact: labels and values, in the order of the footer.
        seen: ``updated_at`` of what the editor saw; None when there was nothing yet.
        actor: who does it.
        now: when.

    Raises:
        InvalidInput: no name, or a code that is none.
        StateConflict: somebody else changed the profile meanwhile.

    """
    if not name.strip() or not prefecture.strip():
        raise InvalidInput("自治体名と都道府県名を入力してください。", field="name")
    check_code(code)
    before = plain_city(_unchanged_city(session, seen))
    store_city(
        session,
        {
            "name": name,
            "prefecture": prefecture,
            "code": code,
            "contact": [{"label": label, "value": value} for label, value in contact],
            "rules": before.get("rules", {}),
            "wording": before.get("wording", {}),
            "lists": before.get("lists", {}),
        },
        now,
    )
    record_city(session, before, actor=actor, now=now)


def update_wording(
    session: Session,
    words: Mapping[str, str],
    *,
    seen: datetime | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Change the words of the yearly report; an empty word falls back to the neutral one.

    Raises:
        InvalidInput: an unknown key.
        StateConflict: somebody else changed the profile meanwhile, or there is none yet.

    """
    if set(words) - set(KEYS):
        raise InvalidInput("知らない項目があります。画面を開き直してください。")
    _change_part(session, "wording", without_empty(words), seen=seen, actor=actor, now=now)


def update_rules(
    session: Session,
    rules: Mapping[str, int],
    *,
    seen: datetime | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Change the city's rules.

    Raises:
        InvalidInput: an unknown rule, or a value out of its bounds.
        StateConflict: somebody else changed the profile meanwhile, or there is none yet.

    """
    checked = {key: check_rule(key, value) for key, value in rules.items()}
    _change_part(session, "rules", checked, seen=seen, actor=actor, now=now)


def update_lists(
    session: Session,
    lists: Mapping[str, Any],
    *,
    seen: datetime | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Change some of the city's lists (city/lists.py); an empty one falls back to the default.

    Raises:
        InvalidInput: an unknown list, or a line that cannot be.
        StateConflict: somebody else changed the profile meanwhile, or there is none yet.

    """
    city = queries.get_city(session)
    others = {} if city is None else {k: v for k, v in city.lists.items() if k not in lists}
    new = others | check_lists(lists)
    _change_part(session, "lists", new, seen=seen, actor=actor, now=now)


def plain_city(city: City | None) -> dict[str, Any]:
    """Return what the audit log keeps of the profile; empty while there is none."""
    if city is None:
        return {}
    keys = ("name", "prefecture", "code", "contact", "rules", "wording", "lists")
    return {key: getattr(city, key) for key in keys}


def store_city(session: Session, values: dict[str, Any], now: datetime) -> None:
    """Set the one row; its moment moves only when something changes."""
    city = session.get(City, 1)
    if city is None:
        session.add(City(id=1, **values, updated_at=now))
    elif plain_city(city) != values:
        for key, value in values.items():
            setattr(city, key, value)
        city.updated_at = now
    session.flush()


def record_city(session: Session, before: dict[str, Any], *, actor: Actor, now: datetime) -> int:
    """Record what differs from ``before``; return 1 when something does."""
    after = plain_city(queries.get_city(session))
    changed = [key for key in after if before.get(key) != after[key]]
    if not changed:
        return 0
    audit.record(
        session,
        "city.profile.updated" if before else "city.profile.loaded",
        actor=actor,
        now=now,
        subject="city:1",
        before={key: before.get(key) for key in changed} if before else None,
        after={key: after[key] for key in changed},
    )
    return 1


def without_empty(words: Mapping[str, str]) -> dict[str, str]:
    """Return the words that say something: an empty one falls back to the default."""
    return {key: word for key, word in words.items() if word.strip()}


def _unchanged_city(session: Session, seen: datetime | None) -> City | None:
    city = session.get(City, 1, with_for_update=True)
    if (city.updated_at if city else None) != seen:
        raise StateConflict(
            "編集している間に、ほかの人が自治体の設定を変更しました。"
            "入力した内容と最新の内容を見比べて、もう一度保存してください。"
        )
    return city


def _change_part(
    session: Session,
    part: str,
    value: dict[str, Any],
    *,
    seen: datetime | None,
    actor: Actor,
    now: datetime,
) -> None:
    city = _unchanged_city(session, seen)
    if city is None:
        raise StateConflict("先に自治体の名称とコードを登録してください。")
    before = plain_city(city)
    setattr(city, part, value)
    city.updated_at = now
    session.flush()
    record_city(session, before, actor=actor, now=now)
