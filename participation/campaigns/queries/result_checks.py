"""What is still missing before a result can go to 決裁, and where to put it right."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from participation.campaigns.checks import checks_before_publishing, stops
from participation.campaigns.models import (
    Amendment,
    AmendmentSource,
    Campaign,
    CampaignResult,
    Opinion,
    OpinionGroup,
    OpinionMask,
    Outcome,
    ResponseCategory,
    Submission,
)
from participation.campaigns.queries.counts import COUNTED, speaks, stands_in

_NEEDS_NOTE = {
    Outcome.NOT_ADOPTED: "決定しないこととした理由と、今後の予定を入力してください。",
    Outcome.RENEWED: "見直す理由と、改めて意見を募集する時期を入力してください。",
}


@dataclass(frozen=True)
class Missing:
    """One thing to be done first."""

    text: str  # Japanese: what, and what to do
    page: str  # endpoint below staff.campaigns where it is done


def missing(
    session: Session, campaign: Campaign, result: CampaignResult | None, now: datetime
) -> list[Missing]:
    """Return everything that keeps the result of ``campaign`` from being submitted; none is ready.

    ``result`` is the draft, or None while nobody has begun one.
    """
    return [
        *_of_rules(session, campaign, now),
        *_of_opinions(session, campaign),
        *_of_result(session, campaign, result),
    ]


def _of_rules(session: Session, campaign: Campaign, now: datetime) -> list[Missing]:
    """Return what the city's rules say must not be: without it the result would be void."""
    return [
        Missing(f"{finding.text}{finding.advice}", "campaign")
        for finding in stops(checks_before_publishing(session, campaign, now))
    ]


def _of_opinions(session: Session, campaign: Campaign) -> list[Missing]:
    found = []
    counted = (
        select(func.count())
        .select_from(Opinion)
        .join(Submission, Submission.id == Opinion.submission_id)
        .where(
            Opinion.campaign_id == campaign.id,
            ~Opinion.split,
            ~Opinion.out_of_scope,
            stands_in(campaign, COUNTED),
            speaks(campaign),
        )
    )
    if number := session.scalar(counted.where(Opinion.group_id.is_(None))):
        found.append(
            Missing(
                f"どのグループにも入っていない意見が{number:,}件あります。"
                "「意見を整理する」で、同じ趣旨のグループに入れるか、"
                "案と関わりのない意見は「対象外」にしてください。",
                "opinions",
            )
        )
    holds_opinion = (
        select(Opinion.id).where(Opinion.group_id == OpinionGroup.id, ~Opinion.split).exists()
    )
    for condition, words in _UNFINISHED:
        number = session.scalar(
            select(func.count())
            .select_from(OpinionGroup)
            .where(OpinionGroup.campaign_id == campaign.id, holds_opinion, condition)
        )
        if number:
            found.append(Missing(words.format(number=f"{number:,}"), "groups"))
    without_amendment = session.scalar(
        select(func.count())
        .select_from(OpinionGroup)
        .join(ResponseCategory, ResponseCategory.id == OpinionGroup.category_id)
        .where(
            OpinionGroup.campaign_id == campaign.id,
            holds_opinion,
            ResponseCategory.needs_amendment,
            ~select(AmendmentSource.group_id)
            .where(AmendmentSource.group_id == OpinionGroup.id)
            .exists(),
        )
    )
    if without_amendment:
        found.append(
            Missing(
                f"案を修正する区分なのに、修正前後の文が結び付いていないグループが"
                f"{without_amendment:,}個あります。"
                "修正の前と後の文を書いて結び付けるか、グループの対応区分を直してください。",
                "amendments",
            )
        )
    unchecked = session.scalar(
        select(func.count())
        .select_from(OpinionMask)
        .join(Opinion, Opinion.id == OpinionMask.opinion_id)
        .where(Opinion.campaign_id == campaign.id, OpinionMask.checked_by.is_(None))
    )
    if unchecked:
        found.append(
            Missing(
                f"別の職員がまだ確認していない非公開の箇所が{unchecked:,}か所あります。"
                "指定した人とは別の職員が「確認待ちの非公開の箇所」で確認してください。",
                "masks",
            )
        )
    return found


_UNFINISHED: tuple[tuple[ColumnElement[bool], str], ...] = (
    (
        or_(OpinionGroup.summary == "", OpinionGroup.view == ""),
        (
            "意見の要旨か市の考え方が書かれていないグループが{number}個あります。"
            "グループを開いて書いてください。"
        ),
    ),
    (
        OpinionGroup.category_id.is_(None),
        "対応区分を選んでいないグループが{number}個あります。グループを開いて選んでください。",
    ),
    (
        ~OpinionGroup.ready,
        (
            "「作成済み」になっていないグループが{number}個あります。"
            "書き終えたグループを開いて「作成済み」にしてください。"
        ),
    ),
)


def _of_result(
    session: Session, campaign: Campaign, result: CampaignResult | None
) -> list[Missing]:
    if result is None or result.outcome is None:
        return [Missing("案をどうするか（決定の内容）を選んで保存してください。", "result")]
    found = []
    amendments = session.scalar(
        select(func.count()).select_from(Amendment).where(Amendment.campaign_id == campaign.id)
    )
    if result.outcome is Outcome.AMENDED and not amendments:
        found.append(
            Missing("「修正して決定」ですが、修正前後の文がまだありません。", "amendments")
        )
    if result.outcome is Outcome.UNCHANGED and amendments:
        found.append(
            Missing(
                f"「原案のとおり決定」ですが、修正が{amendments:,}か所あります。"
                "決定の内容か、修正を直してください。",
                "amendments",
            )
        )
    if result.outcome in _NEEDS_NOTE and not result.outcome_note.strip():
        found.append(Missing(_NEEDS_NOTE[result.outcome], "result"))
    if (
        result.outcome is Outcome.UNCHANGED
        and not result.outcome_note.strip()
        and session.scalar(
            select(OpinionGroup.id).where(OpinionGroup.campaign_id == campaign.id).limit(1)
        )
    ):
        found.append(Missing("案を修正しないこととした理由を入力してください。", "result"))
    return found
