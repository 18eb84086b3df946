"""The words of a campaign's dates, made from its rules so that they cannot contradict them.

Nobody types 必着 or 消印有効: a channel has one rule, and every page says what follows from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from participation.campaigns.models import DeadlineRule, Procedure
from participation.campaigns.periods import HasDeadline
from participation.core import wareki
from participation.core.deadlines import days_inclusive
from participation.submissions.models import Channel

WHOLE_DAY = "24:00"

# Looked up by the catalogue like the words of labels.py.
WORDS = {
    "period": "%(first)sから%(last)sまで（%(days)s日間）",
    "one_day": "%(first)sの1日間",
    "clock": "%(hour)s時",
    "clock_minutes": "%(hour)s時%(minute)s分",
    "received": "%(day)sの%(time)sまでに受信したもの",
    "office": "%(day)sの、窓口が開いている時間内",
    "office_until": "%(day)sの、窓口が開いている時間内（%(time)sまで）",
    "postmark": "%(day)sまでの消印があるもの（消印有効）",
    "postmark_grace": "%(day)sまでの消印があり、%(last)sまでに届いたもの（消印有効）",
    "arrive": "%(day)sまでに届いたもの（必着）",
    "arrive_until": "%(day)sの%(time)sまでに届いたもの（必着）",
    "before_period": "募集期間が決まり次第お知らせします。",
}
# Which rules make sense for a channel; the first is proposed.
RULES_OF_CHANNEL = {
    Channel.WEB: (DeadlineRule.RECEIVED_BY_TIME,),
    Channel.EMAIL: (DeadlineRule.RECEIVED_BY_TIME,),
    Channel.FAX: (DeadlineRule.RECEIVED_BY_TIME,),
    Channel.POST: (DeadlineRule.POSTMARK, DeadlineRule.MUST_ARRIVE),
    Channel.COUNTER: (DeadlineRule.OFFICE_HOURS, DeadlineRule.RECEIVED_BY_TIME),
}
# What a person must not write into a text about a channel with another rule.
TYPED_RULES = {"必着": DeadlineRule.MUST_ARRIVE, "消印有効": DeadlineRule.POSTMARK}


class Speaks(Protocol):
    """Puts values into a sentence, in the reader's language."""

    def __call__(self, sentence: str, **values: Any) -> str:
        """Return the sentence with its values."""


def in_japanese(sentence: str, **values: Any) -> str:
    """Return the sentence as it stands here."""
    return sentence % values


@dataclass(frozen=True)
class Words:
    """The words of dates for one reader.

    Attributes:
        speak: puts values into a sentence (a view gives ``gettext``).
        day: writes a date (a view gives the filter ``wareki``).

    """

    speak: Speaks = in_japanese
    day: Callable[[date], str] = wareki.format_date

    def period(self, first: date, last: date) -> str:
        """Return 「…から…まで（31日間）」; both ends are counted (行政手続法39条3項)."""
        if first == last:
            return self.speak(WORDS["one_day"], first=self.day(first))
        return self.speak(
            WORDS["period"],
            first=self.day(first),
            last=self.day(last),
            days=days_inclusive(first, last),
        )

    def planned(self, first: date | None, last: date | None, about: str) -> str:
        """Return the period, or what is known of it before it is fixed."""
        if first is not None and last is not None:
            return self.period(first, last)
        return about or self.speak(WORDS["before_period"])

    def deadline(self, channel: HasDeadline, closes_on: date) -> str:
        """Return until when something must come by this channel, from its rule."""
        day, time = self.day(closes_on), self.time(channel.closing_time)
        whole = channel.closing_time == WHOLE_DAY
        match channel.rule:
            case DeadlineRule.RECEIVED_BY_TIME:
                return self.speak(WORDS["received"], day=day, time=time)
            case DeadlineRule.OFFICE_HOURS:
                return self.speak(WORDS["office" if whole else "office_until"], day=day, time=time)
            case DeadlineRule.POSTMARK:
                last = self.day(closes_on + timedelta(days=channel.grace_days))
                words = WORDS["postmark_grace" if channel.grace_days else "postmark"]
                return self.speak(words, day=day, last=last)
            case DeadlineRule.MUST_ARRIVE:
                return self.speak(WORDS["arrive" if whole else "arrive_until"], day=day, time=time)

    def time(self, text: str) -> str:
        """Return ``17:15`` as 17時15分 and ``24:00`` as 24時."""
        hour, minute = map(int, text.split(":"))
        if minute == 0:
            return self.speak(WORDS["clock"], hour=hour)
        return self.speak(WORDS["clock_minutes"], hour=hour, minute=f"{minute:02}")


JAPANESE = Words()

# What the two procedures call the same things.
PROCEDURE_WORDS = {
    Procedure.COMMENT: {
        "period": "募集期間",
        "open": "募集中",
        "opens_mark": "意見募集開始",
        "closes_mark": "意見募集締切",
        "places": "閲覧場所",
        "who": "意見を提出できる方",
        "channels": "提出方法と締切",
        "submit": "意見を提出する",
        "before": "募集はまだ始まっていません。",
        "during": "意見を募集しています。",
        "after": "募集は終了しました。お寄せいただいた意見を整理しています。",
        "reviewing": "お寄せいただいた意見をもとに検討しています。",
        "published": "結果を公表しました。",
        "cancelled": "この意見募集は中止しました。",
    },
    Procedure.INSPECTION: {
        "period": "縦覧期間",
        "open": "縦覧中",
        "opens_mark": "縦覧開始",
        "closes_mark": "縦覧終了",
        "places": "縦覧場所",
        "who": "意見書を提出できる方",
        "channels": "意見書の提出方法と締切",
        "submit": "意見書を提出する",
        "before": "縦覧はまだ始まっていません。",
        "during": "縦覧を行っています。",
        "after": "縦覧は終了しました。",
        "reviewing": "提出された意見書をもとに検討しています。",
        "published": "意見書に対する見解を公表しました。",
        "cancelled": "この縦覧は中止しました。",
    },
}


def contradictions(texts: dict[str, str], rules: set[DeadlineRule]) -> list[tuple[str, str]]:
    """Return where somebody typed a rule that no channel has: (place, word).

    Two real announcements said 必着 in one line and 消印有効 in the next (domain.md 1.6).
    """
    return [
        (place, word)
        for place, text in texts.items()
        for word, rule in TYPED_RULES.items()
        if word in text and rule not in rules
    ]
