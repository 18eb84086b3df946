"""A frozen result in the city's words, as its page, its PDF and its spreadsheets all say it."""

from datetime import date

from participation.campaigns.labels import OUTCOME_LABELS
from participation.campaigns.models import Outcome, Procedure
from participation.campaigns.result_snapshot import Frame
from participation.campaigns.wording import JAPANESE, Words
from participation.core import wareki
from participation.core.charts import DayChart, Share, day_chart, shares
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel

_SENTENCES = {
    Outcome.AMENDED: "いただいた意見を踏まえて案を修正し、決定しました。",
    Outcome.UNCHANGED: "案のとおり決定しました。",
    Outcome.NOT_ADOPTED: "案は決定しないこととしました。",
    Outcome.RENEWED: "案を見直し、改めて意見を募集することとしました。",
}
_AMENDED_UNASKED = "案を修正し、決定しました。"
EXTENDED = "　※当初は%(day)sまで"
NOBODY = "意見の提出はありませんでした。"
# What came but is outside the counts, by its number in the tally, with the unit.
_APART = {
    "late": ("募集期間の後に届いたもの", "通"),
    "rerouted": ("市長への手紙など、ほかの手続に回したもの", "通"),
    "out_of_scope_submissions": ("案の内容と関わりのないもの（対象外）", "通"),
    "out_of_scope_opinions": ("案の内容と関わりのない意見（対象外）", "件"),
    "reference": ("お名前のないもの（参考として受け取りました）", "通"),
}


def title(frame: Frame) -> str:
    """Return the title of the result."""
    if frame.procedure == Procedure.INSPECTION.value:
        return f"{frame.title}の縦覧と意見募集の結果"
    return f"{frame.title}に関するパブリックコメントの結果"


def outcome(frame: Frame) -> str:
    """Return what became of the draft, as a sentence; empty while nothing is chosen."""
    if not frame.outcome:
        return ""
    chosen = Outcome(frame.outcome)
    if chosen is Outcome.AMENDED and not frame.tally.received:
        return _AMENDED_UNASKED
    return _SENTENCES[chosen]


def outcome_label(frame: Frame) -> str:
    """Return what became of the draft, in a few words."""
    return OUTCOME_LABELS[Outcome(frame.outcome)] if frame.outcome else ""


def period(frame: Frame, words: Words = JAPANESE) -> str:
    """Return the period with both of its ends and its length, and how it was extended."""
    if not frame.opens_on or not frame.closes_on:
        return ""
    first, last = date.fromisoformat(frame.opens_on), date.fromisoformat(frame.closes_on)
    said = words.period(first, last)
    if frame.extended_from:
        before = words.day(date.fromisoformat(frame.extended_from))
        said += words.speak(EXTENDED, day=before)
    return said


def day(iso: str) -> str:
    """Return an ISO date in Japanese, empty for none."""
    return wareki.format_date(date.fromisoformat(iso)) if iso else ""


def apart(frame: Frame) -> list[tuple[str, int, str]]:
    """Return what came but is outside the counts: (what, how many, unit), only what there is."""
    found = [(label, getattr(frame.tally, name), unit) for name, (label, unit) in _APART.items()]
    return [(label, number, unit) for label, number, unit in found if number]


def channel_shares(frame: Frame) -> tuple[Share, ...]:
    """Return the submissions by channel."""
    return shares(
        [(CHANNEL_LABELS[Channel(each.channel)], each.submissions) for each in frame.channels]
    )


def category_shares(frame: Frame) -> tuple[Share, ...]:
    """Return the opinions by 対応区分; those out of scope are counted apart and not here."""
    return shares(
        [
            (f"{each.code}　{each.label}", each.opinions)
            for each in frame.categories
            if not each.out_of_scope
        ]
    )


def days(frame: Frame) -> DayChart | None:
    """Return the submissions by day and channel; None where nothing came."""
    if not frame.channels or not frame.opens_on or not frame.closes_on:
        return None
    return day_chart(
        [
            (
                CHANNEL_LABELS[Channel(each.channel)],
                [(date.fromisoformat(iso), number) for iso, number in each.days],
            )
            for each in frame.channels
        ],
        date.fromisoformat(frame.opens_on),
        date.fromisoformat(frame.closes_on),
    )
