"""修正: places of the draft before and after, and the groups of opinions behind them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import (
    Amendment,
    AmendmentSource,
    Campaign,
    OpinionGroup,
    ResponseCategory,
)
from participation.campaigns.queries import amendments as queries
from participation.campaigns.services.answer_rules import AnswerConflict, hold_answers
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input

LONGEST_PLACE = 300
LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class AmendmentWords:
    """What an amendment says."""

    place: str  # 12ページ 第2章
    passage_id: int | None = None
    before: str = ""
    after: str = ""
    reason: str = ""


def create_amendment(
    session: Session,
    campaign: Campaign,
    words: AmendmentWords,
    group_numbers: Sequence[int],
    *,
    actor: Actor,
    now: datetime,
) -> Amendment:
    """Write an amendment and link it to groups.

    Args:
        session: the session of the act.
        campaign: whose draft is amended.
        words: what it says.
        group_numbers: the groups of opinions behind it, by the numbers that people see.
        actor: who writes.
        now: when.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        InvalidInput: no place, neither before nor after, too long, a passage or a group that is
            not of this campaign.
        StateConflict: the answers may not be changed now.

    """
    words = _checked(words)
    hold_answers(session, campaign, actor=actor)
    _check_passage(session, campaign, words)
    groups = _groups(session, campaign, group_numbers)
    last = session.scalar(
        select(func.max(Amendment.number)).where(Amendment.campaign_id == campaign.id)
    )
    amendment = Amendment(
        campaign_id=campaign.id, number=(last or 0) + 1, updated_at=now, version=1, **asdict(words)
    )
    session.add(amendment)
    session.flush()
    _link(session, amendment, [group.id for group in groups])
    audit.record(
        session,
        "campaigns.amendment.created",
        department_id=campaign.department_id,
        subject=f"amendment:{amendment.id}",
        actor=actor,
        now=now,
        after={
            "number": amendment.number,
            **asdict(words),
            "groups": [group.number for group in groups],
        },
    )
    return amendment


def edit_amendment(
    session: Session,
    campaign: Campaign,
    amendment: Amendment,
    words: AmendmentWords,
    group_numbers: Sequence[int],
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Change an amendment and its links; False when nothing changed.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        InvalidInput: as for ``create_amendment``.
        AnswerConflict: somebody else changed it since ``version``.
        StateConflict: a ready answer would lose the amendment that it needs, or the answers may
            not be changed now.

    """
    words = _checked(words)
    hold_answers(session, campaign, actor=actor)
    session.refresh(amendment)
    _check_passage(session, campaign, words)
    groups = _groups(session, campaign, group_numbers)
    linked = queries.groups_behind(session, amendment)
    before: dict[str, Any] = {
        **{name: getattr(amendment, name) for name in asdict(words)},
        "groups": [group.number for group in linked],
    }
    after: dict[str, Any] = {**asdict(words), "groups": [group.number for group in groups]}
    changed = {name: value for name, value in after.items() if value != before[name]}
    if not changed:
        return False
    if version != amendment.version:
        raise AnswerConflict
    kept = {group.id for group in groups}
    _check_needed(session, amendment, [group for group in linked if group.id not in kept])
    for name, value in asdict(words).items():
        setattr(amendment, name, value)
    amendment.version += 1
    amendment.updated_at = now
    session.flush()
    _link(session, amendment, [group.id for group in groups])
    audit.record(
        session,
        "campaigns.amendment.edited",
        department_id=campaign.department_id,
        subject=f"amendment:{amendment.id}",
        actor=actor,
        now=now,
        before={name: before[name] for name in changed},
        after=changed,
    )
    return True


def delete_amendment(
    session: Session, campaign: Campaign, amendment: Amendment, *, actor: Actor, now: datetime
) -> None:
    """Remove an amendment; its words stay in the audit log.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        StateConflict: a ready answer needs it, or the answers may not be changed now.

    """
    hold_answers(session, campaign, actor=actor)
    session.refresh(amendment)
    linked = queries.groups_behind(session, amendment)
    _check_needed(session, amendment, linked)
    before = {
        "number": amendment.number,
        "place": amendment.place,
        "passage_id": amendment.passage_id,
        "before": amendment.before,
        "after": amendment.after,
        "reason": amendment.reason,
        "groups": [group.number for group in linked],
    }
    session.execute(delete(AmendmentSource).where(AmendmentSource.amendment_id == amendment.id))
    session.execute(delete(Amendment).where(Amendment.id == amendment.id))
    session.expunge(amendment)
    audit.record(
        session,
        "campaigns.amendment.removed",
        department_id=campaign.department_id,
        subject=f"amendment:{amendment.id}",
        actor=actor,
        now=now,
        before=before,
    )


def _checked(words: AmendmentWords) -> AmendmentWords:
    place = clean_input(words.place).strip()
    texts = {name: clean_input(getattr(words, name)) for name in ("before", "after", "reason")}
    texts = {name: text if text.strip() else "" for name, text in texts.items()}
    if not place:
        raise InvalidInput("修正の箇所（ページ、章など）を入力してください。", field="place")
    if len(place) > LONGEST_PLACE:
        raise InvalidInput(
            f"修正の箇所は{LONGEST_PLACE}文字以内で入力してください。", field="place"
        )
    if not texts["before"] and not texts["after"]:
        raise InvalidInput(
            "修正前か修正後の文を入力してください。追加のときは修正後だけ、"
            "削除のときは修正前だけで構いません。",
            field="after",
        )
    if texts["before"] == texts["after"]:
        raise InvalidInput("修正前と修正後が同じ文です。", field="after")
    for name, text in texts.items():
        if len(text) > LONGEST_TEXT:
            raise InvalidInput(f"{LONGEST_TEXT:,}文字以内で入力してください。", field=name)
    return AmendmentWords(place=place, passage_id=words.passage_id, **texts)


def _check_passage(session: Session, campaign: Campaign, words: AmendmentWords) -> None:
    if words.passage_id is None:
        return
    if not queries.has_passage(session, campaign, words.passage_id):
        raise InvalidInput("その段落は、この意見募集の資料にありません。", field="passage_id")


def _groups(session: Session, campaign: Campaign, numbers: Sequence[int]) -> Sequence[OpinionGroup]:
    wanted = set(numbers)
    groups = session.scalars(
        select(OpinionGroup)
        .where(OpinionGroup.campaign_id == campaign.id, OpinionGroup.number.in_(wanted))
        .order_by(OpinionGroup.number)
    ).all()
    missing = sorted(wanted - {group.number for group in groups})
    if missing:
        raise InvalidInput(
            f"{'、'.join(map(str, missing))}番のグループはありません。"
            "「整理と回答」の一覧の番号を入力してください。",
            field="groups",
        )
    return groups


def _link(session: Session, amendment: Amendment, group_ids: Sequence[int]) -> None:
    session.execute(delete(AmendmentSource).where(AmendmentSource.amendment_id == amendment.id))
    if group_ids:
        session.execute(
            insert(AmendmentSource),
            [{"amendment_id": amendment.id, "group_id": number} for number in group_ids],
        )


def _check_needed(session: Session, amendment: Amendment, losing: Sequence[OpinionGroup]) -> None:
    """Refuse to take ``amendment`` from a ready answer that has no other and needs one."""
    other = (
        select(AmendmentSource.group_id)
        .where(
            AmendmentSource.group_id == OpinionGroup.id,
            AmendmentSource.amendment_id != amendment.id,
        )
        .exists()
    )
    numbers = session.scalars(
        select(OpinionGroup.number)
        .join(ResponseCategory, ResponseCategory.id == OpinionGroup.category_id)
        .where(
            OpinionGroup.id.in_([group.id for group in losing]),
            OpinionGroup.ready,
            ResponseCategory.needs_amendment,
            ~other,
        )
        .order_by(OpinionGroup.number)
    ).all()
    if numbers:
        raise StateConflict(
            f"{'、'.join(map(str, numbers))}番の「作成済み」の回答には、この修正が必要です。"
            "先にその「作成済み」を外すか、対応区分を変えてください。"
        )
