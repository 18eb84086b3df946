"""Reading the guideline (指針): its versions, its tree of headings, who is asked for what."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from participation.core.errors import NotFound
from participation.reports.models import (
    Entry,
    Guideline,
    GuidelineItem,
    GuidelineState,
    Item,
    ItemAssignment,
    Section,
)

_WHOLE = (
    selectinload(Guideline.categories),
    selectinload(Guideline.sections),
    selectinload(Guideline.items),
)


@dataclass(frozen=True)
class SectionBranch:
    """A heading with what stands below it; ``level`` is 1 for the outermost."""

    section: Section
    level: int
    items: tuple[GuidelineItem, ...]
    children: tuple["SectionBranch", ...]

    def walk(self) -> Iterator["SectionBranch"]:
        """Yield this heading and all below it in printed order."""
        yield self
        for child in self.children:
            yield from child.walk()


def guideline_in_force(session: Session, fiscal_year: int) -> Guideline | None:
    """Return the enacted version that holds for ``fiscal_year``, whole, or None.

    A year before the first version gets the first: the system knows no older words.
    """
    enacted = select(Guideline).where(Guideline.state == GuidelineState.ENACTED).options(*_WHOLE)
    newest = enacted.where(Guideline.valid_from_year <= fiscal_year).order_by(
        Guideline.valid_from_year.desc(), Guideline.number.desc()
    )
    oldest = enacted.order_by(Guideline.valid_from_year, Guideline.number.desc())
    return session.scalars(newest.limit(1)).first() or session.scalars(oldest.limit(1)).first()


def guideline_for(session: Session, fiscal_year: int) -> Guideline:
    """Return the enacted version that holds for ``fiscal_year``, with all that belongs to it.

    Raises:
        NotFound: no version has been enacted yet.

    """
    guideline = guideline_in_force(session, fiscal_year)
    if guideline is None:
        raise NotFound(
            "施行された指針がまだありません。指針を読み込むか、下書きの版を施行してください。"
        )
    return guideline


def guideline_numbered(session: Session, number: int) -> Guideline:
    """Return one version by its number (版), whole.

    Raises:
        NotFound: there is no such version.

    """
    guideline = session.scalars(
        select(Guideline).where(Guideline.number == number).options(*_WHOLE)
    ).first()
    if guideline is None:
        raise NotFound("その版の指針は見つかりませんでした。版の一覧からお選びください。")
    return guideline


@dataclass(frozen=True)
class VersionLine:
    """One line of the list of versions."""

    guideline: Guideline
    items: int


def versions(session: Session) -> list[VersionLine]:
    """Return all versions, newest first, each with its number of items."""
    counts = (
        select(GuidelineItem.guideline_id, func.count().label("item_count"))
        .group_by(GuidelineItem.guideline_id)
        .subquery()
    )
    rows = session.execute(
        select(Guideline, func.coalesce(counts.c.item_count, 0))
        .outerjoin(counts, counts.c.guideline_id == Guideline.id)
        .order_by(Guideline.number.desc())
    )
    return [VersionLine(guideline, items) for guideline, items in rows]


def next_number(session: Session) -> int:
    """Return the number of the next version."""
    return (session.scalar(select(func.max(Guideline.number))) or 0) + 1


def section_tree(guideline: Guideline) -> tuple[SectionBranch, ...]:
    """Return the headings of a loaded version as a tree, with the items under each."""
    children: dict[int | None, list[Section]] = defaultdict(list)
    for section in guideline.sections:
        children[section.parent_id].append(section)
    items: dict[int, list[GuidelineItem]] = defaultdict(list)
    for item in guideline.items:
        items[item.section_id].append(item)

    def branch(section: Section, level: int) -> SectionBranch:
        return SectionBranch(
            section,
            level,
            tuple(items[section.id]),
            tuple(branch(child, level + 1) for child in children[section.id]),
        )

    return tuple(branch(section, 1) for section in children[None])


def items_by_code(session: Session, codes: set[str]) -> dict[str, Item]:
    """Return the known items among ``codes``."""
    found = session.scalars(select(Item).where(Item.code.in_(codes)).order_by(Item.id))
    return {item.code: item for item in found}


def get_item(session: Session, item_id: int) -> Item:
    """Return one item.

    Raises:
        NotFound: there is no such item.

    """
    item = session.get(Item, item_id)
    if item is None:
        raise NotFound("その項目は見つかりませんでした。")
    return item


def assignments(session: Session) -> dict[int, frozenset[int]]:
    """Return for every item that is assigned the ids of the departments asked for it."""
    found: dict[int, set[int]] = defaultdict(set)
    for item_id, department_id in session.execute(
        select(ItemAssignment.item_id, ItemAssignment.department_id).order_by(
            ItemAssignment.item_id, ItemAssignment.department_id
        )
    ):
        found[item_id].add(department_id)
    return {item_id: frozenset(ids) for item_id, ids in found.items()}


def item_is_used_elsewhere(session: Session, item_id: int, guideline_id: int) -> bool:
    """Whether another version or any entry needs the item."""
    other = select(GuidelineItem.id).where(
        GuidelineItem.item_id == item_id, GuidelineItem.guideline_id != guideline_id
    )
    entry = select(Entry.id).where(Entry.item_id == item_id)
    return session.scalar(other.limit(1)) is not None or session.scalar(entry.limit(1)) is not None


def asks_for(session: Session, round_year: int, item_id: int) -> bool:
    """Whether the version in force in ``round_year`` has the item."""
    in_force = (
        select(Guideline.id)
        .where(
            Guideline.state == GuidelineState.ENACTED,
            Guideline.valid_from_year <= round_year,
        )
        .order_by(Guideline.valid_from_year.desc(), Guideline.number.desc())
    )
    oldest = (
        select(Guideline.id)
        .where(Guideline.state == GuidelineState.ENACTED)
        .order_by(Guideline.valid_from_year, Guideline.number.desc())
    )
    guideline_id = session.scalar(in_force.limit(1)) or session.scalar(oldest.limit(1))
    found = select(GuidelineItem.id).where(
        GuidelineItem.guideline_id == guideline_id, GuidelineItem.item_id == item_id
    )
    return guideline_id is not None and session.scalar(found) is not None


def latest_name(session: Session, item_id: int) -> str:
    """Return the name that an item has in the newest version it stands in, else its code."""
    name = session.scalar(
        select(GuidelineItem.name)
        .join(Guideline, Guideline.id == GuidelineItem.guideline_id)
        .where(GuidelineItem.item_id == item_id)
        .order_by(Guideline.number.desc())
        .limit(1)
    )
    return name or get_item(session, item_id).code
