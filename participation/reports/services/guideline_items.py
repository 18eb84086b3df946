"""The items of a draft, and the departments that are asked for an item every year."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from participation.audit.services import record
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound
from participation.core.text import clean_input
from participation.departments.models import Department
from participation.reports.models import (
    Guideline,
    GuidelineItem,
    Item,
    ItemAssignment,
    ItemCategory,
)
from participation.reports.queries import guideline as queries
from participation.reports.services.guideline import (
    GuidelineConflict,
    checked_line,
    delete_item_identity,
    fingerprint,
    hold_draft,
    record_change,
)
from participation.reports.services.guideline_sections import (
    renumber,
    section_in,
    swap_with_neighbour,
)

MAX_GUIDELINE_TEXT = 4_000


@dataclass(frozen=True)
class ItemInput:
    """An item as typed; ``categories`` are pairs of 区分 and 対応方針."""

    code: str
    section_id: int
    name: str
    guideline_text: str
    categories: Sequence[tuple[str, str]]


def add_item(
    session: Session, draft: Guideline, typed: ItemInput, *, actor: Actor, now: datetime
) -> GuidelineItem:
    """Add an item as the last one under its heading.

    A code that an earlier version had is the same item again, with the entries it had.

    Raises:
        InvalidInput: something is missing or too long, or the code is in this version already.
        NotFound: there is no such heading in this version.
        StateConflict: the version is enacted.

    """
    hold_draft(session, draft)
    words = _checked(draft, typed)
    if any(item.item.code == words.code for item in draft.items):
        raise InvalidInput(f"番号「{words.code}」の項目はこの版にすでにあります。", field="code")
    known = queries.items_by_code(session, {words.code})
    item = GuidelineItem(
        item=known.get(words.code) or Item(code=words.code),
        section=section_in(draft, words.section_id),
        position=len(draft.items),
    )
    _write(item, words)
    draft.items.append(item)
    session.flush()
    renumber(draft)
    record_change(session, draft, "item_added", actor=actor, now=now, after=_plain(item))
    return item


def edit_item(
    session: Session,
    draft: Guideline,
    guideline_item_id: int,
    typed: ItemInput,
    *,
    seen: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Change an item of a draft. Its number can change only while it is used nowhere else.

    Raises:
        InvalidInput: something is missing or too long, or the number can't be changed to that.
        NotFound: there is no such item or heading in this version.
        GuidelineConflict: somebody else changed this item since ``seen``.
        StateConflict: the version is enacted.

    """
    hold_draft(session, draft)
    item = item_in(draft, guideline_item_id)
    if item_seen(item) != seen:
        raise GuidelineConflict
    words = _checked(draft, typed)
    before = _plain(item)
    if words.code != item.item.code:
        _change_code(session, draft, item, words.code)
    if words.section_id != item.section_id:
        item.section = section_in(draft, words.section_id)
        item.position = len(draft.items)
    _write(item, words)
    session.flush()
    renumber(draft)
    record_change(
        session, draft, "item_edited", actor=actor, now=now, before=before, after=_plain(item)
    )


def move_item(
    session: Session,
    draft: Guideline,
    guideline_item_id: int,
    *,
    up: bool,
    actor: Actor,
    now: datetime,
) -> bool:
    """Change places with the neighbour above or below under the same heading.

    Returns:
        Whether there was a neighbour.

    Raises:
        NotFound: there is no such item in this version.
        StateConflict: the version is enacted.

    """
    hold_draft(session, draft)
    item = item_in(draft, guideline_item_id)
    beside = [one for one in draft.items if one.section_id == item.section_id]
    if not swap_with_neighbour(beside, item, up=up):
        return False
    renumber(draft)
    record_change(
        session, draft, "item_moved", actor=actor, now=now, after={"code": item.item.code, "up": up}
    )
    return True


def delete_item(
    session: Session, draft: Guideline, guideline_item_id: int, *, actor: Actor, now: datetime
) -> bool:
    """Take an item out of a draft; other versions and its entries keep it.

    Returns:
        Whether the item lives on elsewhere (otherwise it was made in this draft and is gone).

    Raises:
        NotFound: there is no such item in this version.
        StateConflict: the version is enacted.

    """
    hold_draft(session, draft)
    item = item_in(draft, guideline_item_id)
    identity = item.item
    lives_on = queries.item_is_used_elsewhere(session, identity.id, draft.id)
    before = _plain(item)
    draft.items.remove(item)
    session.flush()
    if not lives_on:
        delete_item_identity(session, identity)
    renumber(draft)
    record_change(session, draft, "item_deleted", actor=actor, now=now, before=before)
    return lives_on


def assign_departments(
    session: Session,
    item: Item,
    department_ids: Collection[int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Set the departments that are asked for an item every year, whatever the version.

    Raises:
        InvalidInput: one of the departments does not exist.

    """
    wanted = set(department_ids)
    known = set(session.scalars(select(Department.id).where(Department.id.in_(wanted))))
    if known != wanted:
        raise InvalidInput("選んだ課の一部が見つかりませんでした。選び直してください。")
    current = set(
        session.scalars(
            select(ItemAssignment.department_id).where(ItemAssignment.item_id == item.id)
        )
    )
    if current == wanted:
        return
    session.execute(
        delete(ItemAssignment).where(
            ItemAssignment.item_id == item.id, ItemAssignment.department_id.in_(current - wanted)
        )
    )
    session.add_all(
        ItemAssignment(item_id=item.id, department_id=department_id)
        for department_id in sorted(wanted - current)
    )
    session.flush()
    record(
        session,
        "reports.item.assigned",
        actor=actor,
        now=now,
        subject=f"item:{item.id}",
        before={"department_ids": sorted(current)},
        after={"department_ids": sorted(wanted)},
    )


def item_in(guideline: Guideline, guideline_item_id: int) -> GuidelineItem:
    """Return an item of this version.

    Raises:
        NotFound: it is not one of this version's.

    """
    for item in guideline.items:
        if item.id == guideline_item_id:
            return item
    raise NotFound("その項目は見つかりませんでした。ほかの人が削除した可能性があります。")


def item_seen(item: GuidelineItem) -> str:
    """Return the mark of an item's words and place, see ``fingerprint``."""
    return fingerprint(_plain(item))


def _checked(draft: Guideline, typed: ItemInput) -> ItemInput:
    text = clean_input(typed.guideline_text)
    if len(text) > MAX_GUIDELINE_TEXT:
        raise InvalidInput(
            f"指針の記載内容は{MAX_GUIDELINE_TEXT:,}文字以内にしてください。",
            field="guideline_text",
        )
    labels = {category.code: category.label for category in draft.categories}
    rows = [(code, clean_input(policy)) for code, policy in typed.categories if code]
    if not rows:
        raise InvalidInput("区分を1つ以上選んでください。", field="categories")
    unknown = sorted({code for code, _policy in rows} - set(labels))
    if unknown:
        raise InvalidInput(
            f"区分「{'」「'.join(unknown)}」は、この版の区分にありません。", field="categories"
        )
    return ItemInput(
        code=checked_line(typed.code, "項目の番号", "code", 40).strip(),
        section_id=section_in(draft, typed.section_id).id,
        name=checked_line(typed.name, "項目の名前", "name", 300),
        guideline_text=text,
        categories=[
            (code, checked_line(policy, "対応方針", "categories", 300, optional=True))
            for code, policy in ((code, policy or labels[code]) for code, policy in rows)
        ],
    )


def _change_code(session: Session, draft: Guideline, item: GuidelineItem, code: str) -> None:
    if queries.item_is_used_elsewhere(session, item.item_id, draft.id):
        raise InvalidInput(
            "ほかの版や記載で使われている項目の番号は変えられません。"
            "別の番号にするときは、新しい項目を追加してください。",
            field="code",
        )
    if queries.items_by_code(session, {code}):
        raise InvalidInput(f"番号「{code}」の項目はすでにあります。", field="code")
    item.item.code = code


def _write(item: GuidelineItem, words: ItemInput) -> None:
    item.name, item.guideline_text = words.name, words.guideline_text
    rows = list(words.categories)
    # Rows are rewritten in place: the position is unique within an item.
    for position, (code, policy) in enumerate(rows):
        if position < len(item.categories):
            item.categories[position].code = code
            item.categories[position].policy = policy
        else:
            item.categories.append(ItemCategory(position=position, code=code, policy=policy))
    del item.categories[len(rows) :]


def _plain(item: GuidelineItem) -> dict[str, Any]:
    return {
        "code": item.item.code,
        "section_id": item.section_id,
        "name": item.name,
        "guideline_text": item.guideline_text,
        "categories": [[row.code, row.policy] for row in item.categories],
    }
