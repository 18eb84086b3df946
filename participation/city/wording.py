"""The words of the yearly report that differ from city to city, with neutral defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class ReportWording:
    """Heads of the report's first four columns and what its year columns are called.

    The year columns are headed by the fiscal year and one of the last two:
    令和5年度の取り組み実績.
    """

    item: str = "取り組み"
    guideline_text: str = "指針の内容"
    category: str = "区分"
    policy: str = "対応方針"
    result: str = "取り組み実績"
    plan: str = "取り組み予定"

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Return the defaults with what the profile says instead."""
        return cls(**{key: str(stored[key]) for key in KEYS if stored.get(key)})


KEYS = tuple(field.name for field in fields(ReportWording))

LABELS = {
    "item": "1列目の見出し（取り組みの名称）",
    "guideline_text": "2列目の見出し（指針の文章）",
    "category": "3列目の見出し（区分）",
    "policy": "4列目の見出し（対応方針）",
    "result": "実績の列の見出し（年度の後に続く言葉）",
    "plan": "予定の列の見出し（年度の後に続く言葉）",
}
