"""A city's profile as a JSON file, checked before anything is stored; see docs/profile.md."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from participation.city.lists import check_lists
from participation.city.rules import RULES
from participation.city.wording import KEYS
from participation.core.errors import InvalidInput
from participation.core.text import clean_input

_CODE = re.compile(r"\d{6}", re.ASCII)
_WEIGHTS = (6, 5, 4, 3, 2)
_SECTIONS = frozenset({"city", "departments", "closed_days", "places", "rules", "lists", "wording"})


@dataclass(frozen=True)
class CityPart:
    """Name and ways to reach the city."""

    name: str
    prefecture: str
    code: str
    contact: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PeriodPart:
    """A name that a department had from one day to another, both included."""

    name: str
    division: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class DepartmentPart:
    """A department with its whole history; ``successors`` are codes with their day."""

    code: str
    telephone: str
    fax: str
    email: str
    periods: tuple[PeriodPart, ...]
    successors: tuple[tuple[str, date], ...]


@dataclass(frozen=True)
class PlacePart:
    """A place where documents are shown or meetings held."""

    name: str
    address: str
    hours: str


@dataclass(frozen=True)
class Profile:
    """What a file says; a section that is missing there is None here and stays as it is."""

    city: CityPart
    departments: tuple[DepartmentPart, ...] | None
    closed_days: tuple[tuple[date, str], ...] | None
    places: tuple[PlacePart, ...] | None
    rules: Mapping[str, int] | None
    lists: Mapping[str, Any] | None
    wording: Mapping[str, str] | None


def read_profile(plain: Any) -> Profile:
    """Return the profile in ``plain``, the decoded JSON.

    Raises:
        InvalidInput: the first fault, with its place in the file (departments[3].periods[0]).

    """
    file = _mapping(plain, "")
    unknown = sorted(set(file) - _SECTIONS)
    if unknown:
        raise InvalidInput(
            f"プロファイルに知らない項目があります：{'、'.join(unknown)}。"
            f"使えるのは{'、'.join(sorted(_SECTIONS))}です。"
        )
    if "city" not in file:
        raise InvalidInput("プロファイルに city がありません。自治体名とコードを書いてください。")
    return Profile(
        city=_city(file["city"]),
        departments=_section(file, "departments", _departments),
        closed_days=_section(file, "closed_days", _closed_days),
        places=_section(file, "places", _places),
        rules=_section(file, "rules", _rules),
        lists=_section(file, "lists", _lists),
        wording=_section(file, "wording", _wording),
    )


def check_code(code: str) -> None:
    """Refuse what is no 全国地方公共団体コード: six digits, the last one a check digit.

    The check digit is that of JIS X 0402: weights 6 5 4 3 2 over the first five digits.

    Raises:
        InvalidInput: with what is wrong.

    """
    if not _CODE.fullmatch(code):
        raise InvalidInput(
            "全国地方公共団体コードは、検査数字を含む半角6桁で入力してください。", field="code"
        )
    total = sum(int(digit) * weight for digit, weight in zip(code, _WEIGHTS, strict=False))
    if int(code[5]) != (11 - total % 11) % 10:
        raise InvalidInput(
            "全国地方公共団体コードの検査数字（6桁目）が合いません。番号を確かめてください。",
            field="code",
        )


def check_rule(key: str, value: object) -> int:
    """Return the value of a rule as stored.

    Raises:
        InvalidInput: an unknown rule, or a value out of its bounds.

    """
    rule = RULES.get(key)
    if rule is None:
        raise InvalidInput(f"「{key}」という規則はありません。使えるのは{'、'.join(RULES)}です。")
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput(f"{rule.label}は整数で指定してください。", field=key)
    if not rule.lowest <= value <= rule.highest:
        raise InvalidInput(
            f"{rule.label}は{rule.lowest}から{rule.highest}の間で指定してください。", field=key
        )
    return value


def _section(file: Mapping[str, Any], name: str, read: Any) -> Any:
    return read(file[name]) if name in file else None


def _city(plain: Any) -> CityPart:
    part = _mapping(plain, "city")
    with _at("city.code"):
        check_code(_text(part, "code", "city", needed=True))
    return CityPart(
        name=_text(part, "name", "city", needed=True, most=60),
        prefecture=_text(part, "prefecture", "city", needed=True, most=20),
        code=part["code"],
        contact=tuple(
            (
                _text(_mapping(line, place), "label", place, needed=True, most=60),
                _text(_mapping(line, place), "value", place, needed=True, most=300),
            )
            for place, line in _items(part.get("contact", []), "city.contact")
        ),
    )


def _departments(plain: Any) -> tuple[DepartmentPart, ...]:
    found = tuple(_department(line, place) for place, line in _items(plain, "departments"))
    codes = [part.code for part in found]
    doubled = sorted({code for code in codes if codes.count(code) > 1})
    if doubled:
        raise InvalidInput(f"departments: 課コードが重複しています：{'、'.join(doubled)}")
    for part in found:
        for successor, day in part.successors:
            if successor not in codes:
                raise InvalidInput(
                    f"departments: {part.code} の後継 {successor} がプロファイルにありません。"
                )
            last = part.periods[-1].valid_to
            if last is None or last >= day:
                raise InvalidInput(
                    f"departments: {part.code} は {successor} への引継ぎ（{day}）の前日までに"
                    "終わる必要があります。最後の期間の valid_to を確かめてください。"
                )
    return found


def _department(plain: Any, place: str) -> DepartmentPart:
    part = _mapping(plain, place)
    periods = tuple(
        _period(line, at) for at, line in _items(part.get("periods"), f"{place}.periods")
    )
    if not periods:
        raise InvalidInput(f"{place}.periods: 期間を1つ以上書いてください。")
    for earlier, later in pairwise(periods):
        if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
            raise InvalidInput(
                f"{place}.periods: 期間は古い順に、重ならないように書いてください"
                f"（{later.valid_from} の前）。"
            )
    return DepartmentPart(
        code=_text(part, "code", place, needed=True, most=40),
        telephone=_text(part, "telephone", place, most=60),
        fax=_text(part, "fax", place, most=60),
        email=_text(part, "email", place, most=254),
        periods=periods,
        successors=tuple(
            (
                _text(_mapping(line, at), "code", at, needed=True),
                _day(_mapping(line, at), "effective_on", at),
            )
            for at, line in _items(part.get("successors", []), f"{place}.successors")
        ),
    )


def _period(plain: Any, place: str) -> PeriodPart:
    part = _mapping(plain, place)
    period = PeriodPart(
        name=_text(part, "name", place, needed=True, most=120),
        division=_text(part, "division", place, most=120),
        valid_from=_day(part, "valid_from", place),
        valid_to=_day(part, "valid_to", place) if part.get("valid_to") else None,
    )
    if period.valid_to is not None and period.valid_to < period.valid_from:
        raise InvalidInput(f"{place}: valid_to が valid_from より前です。")
    return period


def _closed_days(plain: Any) -> tuple[tuple[date, str], ...]:
    return tuple(
        (
            _day(_mapping(line, place), "day", place),
            _text(_mapping(line, place), "label", place, needed=True, most=120),
        )
        for place, line in _items(plain, "closed_days")
    )


def _places(plain: Any) -> tuple[PlacePart, ...]:
    return tuple(
        PlacePart(
            name=_text(_mapping(line, place), "name", place, needed=True, most=120),
            address=_text(_mapping(line, place), "address", place, most=200),
            hours=_text(_mapping(line, place), "hours", place),
        )
        for place, line in _items(plain, "places")
    )


def _rules(plain: Any) -> dict[str, int]:
    found = {}
    for key, value in _mapping(plain, "rules").items():
        with _at("rules"):
            found[key] = check_rule(key, value)
    return found


def _lists(plain: Any) -> dict[str, Any]:
    with _at("lists"):
        return check_lists(_mapping(plain, "lists"))


def _wording(plain: Any) -> dict[str, str]:
    part = _mapping(plain, "wording")
    unknown = sorted(set(part) - set(KEYS))
    if unknown:
        raise InvalidInput(
            f"wording に知らない項目があります：{'、'.join(unknown)}。"
            f"使えるのは{'、'.join(KEYS)}です。"
        )
    return {key: _text(part, key, "wording", most=60) for key in part}


@contextmanager
def _at(place: str) -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(f"{place}: {error}") from None


def _mapping(plain: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(plain, dict):
        raise InvalidInput(f"{place or 'プロファイル'}: {{ }} で囲んだ項目の並びにしてください。")
    return plain


def _items(plain: Any, place: str) -> Iterable[tuple[str, Any]]:
    if not isinstance(plain, list):
        raise InvalidInput(f"{place}: [ ] で囲んだ一覧にしてください。")
    return ((f"{place}[{index}]", line) for index, line in enumerate(plain))


def _text(
    part: Mapping[str, Any], key: str, place: str, *, needed: bool = False, most: int = 2000
) -> str:
    value = part.get(key, "")
    if not isinstance(value, str):
        raise InvalidInput(f"{place}.{key}: 文字列にしてください。")
    value = clean_input(value)
    if needed and not value.strip():
        raise InvalidInput(f"{place}.{key}: 空にできません。")
    if len(value) > most:
        raise InvalidInput(f"{place}.{key}: {most}文字以内にしてください。")
    return value


def _day(part: Mapping[str, Any], key: str, place: str) -> date:
    try:
        return date.fromisoformat(str(part.get(key, "")))
    except ValueError:
        raise InvalidInput(f"{place}.{key}: 日付は 2026-04-01 の形で書いてください。") from None
