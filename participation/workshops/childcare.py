"""託児: who may be looked after, by age in whole months on the day and by the school year."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

_MONTHS = 12
_SCHOOL_AGE = 6
_SCHOOL_MONTH = 4

# Looked up by the catalogue like the words of labels.py.
AGE_WORDS = {
    "from": "%(age)sから",
    "until": "%(age)sまで",
    "school": "就学前まで",
    "and": "、",
    "any": "年齢の制限なし",
    "months": "生後%(months)sか月",
    "years": "%(years)s歳",
    "years_months": "%(years)s歳%(months)sか月",
}


class AgeLimits(Protocol):
    """Whom a pool is for: ages in whole months, both ends counted; 就学前."""

    @property
    def youngest_months(self) -> int | None:
        """From this age on; None: from the birth."""

    @property
    def oldest_months(self) -> int | None:
        """Up to this age; None: no limit."""

    @property
    def until_school(self) -> bool:
        """Only who has not entered school."""


@dataclass(frozen=True)
class Child:
    """A child as the form has it."""

    name: str = field(repr=False)
    born: date = field(repr=False)


def months_on(born: date, day: date) -> int:
    """Return the age in whole months on ``day``; negative before the birth.

    A month is full on the day of the same number. A month without that day is full on its last
    day, so that who was born on the 31st, or on 29 February, is never a day too young.
    """
    months = (day.year - born.year) * _MONTHS + day.month - born.month
    is_last = (date.fromordinal(day.toordinal() + 1)).day == 1 if day < date.max else True
    return months if day.day >= born.day or is_last else months - 1


def school_entry(born: date) -> date:
    """Return the 1 April on which somebody born on ``born`` enters school.

    学校教育法17条1項: from the beginning of the first school year after the day on which a child
    becomes six. By 年齢計算ニ関スル法律 that is the day before the birthday, so that who was born
    on 1 April belongs to those born before.
    """
    turns = born.year + _SCHOOL_AGE
    is_early = (born.month, born.day) <= (_SCHOOL_MONTH, 1)
    return date(turns if is_early else turns + 1, _SCHOOL_MONTH, 1)


def is_looked_after(pool: AgeLimits, born: date, day: date) -> bool:
    """Whether a child born on ``born`` may be looked after on ``day`` by the rules of ``pool``."""
    months = months_on(born, day)
    return (
        months >= max(pool.youngest_months or 0, 0)
        and born <= day
        and (pool.oldest_months is None or months <= pool.oldest_months)
        and not (pool.until_school and day >= school_entry(born))
    )


def in_japanese(sentence: str, **values: Any) -> str:
    """Return the sentence as it stands here."""
    return sentence % values


def age_words(pool: AgeLimits, speak: Callable[..., str] = in_japanese) -> str:
    """Return whom a pool is for: 生後7か月から就学前まで.

    Args:
        pool: the ages.
        speak: puts values into a sentence, in the reader's language (a view gives ``gettext``).

    """
    since, ends = "", []
    if pool.youngest_months:
        since = speak(AGE_WORDS["from"], age=months_words(pool.youngest_months, speak))
    if pool.oldest_months is not None:
        ends.append(speak(AGE_WORDS["until"], age=months_words(pool.oldest_months, speak)))
    if pool.until_school:
        ends.append(speak(AGE_WORDS["school"]))
    return since + speak(AGE_WORDS["and"]).join(ends) or speak(AGE_WORDS["any"])


def months_words(months: int, speak: Callable[..., str] = in_japanese) -> str:
    """Return an age in whole months as people say it: 生後7か月, 3歳2か月."""
    years, rest = divmod(months, _MONTHS)
    if years == 0:
        return speak(AGE_WORDS["months"], months=months)
    return speak(AGE_WORDS["years_months" if rest else "years"], years=years, months=rest)


def children_json(children: Sequence[Child]) -> str:
    """Return children as a sender's "children" holds them; empty without any."""
    if not children:
        return ""
    rows = [{"name": one.name, "born": one.born.isoformat()} for one in children]
    return json.dumps(rows, ensure_ascii=False)


def children_of(sender: Mapping[str, str]) -> tuple[Child, ...]:
    """Return the children in a sender's contents.

    Raises:
        ValueError: the text is no list of children.

    """
    text = sender.get("children", "")
    if not text:
        return ()
    try:
        return tuple(
            Child(str(row["name"]), date.fromisoformat(row["born"])) for row in json.loads(text)
        )
    except (KeyError, TypeError) as error:
        raise ValueError("no list of children") from error
