"""The words of deadlines come from the rules, so that 必着 and 消印有効 cannot contradict."""

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.campaigns.models import DeadlineRule
from participation.campaigns.wording import (
    JAPANESE,
    PROCEDURE_WORDS,
    RULES_OF_CHANNEL,
    contradictions,
)
from participation.submissions.models import Channel

LAST = date(2023, 1, 20)


@dataclass
class Terms:
    rule: DeadlineRule
    closing_time: str = "24:00"
    grace_days: int = 0


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (
            Terms(DeadlineRule.RECEIVED_BY_TIME),
            "令和5年1月20日（金）の24時までに受信したもの",
        ),
        (
            Terms(DeadlineRule.RECEIVED_BY_TIME, "17:15"),
            "令和5年1月20日（金）の17時15分までに受信したもの",
        ),
        (Terms(DeadlineRule.OFFICE_HOURS), "令和5年1月20日（金）の、窓口が開いている時間内"),
        (
            Terms(DeadlineRule.OFFICE_HOURS, "17:00"),
            "令和5年1月20日（金）の、窓口が開いている時間内（17時まで）",
        ),
        (Terms(DeadlineRule.POSTMARK), "令和5年1月20日（金）までの消印があるもの（消印有効）"),
        (
            Terms(DeadlineRule.POSTMARK, grace_days=7),
            "令和5年1月20日（金）までの消印があり、令和5年1月27日（金）までに届いたもの（消印有効）",
        ),
        (Terms(DeadlineRule.MUST_ARRIVE), "令和5年1月20日（金）までに届いたもの（必着）"),
        (
            Terms(DeadlineRule.MUST_ARRIVE, "12:05"),
            "令和5年1月20日（金）の12時05分までに届いたもの（必着）",
        ),
    ],
)
def test_each_rule_has_its_words(terms: Terms, said: str) -> None:
    assert JAPANESE.deadline(terms, LAST) == said


@given(
    rule=st.sampled_from(DeadlineRule),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    grace=st.integers(0, 60),
)
def test_no_channel_says_both(rule: DeadlineRule, hour: int, minute: int, grace: int) -> None:
    words = JAPANESE.deadline(Terms(rule, f"{hour:02}:{minute:02}", grace), LAST)
    assert ("必着" in words) == (rule is DeadlineRule.MUST_ARRIVE)
    assert ("消印有効" in words) == (rule is DeadlineRule.POSTMARK)


def test_both_ends_of_the_period_count() -> None:
    # 伊勢原市's real period of 2022: 31 days.
    said = JAPANESE.period(date(2022, 12, 21), LAST)
    assert said == "令和4年12月21日（水）から令和5年1月20日（金）まで（31日間）"
    assert JAPANESE.period(LAST, LAST) == "令和5年1月20日（金）の1日間"
    assert JAPANESE.planned(None, None, "12月ごろ") == "12月ごろ"
    assert "お知らせします" in JAPANESE.planned(None, None, "")


def test_a_typed_rule_that_no_channel_has_is_found() -> None:
    texts = {"趣旨": "1月20日必着でお送りください。", "窓口": "消印有効です。"}
    found = contradictions(texts, {DeadlineRule.POSTMARK})
    assert found == [("趣旨", "必着")]


def test_every_channel_and_procedure_has_its_words() -> None:
    assert set(RULES_OF_CHANNEL) == set(Channel)
    first, *others = (set(words) for words in PROCEDURE_WORDS.values())
    assert all(other == first for other in others)
