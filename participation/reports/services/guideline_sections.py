"""The headings of a draft: added, renamed, put under another, moved, deleted when empty."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.reports.models import Guideline, GuidelineItem, Section
from participation.reports.queries import guideline as queries
from participation.reports.services.guideline import (
    GuidelineConflict,
    checked_line,
    fingerprint,
    hold_draft,
    record_change,
)
from participation.reports.services.guideline_file import MAX_DEPTH

Placed = TypeVar("Placed", Section, GuidelineItem)


def add_section(
    session: Session,
    draft: Guideline,
    *,
    parent_id: int | None,
    mark: str,
    title: str,
    actor: Actor,
    now: datetime,
) -> Section:
    """Add a heading as the last one below ``parent_id`` (None: outermost).

    Raises:
        InvalidInput: the title is missing, or the tree would become too deep.
        NotFound: there is no such parent in this version.
        StateConflict: the version is enacted.

    """
    mark, title = _checked_words(mark, title)
    hold_draft(session, draft)
    parent = None if parent_id is None else section_in(draft, parent_id)
    _check_depth(1 + _depth(parent))
    section = Section(
        guideline_id=draft.id, parent=parent, mark=mark, title=title, position=len(draft.sections)
    )
    draft.sections.append(section)
    session.flush()
    renumber(draft)
    record_change(
        session, draft, "section_added", actor=actor, now=now, after={"mark": mark, "title": title}
    )
    return section


def edit_section(
    session: Session,
    draft: Guideline,
    section_id: int,
    *,
    parent_id: int | None,
    mark: str,
    title: str,
    seen: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Change the words of a heading, or the heading it stands below.

    Raises:
        InvalidInput: the title is missing, the parent is the heading itself or below it, or the
            tree would become too deep.
        NotFound: there is no such heading or parent in this version.
        GuidelineConflict: somebody else changed this heading since ``seen``.
        StateConflict: the version is enacted.

    """
    mark, title = _checked_words(mark, title)
    hold_draft(session, draft)
    section = section_in(draft, section_id)
    if section_seen(section) != seen:
        raise GuidelineConflict
    parent = None if parent_id is None else section_in(draft, parent_id)
    above = parent
    while above is not None:
        if above is section:
            raise InvalidInput(
                "見出しを、その見出し自身やその下の見出しの下には置けません。", field="parent"
            )
        above = above.parent
    _check_depth(_height(draft, section) + _depth(parent))
    before = {"mark": section.mark, "title": section.title, "parent_id": section.parent_id}
    if parent is not section.parent:
        section.position = len(draft.sections)
    section.parent, section.mark, section.title = parent, mark, title
    session.flush()
    renumber(draft)
    record_change(
        session,
        draft,
        "section_edited",
        actor=actor,
        now=now,
        before=before,
        after={"mark": mark, "title": title, "parent_id": section.parent_id},
    )


def move_section(
    session: Session,
    draft: Guideline,
    section_id: int,
    *,
    up: bool,
    actor: Actor,
    now: datetime,
) -> bool:
    """Change places with the neighbour above or below under the same heading.

    Returns:
        Whether there was a neighbour.

    Raises:
        NotFound: there is no such heading in this version.
        StateConflict: the version is enacted.

    """
    hold_draft(session, draft)
    section = section_in(draft, section_id)
    siblings = [one for one in draft.sections if one.parent_id == section.parent_id]
    if not swap_with_neighbour(siblings, section, up=up):
        return False
    renumber(draft)
    record_change(
        session,
        draft,
        "section_moved",
        actor=actor,
        now=now,
        after={"title": section.title, "up": up},
    )
    return True


def delete_section(
    session: Session, draft: Guideline, section_id: int, *, actor: Actor, now: datetime
) -> None:
    """Delete a heading that has nothing below it.

    Raises:
        NotFound: there is no such heading in this version.
        StateConflict: it has headings or items below it, or the version is enacted.

    """
    hold_draft(session, draft)
    section = section_in(draft, section_id)
    has_headings = any(one.parent_id == section.id for one in draft.sections)
    if has_headings or any(item.section_id == section.id for item in draft.items):
        raise StateConflict(
            "下に見出しや項目がある見出しは削除できません。"
            "先に、下にあるものを移すか削除してください。"
        )
    before = {"mark": section.mark, "title": section.title}
    draft.sections.remove(section)
    session.flush()
    renumber(draft)
    record_change(session, draft, "section_deleted", actor=actor, now=now, before=before)


def section_in(guideline: Guideline, section_id: int) -> Section:
    """Return a heading of this version.

    Raises:
        NotFound: it is not one of this version's.

    """
    for section in guideline.sections:
        if section.id == section_id:
            return section
    raise NotFound("その見出しは見つかりませんでした。ほかの人が削除した可能性があります。")


def section_seen(section: Section) -> str:
    """Return the mark of a heading's words and place, see ``fingerprint``."""
    return fingerprint([section.mark, section.title, section.parent_id])


def swap_with_neighbour(siblings: Sequence[Placed], one: Placed, *, up: bool) -> bool:
    """Let ``one`` change places with the sibling before or after it; False when there is none."""
    in_order = sorted(siblings, key=lambda sibling: sibling.position)
    place = in_order.index(one)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(in_order):
        return False
    neighbour = in_order[other]
    one.position, neighbour.position = neighbour.position, one.position
    return True


def renumber(draft: Guideline) -> None:
    """Number headings and items in printed order; what stands beside each other keeps its order."""
    draft.sections.sort(key=lambda section: section.position)
    draft.items.sort(key=lambda item: item.position)
    branches = [branch for root in queries.section_tree(draft) for branch in root.walk()]
    for position, branch in enumerate(branches):
        branch.section.position = position
    items = [item for branch in branches for item in branch.items]
    for position, item in enumerate(items):
        item.position = position


def _checked_words(mark: str, title: str) -> tuple[str, str]:
    return (
        checked_line(mark, "記号", "mark", 20, optional=True),
        checked_line(title, "見出し", "title", 300),
    )


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise InvalidInput(f"見出しは{MAX_DEPTH}段までです。", field="parent")


def _depth(section: Section | None) -> int:
    depth = 0
    while section is not None:
        depth += 1
        section = section.parent
    return depth


def _height(draft: Guideline, section: Section) -> int:
    below = [_height(draft, one) for one in draft.sections if one.parent_id == section.id]
    return 1 + max(below, default=0)
