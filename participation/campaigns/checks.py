"""要綱チェック: what the city's own rules say of a campaign, before it opens and before its result.

The law's rules for the State (行政手続法 chapter 6) bind a city only through its own 要綱, so every
figure is the city's (city/rules.py). A failed check warns; it asks for a reason where the rule is
one that may be broken for a reason; it stops only what would be void.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from participation.campaigns.labels import DEADLINE_LABELS
from participation.campaigns.models import (
    Campaign,
    DeadlineRule,
    Document,
    DocumentKind,
    DocumentVersion,
    Procedure,
)
from participation.campaigns.wording import JAPANESE, RULES_OF_CHANNEL, contradictions
from participation.city.office_days import why_closed
from participation.city.queries import rule
from participation.core import clock, wareki
from participation.core.deadlines import days_inclusive, end_of_day
from participation.submissions.labels import CHANNEL_LABELS

# 行政機関の休日に関する法律1条1項3号; most cities' 条例 say the same.
_YEAR_END, _NEW_YEAR = (12, 29), (1, 3)


class Weight(enum.Enum):
    """What a failed check means."""

    MUST = "must"  # without it the act would be void: it stops
    REASON = "reason"  # goes on with a reason
    ADVICE = "advice"  # a hint


@dataclass(frozen=True)
class Finding:
    """One rule held against a campaign.

    Attributes:
        rule: a short name that tests and pages know it by.
        passed: whether the rule is kept.
        text: what was found, in Japanese.
        advice: what to do about it; empty when passed.
        weight: what it means when it is not.

    """

    rule: str
    passed: bool
    text: str
    advice: str = ""
    weight: Weight = Weight.REASON

    @property
    def stops(self) -> bool:
        """Whether the act must not go on."""
        return not self.passed and self.weight is Weight.MUST

    @property
    def needs_reason(self) -> bool:
        """Whether the act goes on only with a reason."""
        return not self.passed and self.weight is Weight.REASON


def checks_before_opening(session: Session, campaign: Campaign, now: datetime) -> list[Finding]:
    """Return what the rules say of a campaign that is to be announced or opened.

    Before the announcement the prior notice is counted from ``now``, afterwards from its day.
    """
    return [
        *_period(session, campaign, now),
        *_contents(session, campaign),
        *_channels(session, campaign),
        _places(session, campaign),
        _result_planned(session, campaign),
        *_calendar(session, campaign),
    ]


def checks_before_publishing(session: Session, campaign: Campaign, now: datetime) -> list[Finding]:
    """Return what the rules say of a campaign whose result is to be published."""
    today = clock.local_date(now)
    over = campaign.closes_on is not None and now >= end_of_day(campaign.closes_on)
    findings = [
        Finding(
            "over",
            over,
            "募集期間は終わっています。" if over else "募集期間が終わっていません。",
            "" if over else "結果は、募集期間が終わってから公表してください。",
            Weight.MUST,
        )
    ]
    if campaign.closes_on is None:
        return findings
    final = counting_ends(campaign, campaign.closes_on)
    if final > campaign.closes_on:
        day = wareki.format_date(final)
        findings.append(
            Finding(
                "count_final",
                today > final,
                f"消印有効の郵便を待つ期間（{day}まで）は終わっています。"
                if today > final
                else f"消印有効の郵便は{day}まで届くことがあり、件数はまだ確定していません。",
                "" if today > final else f"{day}の翌日以降に公表してください。",
            )
        )
    most = rule(session, "campaign.result_days")
    taken = (today - campaign.closes_on).days
    findings.append(
        Finding(
            "result_days",
            taken <= most,
            f"締切から{taken}日です（規則は{most}日以内）。",
            "" if taken <= most else "遅れた理由を、結果のまえがきなどで説明してください。",
        )
    )
    if campaign.result_due_on is not None:
        kept = today <= campaign.result_due_on
        day = wareki.format_date(campaign.result_due_on)
        findings.append(
            Finding(
                "result_due",
                kept,
                f"結果公表の予定日は{day}です。",
                "" if kept else "予定日を過ぎています。ページの予定日を改めてください。",
                Weight.ADVICE,
            )
        )
    findings += [
        finding
        for finding in _period(session, campaign, now)
        if finding.rule in {"minimum_days", "notice_days"}
    ]
    findings.append(_document(session, campaign, published=True))
    return findings


def stops(findings: Sequence[Finding]) -> list[Finding]:
    """Return those that must be put right first."""
    return [finding for finding in findings if finding.stops]


def needs_reason(findings: Sequence[Finding]) -> list[Finding]:
    """Return those for which a reason must be given."""
    return [finding for finding in findings if finding.needs_reason]


def counting_ends(campaign: Campaign, closes_on: date) -> date:
    """Return the last day on which something sent in time can still arrive (消印有効)."""
    grace = max(
        (
            channel.grace_days
            for channel in campaign.channels
            if channel.rule is DeadlineRule.POSTMARK
        ),
        default=0,
    )
    return closes_on + timedelta(days=grace)


def _period(session: Session, campaign: Campaign, now: datetime) -> list[Finding]:
    first, last = campaign.opens_on, campaign.closes_on
    if first is None or last is None:
        return [
            Finding(
                "period",
                False,
                "期間が決まっていません。",
                "「期間」で最初の日と最後の日を入力してください。",
                Weight.MUST,
            )
        ]
    days = days_inclusive(first, last)
    found = [Finding("period", True, JAPANESE.period(first, last), weight=Weight.MUST)]
    if campaign.procedure is Procedure.COMMENT:
        least = rule(session, "campaign.minimum_days")
        kept = days >= least
        excused = bool(campaign.short_reason.strip())
        found.append(
            Finding(
                "minimum_days",
                kept,
                f"募集期間は{days}日間です（規則は{least}日以上、初日と最終日を含む）。",
                ""
                if kept
                else "短い理由は案とともに公表されます。"
                if excused
                else "期間を延ばすか、「期間」で短い理由を入力してください。理由は公表されます。",
                # The reason has a place of its own and is published (行政手続法40条1項).
                Weight.ADVICE if excused else Weight.MUST,
            )
        )
    notice = rule(session, "campaign.notice_days")
    if notice:
        announced = campaign.announced_on or clock.local_date(now)
        ahead = (first - announced).days
        found.append(
            Finding(
                "notice_days",
                ahead >= notice,
                f"予告から開始まで{max(ahead, 0)}日です（規則は{notice}日以上）。",
                "" if ahead >= notice else "開始日を遅らせるか、理由を記録して進めてください。",
            )
        )
    return found


def _contents(session: Session, campaign: Campaign) -> list[Finding]:
    found = [
        _document(session, campaign, published=False),
        _given(
            "purpose",
            bool(campaign.purpose.strip()),
            "趣旨・目的・背景",
            "「基本」で趣旨を入力してください。",
            Weight.REASON,
        ),
        _given(
            "contact",
            bool(campaign.phone.strip() or campaign.email.strip()),
            "問合せ先の電話番号又は電子メール",
            "「問合せ先」で入力してください。",
            Weight.REASON,
        ),
    ]
    if campaign.channels:
        found.append(
            _given(
                "eligibility",
                bool(campaign.eligibilities),
                "意見を提出できる方",
                "「提出できる方」で入力してください。",
                Weight.REASON,
            )
        )
    return found


def _document(session: Session, campaign: Campaign, *, published: bool) -> Finding:
    wanted = (
        select(DocumentVersion.id)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(Document.campaign_id == campaign.id, Document.kind == DocumentKind.DRAFT)
    )
    if published:
        wanted = wanted.where(DocumentVersion.published_at.is_not(None))
    there = bool(session.scalar(select(exists(wanted))))
    return Finding(
        "document",
        there,
        "案の資料が" + ("登録されています。" if there else "ありません。"),
        "" if there else "「資料」で案を登録してください。案がなければ意見を求められません。",
        Weight.MUST,
    )


def _channels(session: Session, campaign: Campaign) -> list[Finding]:
    number = len(campaign.channels)
    if campaign.procedure is Procedure.INSPECTION and number == 0:
        return [Finding("channels", True, "意見書は受け付けません（縦覧のみ）。")]
    least = rule(session, "campaign.minimum_channels")
    found = [
        Finding(
            "channels",
            number >= least,
            f"提出方法は{number}種類です（規則は{least}種類以上）。",
            "" if number >= least else "「提出方法」で追加してください。",
            Weight.MUST if number == 0 else Weight.REASON,
        )
    ]
    wrong = [
        f"{CHANNEL_LABELS[channel.channel]}に「{DEADLINE_LABELS[channel.rule]}」"
        for channel in campaign.channels
        if channel.rule not in RULES_OF_CHANNEL[channel.channel]
    ]
    texts = {"趣旨・目的・背景": campaign.purpose, "期間の説明": campaign.planned_period}
    typed = contradictions(texts, {channel.rule for channel in campaign.channels})
    for channel in campaign.channels:
        name = CHANNEL_LABELS[channel.channel]
        typed += contradictions({f"{name}の提出先": channel.destination}, {channel.rule})
    wrong += [f"{place}に「{word}」" for place, word in typed]
    return [
        *found,
        Finding(
            "contradiction",
            not wrong,
            "締切の言葉に食い違いはありません。"
            if not wrong
            else f"締切の言葉が食い違っています：{'、'.join(wrong)}",
            ""
            if not wrong
            else "締切の言葉は提出方法の設定から作られます。文章からは消してください。",
            Weight.ADVICE,
        ),
    ]


def _places(session: Session, campaign: Campaign) -> Finding:
    least, number = rule(session, "campaign.minimum_places"), len(campaign.places)
    return Finding(
        "places",
        number >= least,
        f"閲覧場所は{number}か所です（規則は{least}か所以上）。",
        "" if number >= least else "「閲覧場所」で追加してください。",
    )


def _result_planned(session: Session, campaign: Campaign) -> Finding:
    most = rule(session, "campaign.result_days")
    if campaign.procedure is Procedure.INSPECTION and not campaign.channels:
        return Finding("result_due", True, "結果の公表はありません（縦覧のみ）。")
    due, last = campaign.result_due_on, campaign.closes_on
    if due is None or last is None:
        return Finding(
            "result_due",
            False,
            "結果公表の予定日が決まっていません。",
            f"締切から{most}日以内の日を「結果の予定」で入力してください。",
            Weight.ADVICE,
        )
    days = (due - last).days
    return Finding(
        "result_due",
        0 <= days <= most,
        f"結果公表の予定日は締切から{days}日後です（規則は{most}日以内）。",
        "" if 0 <= days <= most else "「結果の予定」で予定日を改めてください。",
    )


def _calendar(session: Session, campaign: Campaign) -> list[Finding]:
    first, last = campaign.opens_on, campaign.closes_on
    if first is None or last is None:
        return []
    spans = any(
        first <= date(year, *_NEW_YEAR) and last >= date(year - 1, *_YEAR_END)
        for year in range(first.year, last.year + 2)
    )
    reason = why_closed(session, last)
    return [
        Finding(
            "year_end",
            not spans,
            "期間は年末年始にかかりません。"
            if not spans
            else "期間が年末年始（12月29日～1月3日）にかかります。",
            "" if not spans else "閲覧や持参のできない日があります。期間を長めにしてください。",
            Weight.ADVICE,
        ),
        Finding(
            "last_day",
            not reason,
            "最終日は開庁日です。" if not reason else f"最終日は閉庁日です（{reason}）。",
            "" if not reason else "持参や電話ができる開庁日を最終日にしてください。",
            Weight.ADVICE,
        ),
    ]


def _given(name: str, there: bool, what: str, advice: str, weight: Weight) -> Finding:
    text = f"{what}が入力されています。" if there else f"{what}が入力されていません。"
    return Finding(name, there, text, "" if there else advice, weight)
