"""Who comes first in a draw: rules as data, a tier for each registration, and the words for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FIRST_TIME = "first_time"
ELIGIBILITY = "eligibility"
_FIRST_TIME_WORDS = "はじめて参加する方"
_OTHERS = "そのほかの方"
_EVERYBODY = "すべての方"
_NOBODY = "（区分の指定なし）"


@dataclass(frozen=True)
class Claimant:
    """What the rules ask about a registration; declared by the sender, never proven."""

    first_time: bool = False
    eligibility_id: int | None = None


def tier_of(rules: Sequence[Mapping[str, Any]], claimant: Claimant) -> int:
    """Return the tier: the place (from 0) of the first rule that fits; after the last, the rest.

    A rule that is not known fits nobody.
    """
    for place, rule in enumerate(rules):
        if _fits(rule, claimant):
            return place
    return len(rules)


def with_words(
    rules: Sequence[Mapping[str, Any]], eligibilities: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Return the rules as a draw keeps them: each with the words that its page shows.

    Args:
        rules: of ``Workshop.priority``.
        eligibilities: label by id of the workshop's classes of people.

    """
    return [{**rule, "words": _words(rule, eligibilities)} for rule in rules]


def tier_words(kept: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what each tier is called, the rest last; ``kept`` is what ``with_words`` returned."""
    if not kept:
        return (_EVERYBODY,)
    return (*(str(rule.get("words", "")) for rule in kept), _OTHERS)


def _fits(rule: Mapping[str, Any], claimant: Claimant) -> bool:
    match rule.get("rule"):
        case "first_time":
            return claimant.first_time
        case "eligibility":
            return claimant.eligibility_id in rule.get("ids", ())
        case _:
            return False


def _words(rule: Mapping[str, Any], eligibilities: Mapping[int, str]) -> str:
    if rule.get("rule") == FIRST_TIME:
        return _FIRST_TIME_WORDS
    labels = [eligibilities[one] for one in rule.get("ids", ()) if one in eligibilities]
    return "、".join(labels) or _NOBODY
