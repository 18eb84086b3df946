"""The rules that a city sets for itself, with the defaults that the law gives."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One number that the city decides."""

    key: str
    label: str
    default: int
    lowest: int
    highest: int
    explanation: str


RULES = {
    rule.key: rule
    for rule in (
        Rule(
            "campaign.minimum_days",
            "意見募集期間の最短日数",
            default=30,
            lowest=1,
            highest=180,
            explanation="パブリックコメントの募集期間。既定の30日は行政手続法第39条第3項にならいます。",
        ),
    )
}
