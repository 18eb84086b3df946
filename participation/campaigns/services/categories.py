"""The 対応区分 of a campaign: added, changed, put in order, removed while nothing uses them."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import (
    AmendmentSource,
    Campaign,
    OpinionGroup,
    ResponseCategory,
)
from participation.campaigns.queries.groups import categories_of
from participation.campaigns.services.answer_rules import hold_answers
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.core.text import clean_input, compare_key

LONGEST_CODE = 10
LONGEST_LABEL = 200


@dataclass(frozen=True)
class CategoryWords:
    """What a 対応区分 says."""

    code: str  # A
    label: str  # 反映（案を修正）
    needs_amendment: bool = False
    out_of_scope: bool = False


def get_category(session: Session, campaign: Campaign, category_id: int) -> ResponseCategory:
    """Return a 対応区分 of ``campaign``.

    Raises:
        NotFound: there is none, or it is another campaign's.

    """
    category = session.get(ResponseCategory, category_id)
    if category is None or category.campaign_id != campaign.id:
        raise NotFound("その対応区分は見つかりませんでした。一覧からお選びください。")
    return category


def add_category(
    session: Session, campaign: Campaign, words: CategoryWords, *, actor: Actor, now: datetime
) -> ResponseCategory:
    """Add a 対応区分 behind the others.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        InvalidInput: code or label is missing, too long, or the code is there already.
        StateConflict: the answers may not be changed now.

    """
    words = _checked(words)
    hold_answers(session, campaign, actor=actor)
    _check_code(session, campaign, words.code)
    last = session.scalar(
        select(func.max(ResponseCategory.position)).where(
            ResponseCategory.campaign_id == campaign.id
        )
    )
    category = ResponseCategory(
        campaign_id=campaign.id, position=(last if last is not None else -1) + 1, **asdict(words)
    )
    session.add(category)
    session.flush()
    audit.record(
        session,
        "campaigns.category.added",
        department_id=campaign.department_id,
        subject=f"response_category:{category.id}",
        actor=actor,
        now=now,
        after=asdict(words),
    )
    return category


def edit_category(
    session: Session,
    campaign: Campaign,
    category: ResponseCategory,
    words: CategoryWords,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Change a 対応区分; False when nothing changed.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        InvalidInput: as for ``add_category``; or it would need an amendment that a ready answer of
            this category has not got.
        StateConflict: the answers may not be changed now.

    """
    words = _checked(words)
    hold_answers(session, campaign, actor=actor)
    session.refresh(category)
    before = {name: getattr(category, name) for name in asdict(words)}
    changed = {name: value for name, value in asdict(words).items() if value != before[name]}
    if not changed:
        return False
    if "code" in changed:
        _check_code(session, campaign, words.code, besides=category.id)
    if changed.get("needs_amendment") and _ready_without_amendment(session, category):
        raise InvalidInput(
            "この区分の「作成済み」の回答に、修正が結び付いていないものがあります。"
            "先に修正を結び付けるか、「作成済み」を外してください。",
            field="needs_amendment",
        )
    for name, value in changed.items():
        setattr(category, name, value)
    session.flush()
    audit.record(
        session,
        "campaigns.category.edited",
        department_id=campaign.department_id,
        subject=f"response_category:{category.id}",
        actor=actor,
        now=now,
        before={name: before[name] for name in changed},
        after=changed,
    )
    return True


def move_category(
    session: Session,
    campaign: Campaign,
    category: ResponseCategory,
    *,
    up: bool,
    actor: Actor,
    now: datetime,
) -> bool:
    """Move a 対応区分 one place up or down; False when it stands at that end already.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        StateConflict: the answers may not be changed now.

    """
    hold_answers(session, campaign, actor=actor)
    order = list(categories_of(session, campaign))
    old = order.index(category)
    new = old + (-1 if up else 1)
    if not 0 <= new < len(order):
        return False
    order.insert(new, order.pop(old))
    for position, each in enumerate(order):
        each.position = position
    session.flush()
    audit.record(
        session,
        "campaigns.category.moved",
        department_id=campaign.department_id,
        subject=f"response_category:{category.id}",
        actor=actor,
        now=now,
        before={"position": old + 1},
        after={"position": new + 1},
    )
    return True


def remove_category(
    session: Session,
    campaign: Campaign,
    category: ResponseCategory,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Remove a 対応区分 that no group has.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        StateConflict: a group has it, or the answers may not be changed now.

    """
    hold_answers(session, campaign, actor=actor)
    used = usage(session, campaign).get(category.id, 0)
    if used:
        raise StateConflict(
            f"「{category.label}」は{used}件のグループで使われているため、削除できません。"
            "先にそのグループの対応区分を変えてください。"
        )
    before = {
        "code": category.code,
        "label": category.label,
        "needs_amendment": category.needs_amendment,
        "out_of_scope": category.out_of_scope,
    }
    session.execute(delete(ResponseCategory).where(ResponseCategory.id == category.id))
    session.expunge(category)
    audit.record(
        session,
        "campaigns.category.removed",
        department_id=campaign.department_id,
        subject=f"response_category:{category.id}",
        actor=actor,
        now=now,
        before=before,
    )


def usage(session: Session, campaign: Campaign) -> dict[int, int]:
    """Return by how many groups each 対応区分 of a campaign is used."""
    rows = session.execute(
        select(OpinionGroup.category_id, func.count())
        .where(OpinionGroup.campaign_id == campaign.id, OpinionGroup.category_id.is_not(None))
        .group_by(OpinionGroup.category_id)
    )
    return {category_id: number for category_id, number in rows if category_id is not None}


def _checked(words: CategoryWords) -> CategoryWords:
    code, label = clean_input(words.code).strip(), clean_input(words.label).strip()
    for field, name, value, limit in (
        ("code", "記号", code, LONGEST_CODE),
        ("label", "名称", label, LONGEST_LABEL),
    ):
        if not value:
            raise InvalidInput(f"{name}を入力してください。", field=field)
        if len(value) > limit:
            raise InvalidInput(f"{name}は{limit}文字以内で入力してください。", field=field)
    if words.needs_amendment and words.out_of_scope:
        raise InvalidInput(
            "対象外の区分に修正は付きません。どちらか一方にしてください。", field="out_of_scope"
        )
    return CategoryWords(code, label, words.needs_amendment, words.out_of_scope)


def _check_code(
    session: Session, campaign: Campaign, code: str, *, besides: int | None = None
) -> None:
    for each in categories_of(session, campaign):
        if each.id != besides and compare_key(each.code) == compare_key(code):
            raise InvalidInput(f"記号「{code}」はすでに使われています。", field="code")


def _ready_without_amendment(session: Session, category: ResponseCategory) -> bool:
    linked = select(AmendmentSource.group_id).where(AmendmentSource.group_id == OpinionGroup.id)
    return (
        session.scalar(
            select(OpinionGroup.id)
            .where(OpinionGroup.category_id == category.id, OpinionGroup.ready, ~linked.exists())
            .limit(1)
        )
        is not None
    )
