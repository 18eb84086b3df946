"""What people decide about a campaign: to announce it, fix or extend its period, review, cancel.

Nothing is dated back: an announcement is of today, and a period that has begun cannot be announced.
What the clock does stands in ``clockwork``, the table of states in ``state_machine``.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from participation.audit.life import check
from participation.campaigns import checks
from participation.campaigns.models import Campaign, CampaignNotice, NoticeKind, Outcome
from participation.campaigns.models import CampaignState as S
from participation.campaigns.services.notices import add_notice
from participation.campaigns.services.state_machine import (
    ANNOUNCE,
    CANCEL,
    PUBLISH,
    REVIEW,
    hold,
    move,
    period_of,
    record,
)
from participation.campaigns.services.telling import extended_words, period_words, tell_news
from participation.core import clock, fiscal_year, wareki
from participation.core.actors import Actor
from participation.core.deadlines import end_of_day
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input
from participation.news.models import NewsEvent

MAX_REASON = 2_000
# States in which the period can still be moved to a later end.
EXTENDABLE = frozenset({S.PLANNED, S.OPEN})


def announce(
    session: Session,
    campaign: Campaign,
    *,
    reason: str = "",
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Announce a campaign (予告): residents see it from now on, and the clock opens it.

    With a period that is fixed, everything must be there that opening needs. Without one (「12月
    ごろ」) the period is fixed later by ``fix_period``.

    Args:
        session: the session of the act.
        campaign: one that is being prepared.
        reason: why it goes on although a rule of the city is not kept; needed only then.
        version: the version that was looked at, if a person decides.
        actor: who decides it.
        now: when; the day of the announcement.

    Raises:
        StateConflict: it is announced already, or was edited since it was looked at.
        InvalidInput: something is missing without which it would be void, the period lies in the
            past, or a reason is missing.

    """
    hold(session, campaign)
    check(ANNOUNCE, campaign)
    if version is not None and version != campaign.version:
        raise StateConflict(
            "確かめている間に内容が変更されました。今の内容を確かめて、もう一度決定してください。"
        )
    today = clock.local_date(now)
    if campaign.opens_on is None and campaign.closes_on is None:
        if not campaign.planned_period.strip():
            raise InvalidInput(
                "募集期間が決まっていません。「期間」で、期間か予定の時期を入力してください。"
            )
        broken: list[checks.Finding] = []
    else:
        broken = _hold_against_rules(session, campaign, reason, today, now)
    campaign.announced_on = today
    move(
        session,
        campaign,
        ANNOUNCE,
        actor=actor,
        now=now,
        reason=reason,
        more=period_of(campaign) | _broken(broken),
    )
    tell_news(session, campaign, NewsEvent.ANNOUNCED, period_words(campaign), now=now)


def fix_period(
    session: Session,
    campaign: Campaign,
    *,
    opens_on: date,
    closes_on: date,
    short_reason: str = "",
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Fix the period of an announced campaign, or change it before it begins.

    A period that residents have seen is never changed silently: the change is a public notice.

    Raises:
        StateConflict: it is not announced, or has begun.
        InvalidInput: as for ``announce``.

    """
    hold(session, campaign)
    today = clock.local_date(now)
    begun = campaign.opens_on is not None and campaign.opens_on <= today
    if campaign.state is not S.PLANNED or begun:
        raise StateConflict(
            "期間を決められるのは、予告してから募集が始まるまでの間です。"
            "始まった後は「期間の延長」を使ってください。"
        )
    check_period(opens_on, closes_on)
    before = period_of(campaign)
    campaign.opens_on, campaign.closes_on = opens_on, closes_on
    campaign.fiscal_year = fiscal_year.fiscal_year_of(opens_on)
    campaign.short_reason = _checked_reason(short_reason, needed=False, field="short_reason")
    broken = _hold_against_rules(session, campaign, reason, today, now)
    if before["opens_on"] is not None and before != period_of(campaign):
        add_notice(
            session,
            campaign,
            NoticeKind.OTHER,
            "募集期間を変更しました。"
            f"変更前：{wareki.format_date(before['opens_on'])}から"
            f"{wareki.format_date(before['closes_on'] or before['opens_on'])}まで",
            now=now,
        )
    record(
        session,
        campaign,
        "period_fixed",
        actor=actor,
        now=now,
        reason=reason,
        before=before,
        after=period_of(campaign) | _broken(broken),
    )
    if before != period_of(campaign):
        tell_news(session, campaign, NewsEvent.CHANGED, period_words(campaign), now=now)


def extend(
    session: Session,
    campaign: Campaign,
    *,
    closes_on: date,
    reason: str,
    actor: Actor,
    now: datetime,
) -> CampaignNotice:
    """Extend the period: a dated public notice, to a later day only, before the period has ended.

    Viewing places that were to close with the period stay open with it.

    Args:
        session: the session of the act.
        campaign: one that is announced or open.
        closes_on: the new last day.
        reason: why; it is published.
        actor: who decides it.
        now: when.

    Raises:
        StateConflict: the period has ended, or was never fixed.
        InvalidInput: the day is not later than before, or the reason is missing.

    """
    hold(session, campaign)
    old = campaign.closes_on
    if campaign.state not in EXTENDABLE or old is None or now >= end_of_day(old):
        raise StateConflict(
            "延長できるのは、期間が決まってから終わるまでの間です。"
            "終わった後は、新しい意見募集を作ってください。"
        )
    if closes_on <= old:
        raise InvalidInput(
            f"新しい最終日は、今の最終日（{wareki.format_date(old)}）より後にしてください。",
            field="closes_on",
        )
    _check_length(campaign.opens_on or old, closes_on)
    reason = _checked_reason(reason, needed=True, field="reason")
    campaign.closes_on = closes_on
    for place in campaign.places:
        if place.closes_on == old:
            place.closes_on = closes_on
    notice = add_notice(
        session,
        campaign,
        NoticeKind.EXTENDED,
        reason,
        old_closes_on=old,
        new_closes_on=closes_on,
        now=now,
    )
    record(
        session,
        campaign,
        "extended",
        actor=actor,
        now=now,
        reason=reason,
        before={"closes_on": old},
        after={"closes_on": closes_on},
    )
    tell_news(session, campaign, NewsEvent.EXTENDED, extended_words(closes_on, reason), now=now)
    return notice


def begin_review(session: Session, campaign: Campaign, *, actor: Actor, now: datetime) -> None:
    """Say that the opinions are being looked at (検討中).

    Raises:
        StateConflict: the period is not over, or it was said before.

    """
    hold(session, campaign)
    check(REVIEW, campaign)
    move(session, campaign, REVIEW, actor=actor, now=now)


def cancel(
    session: Session, campaign: Campaign, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Cancel a campaign; what has come stays, and the reason is published.

    Raises:
        StateConflict: its result is published, or it was cancelled before.
        InvalidInput: the reason is missing.

    """
    hold(session, campaign)
    check(CANCEL, campaign)
    campaign.cancel_reason = _checked_reason(reason, needed=True, field="reason")
    if campaign.announced_on is not None:
        add_notice(session, campaign, NoticeKind.CANCELLED, campaign.cancel_reason, now=now)
    move(session, campaign, CANCEL, actor=actor, now=now, reason=campaign.cancel_reason)
    tell_news(session, campaign, NewsEvent.CANCELLED, campaign.cancel_reason, now=now)


def mark_published(
    session: Session,
    campaign: Campaign,
    *,
    outcome: Outcome,
    note: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Say that the result is out and what became of the draft; once more for a correction.

    Args:
        session: the session of the act.
        campaign: one whose period is over.
        outcome: what became of the draft (行政手続法43条1項・4項).
        note: why, and what comes next.
        actor: who publishes it.
        now: when.

    Raises:
        StateConflict: the period is not over, or it was cancelled.

    """
    hold(session, campaign)
    check(PUBLISH, campaign)
    before = {"outcome": campaign.outcome, "outcome_note": campaign.outcome_note}
    campaign.outcome, campaign.outcome_note = outcome, note
    move(
        session,
        campaign,
        PUBLISH,
        actor=actor,
        now=now,
        before=before,
        more={"outcome": outcome, "outcome_note": note},
    )


def check_period(opens_on: date, closes_on: date) -> None:
    """Refuse a period that is none.

    Raises:
        InvalidInput: it ends before it begins, or lasts years, which is a slip of the keyboard.

    """
    if closes_on < opens_on:
        raise InvalidInput("最終日は、開始日以降の日にしてください。", field="closes_on")
    _check_length(opens_on, closes_on)


def _check_length(opens_on: date, closes_on: date) -> None:
    if (closes_on - opens_on).days > 366:  # noqa: PLR2004
        raise InvalidInput("期間は1年以内にしてください。", field="closes_on")


def _hold_against_rules(
    session: Session, campaign: Campaign, reason: str, today: date, now: datetime
) -> list[checks.Finding]:
    """Return the rules that are broken with a reason.

    Raises:
        InvalidInput: the period lies in the past, something must be put right first, or a rule is
            broken and no reason is given.

    """
    if campaign.opens_on is not None and campaign.opens_on < today:
        raise InvalidInput(
            "開始日が過ぎています。さかのぼって募集したことにはできません。"
            "開始日を今日以降の日にしてください。",
            field="opens_on",
        )
    findings = checks.checks_before_opening(session, campaign, now)
    stopping = checks.stops(findings)
    if stopping:
        raise InvalidInput(
            "次の点を直すまで進められません："
            + " ".join(f"{finding.text}{finding.advice}" for finding in stopping)
        )
    broken = checks.needs_reason(findings)
    if broken and not reason.strip():
        raise InvalidInput(
            "要綱チェックで満たしていない項目があります。このまま進める理由を入力してください。",
            field="reason",
        )
    _checked_reason(reason, needed=False, field="reason")
    return broken


def _checked_reason(text: str, *, needed: bool, field: str) -> str:
    text = clean_input(text)
    if needed and not text.strip():
        raise InvalidInput("理由を入力してください。公表されます。", field=field)
    if len(text) > MAX_REASON:
        raise InvalidInput(f"{MAX_REASON:,}文字以内にしてください。", field=field)
    return text


def _broken(findings: Sequence[checks.Finding]) -> dict[str, Any]:
    return {"rules_not_kept": [finding.text for finding in findings]} if findings else {}
