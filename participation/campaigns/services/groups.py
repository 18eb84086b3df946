"""Groups of opinions: made and written; regrouping.py puts them in order and merges them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import (
    AmendmentSource,
    Campaign,
    OpinionGroup,
    ResponseCategory,
)
from participation.campaigns.services.answer_rules import AnswerConflict, hold_answers
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.core.text import clean_input

LONGEST_HEADING = 300
LONGEST_TEXT = 20_000
LONGEST_SECTION = 120


@dataclass(frozen=True)
class GroupWords:
    """What a person writes of a group."""

    heading: str = ""  # 章・項目
    summary: str = ""  # 要旨
    view: str = ""  # 市の考え方
    category_id: int | None = None
    assigned_to: str = ""  # 係
    ready: bool = False


def create_group(
    session: Session, campaign: Campaign, words: GroupWords, *, actor: Actor, now: datetime
) -> OpinionGroup:
    """Make a group at the end of the order; opinions are put into it by ``sorting``.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        InvalidInput: a text is too long, the category is not of this campaign, or it is said to
            be ready already and is not.
        StateConflict: the answers may not be changed now.

    """
    words = checked_words(words)
    hold_answers(session, campaign, actor=actor)
    last_number, last_position = session.execute(
        select(
            func.coalesce(func.max(OpinionGroup.number), 0),
            func.coalesce(func.max(OpinionGroup.position), 0),
        ).where(OpinionGroup.campaign_id == campaign.id)
    ).one()
    group = OpinionGroup(
        campaign_id=campaign.id,
        number=last_number + 1,
        position=last_position + 1,
        author_id=actor.staff_id,
        updated_at=now,
        version=1,
        **asdict(words),
    )
    check_ready(session, campaign, words, amendments=0)
    session.add(group)
    session.flush()
    audit.record(
        session,
        "campaigns.group.created",
        department_id=campaign.department_id,
        subject=f"opinion_group:{group.id}",
        actor=actor,
        now=now,
        after=told(session, {"number": group.number, **asdict(words)}),
    )
    return group


def edit_group(
    session: Session,
    campaign: Campaign,
    group: OpinionGroup,
    words: GroupWords,
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Write the words of a group.

    Args:
        session: the session of the act.
        campaign: whose group it is.
        group: the group.
        words: all its words, as they shall be.
        version: the version that was shown when typing began.
        actor: who writes.
        now: when.

    Returns:
        Whether anything changed.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        InvalidInput: a text is too long, the category is not of this campaign, or the answer is
            said to be ready while something that a ready one needs is missing.
        AnswerConflict: somebody else wrote since ``version``; the caller shows both.
        StateConflict: the answers may not be changed now.

    """
    words = checked_words(words)
    hold_answers(session, campaign, actor=actor)
    session.refresh(group)
    values = asdict(words)
    before = {name: getattr(group, name) for name in values}
    changed = {name: value for name, value in values.items() if value != before[name]}
    if not changed:
        return False
    if version != group.version:
        raise AnswerConflict
    check_ready(session, campaign, words, amendments=amendment_number(session, group.id))
    write_words(session, group, changed, actor=actor, now=now)
    audit.record(
        session,
        "campaigns.group.edited",
        department_id=campaign.department_id,
        subject=f"opinion_group:{group.id}",
        actor=actor,
        now=now,
        before=told(session, {name: before[name] for name in changed}),
        after=told(session, changed),
    )
    return True


def words_of(group: OpinionGroup) -> GroupWords:
    """Return the words of a group as they stand."""
    return GroupWords(
        heading=group.heading,
        summary=group.summary,
        view=group.view,
        category_id=group.category_id,
        assigned_to=group.assigned_to,
        ready=group.ready,
    )


def checked_words(words: GroupWords) -> GroupWords:
    """Return the words as they may be stored.

    Raises:
        InvalidInput: one is too long; ``field`` names it.

    """
    limits = {
        "heading": ("章・項目", LONGEST_HEADING),
        "summary": ("要旨", LONGEST_TEXT),
        "view": ("市の考え方", LONGEST_TEXT),
        "assigned_to": ("担当の係", LONGEST_SECTION),
    }
    clean = {name: clean_input(getattr(words, name)) for name in limits}
    for name, (label, limit) in limits.items():
        if name not in {"summary", "view"}:
            clean[name] = clean[name].strip()
        elif not clean[name].strip():
            clean[name] = ""
        if len(clean[name]) > limit:
            raise InvalidInput(
                f"{label}は{limit:,}文字以内にしてください（今は{len(clean[name]):,}文字です）。",
                field=name,
            )
    return GroupWords(**clean, category_id=words.category_id, ready=words.ready)


def check_ready(
    session: Session, campaign: Campaign, words: GroupWords, *, amendments: int
) -> None:
    """Refuse a category of another campaign, and a ready answer that lacks something.

    Raises:
        InvalidInput: with what is missing; ``field`` names it where it is a field.

    """
    category = None
    if words.category_id is not None:
        category = session.get(ResponseCategory, words.category_id)
        if category is None or category.campaign_id != campaign.id:
            raise InvalidInput("対応区分を一覧から選んでください。", field="category_id")
    if not words.ready:
        return
    if not words.summary:
        raise InvalidInput("要旨を書いてから「作成済み」にしてください。", field="summary")
    if category is None:
        raise InvalidInput("対応区分を選んでから「作成済み」にしてください。", field="category_id")
    if not words.view and not category.out_of_scope:
        raise InvalidInput("市の考え方を書いてから「作成済み」にしてください。", field="view")
    if category.needs_amendment and not amendments:
        raise InvalidInput(
            f"「{category.label}」には、修正の箇所と修正前・修正後が必要です。"
            "「修正」の画面でこのグループに結び付けてから「作成済み」にしてください。",
            field="ready",
        )


def amendment_number(session: Session, group_id: int) -> int:
    """Return how many amendments answer a group."""
    return (
        session.scalar(
            select(func.count())
            .select_from(AmendmentSource)
            .where(AmendmentSource.group_id == group_id)
        )
        or 0
    )


def told(session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as the audit log keeps them: a category by its code, which people know."""
    words = dict(values)
    if "category_id" in words:
        number = words.pop("category_id")
        category = session.get(ResponseCategory, number) if number is not None else None
        words["category"] = category.code if category is not None else ""
    return words


def write_words(
    session: Session,
    group: OpinionGroup,
    values: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Store changed words; the campaign is held, so no one else writes."""
    for name, value in values.items():
        setattr(group, name, value)
    group.version += 1
    group.author_id = actor.staff_id
    group.updated_at = now
    session.flush()
