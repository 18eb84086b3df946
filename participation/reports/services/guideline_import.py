"""Loading a guideline from a file: changed words become a new version, the same change nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from participation.audit.services import record
from participation.core import clock, fiscal_year
from participation.core.actors import Actor
from participation.reports.models import (
    Guideline,
    GuidelineCategory,
    GuidelineItem,
    GuidelineState,
    Item,
    ItemCategory,
    Section,
)
from participation.reports.queries import guideline as queries
from participation.reports.services.guideline_file import (
    CategoryLine,
    GuidelineContent,
    HeadingLine,
    ItemLine,
    read_content,
)


def load_guideline(
    session: Session,
    data: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    valid_from_year: int | None = None,
) -> Guideline:
    """Load the guideline in ``data`` and return the version that now holds its words.

    Args:
        session: the session of the act.
        data: the parsed JSON; see ``guideline_file`` for its shape.
        actor: who loads it.
        now: when; a version made by this call has ``created_at == now``.
        valid_from_year: the fiscal year from which a new version holds; the running one if None.

    Returns:
        The version in force for that year if it says the same already (nothing is changed then;
        ``same_in_force`` tells beforehand), otherwise a new, enacted version.

    Raises:
        GuidelineFileError: the file is no guideline.

    """
    content = read_content(data)
    year = valid_from_year or fiscal_year.fiscal_year_of(clock.local_date(now))
    current = queries.guideline_in_force(session, year)
    if current is not None and content_of(current) == content:
        return current
    guideline = build_version(
        session, content, number=queries.next_number(session), now=now, note="ファイルから読み込み"
    )
    guideline.state = GuidelineState.ENACTED
    guideline.valid_from_year = year
    guideline.enacted_at = now
    session.flush()
    record(
        session,
        "reports.guideline.loaded",
        actor=actor,
        now=now,
        subject=f"guideline:{guideline.id}",
        after={
            "number": guideline.number,
            "title": guideline.title,
            "valid_from_year": year,
            "sections": len(content.headings),
            "items": len(content.items),
        },
    )
    return guideline


def same_in_force(
    session: Session, data: dict[str, Any], *, now: datetime, valid_from_year: int | None = None
) -> Guideline | None:
    """Return the version in force if it says just what ``data`` says, otherwise None.

    Raises:
        GuidelineFileError: the file is no guideline.

    """
    content = read_content(data)
    year = valid_from_year or fiscal_year.fiscal_year_of(clock.local_date(now))
    current = queries.guideline_in_force(session, year)
    return current if current is not None and content_of(current) == content else None


def content_of(guideline: Guideline) -> GuidelineContent:
    """Return the words of a version, to compare it with a file or another version."""
    branches = [b for root in queries.section_tree(guideline) for b in root.walk()]
    index = {branch.section.id: number for number, branch in enumerate(branches)}
    return GuidelineContent(
        title=guideline.title,
        category_note=guideline.category_note,
        categories=tuple(CategoryLine(row.code, row.label) for row in guideline.categories),
        headings=tuple(
            HeadingLine(
                index[branch.section.parent_id] if branch.section.parent_id else None,
                branch.section.mark,
                branch.section.title,
            )
            for branch in branches
        ),
        items=tuple(
            ItemLine(
                item.item.code,
                index[branch.section.id],
                item.name,
                item.guideline_text,
                tuple(CategoryLine(row.code, row.policy) for row in item.categories),
            )
            for branch in branches
            for item in branch.items
        ),
    )


def build_version(
    session: Session, content: GuidelineContent, *, number: int, now: datetime, note: str
) -> Guideline:
    """Add a draft version with these words; items are matched by their code, new ones are made."""
    known = queries.items_by_code(session, {line.code for line in content.items})
    for line in content.items:
        if line.code not in known:
            known[line.code] = Item(code=line.code)
            session.add(known[line.code])
    guideline = Guideline(
        number=number,
        title=content.title,
        category_note=content.category_note,
        state=GuidelineState.DRAFT,
        note=note,
        created_at=now,
        version=1,
    )
    guideline.categories = [
        GuidelineCategory(position=position, code=line.code, label=line.text)
        for position, line in enumerate(content.categories)
    ]
    sections: list[Section] = []
    for position, heading in enumerate(content.headings):
        parent = None if heading.parent is None else sections[heading.parent]
        sections.append(
            Section(position=position, mark=heading.mark, title=heading.title, parent=parent)
        )
    guideline.sections = list(sections)
    guideline.items = [
        GuidelineItem(
            position=position,
            item=known[line.code],
            section=sections[line.heading],
            name=line.name,
            guideline_text=line.guideline_text,
            categories=[
                ItemCategory(position=place, code=row.code, policy=row.text)
                for place, row in enumerate(line.categories)
            ],
        )
        for position, line in enumerate(content.items)
    ]
    session.add(guideline)
    session.flush()
    return guideline
