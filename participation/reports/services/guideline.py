"""Versions of the guideline (指針): drafted as a copy, given words, enacted from a fiscal year."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from participation.audit.services import record
from participation.core import clock, fiscal_year
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input
from participation.reports.models import (
    Guideline,
    GuidelineCategory,
    GuidelineState,
    Item,
    ItemAssignment,
)
from participation.reports.queries import guideline as queries
from participation.reports.services.guideline_import import build_version, content_of

_YEARS_AHEAD = 5
_YEARS_BACK = 30


class GuidelineConflict(StateConflict):
    """Somebody else changed the same words after they were shown; nothing was stored."""

    def __init__(self) -> None:
        super().__init__(
            "表示した後に、ほかの人が同じところを変更しました。"
            "今の内容と見比べてから、もう一度保存してください。"
        )


@dataclass(frozen=True)
class CategoryInput:
    """One line of the legend as typed; ``category_id`` is None for a new one."""

    category_id: int | None
    code: str
    label: str


def draft_version(
    session: Session, source: Guideline, *, note: str, actor: Actor, now: datetime
) -> Guideline:
    """Make a new version as a copy of ``source``; it holds for nothing until it is enacted."""
    draft = build_version(
        session,
        content_of(source),
        number=queries.next_number(session),
        now=now,
        note=clean_input(note),
    )
    record_change(
        session,
        draft,
        "drafted",
        actor=actor,
        now=now,
        after={"number": draft.number, "copy_of": source.number, "note": draft.note},
    )
    return draft


def discard_draft(session: Session, draft: Guideline, *, actor: Actor, now: datetime) -> None:
    """Throw a draft away; items that were made in it and used nowhere else go with it.

    Raises:
        StateConflict: the version is enacted.

    """
    hold_draft(session, draft)
    own_items = [
        item.item
        for item in draft.items
        if not queries.item_is_used_elsewhere(session, item.item_id, draft.id)
    ]
    number = draft.number
    record_change(session, draft, "discarded", actor=actor, now=now, before={"number": number})
    session.delete(draft)
    session.flush()
    for item in own_items:
        delete_item_identity(session, item)


def edit_words(
    session: Session,
    draft: Guideline,
    *,
    title: str,
    category_note: str,
    note: str,
    seen: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Change the title, the legend's heading and the note of a draft.

    Args:
        session: the session of the act.
        draft: the version.
        title: the title of the yearly report.
        category_note: the heading of the legend.
        note: what is new in this version and why.
        seen: ``words_seen`` of the draft when it was shown.
        actor: who edits.
        now: when.

    Raises:
        InvalidInput: the title is empty.
        GuidelineConflict: somebody else changed these words since.
        StateConflict: the version is enacted.

    """
    title = checked_line(title, "題名", "title", 300)
    category_note = checked_line(
        category_note, "区分の説明の見出し", "category_note", 300, optional=True
    )
    hold_draft(session, draft)
    if words_seen(draft) != seen:
        raise GuidelineConflict
    before = _words(draft)
    draft.title, draft.category_note, draft.note = title, category_note, clean_input(note)
    record_change(
        session, draft, "words_edited", actor=actor, now=now, before=before, after=_words(draft)
    )


def set_categories(
    session: Session,
    draft: Guideline,
    lines: Sequence[CategoryInput],
    *,
    seen: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Replace the legend (区分). A renamed code is renamed on every item that bears it.

    Raises:
        InvalidInput: a line is incomplete, a code stands twice, or an item bears a removed code.
        GuidelineConflict: somebody else changed the legend since ``seen``.
        StateConflict: the version is enacted.

    """
    hold_draft(session, draft)
    if categories_seen(draft) != seen:
        raise GuidelineConflict
    wanted = [
        CategoryInput(
            line.category_id,
            checked_line(line.code, "区分", "lines", 20),
            checked_line(line.label, "区分の説明", "lines", 300),
        )
        for line in lines
    ]
    codes = [line.code for line in wanted]
    if not codes:
        raise InvalidInput("区分を1つ以上入力してください。", field="lines")
    if len(set(codes)) < len(codes):
        raise InvalidInput("同じ区分が2つあります。区分ごとに1行にしてください。", field="lines")
    known = {category.id: category for category in draft.categories}
    renamed = {
        known[line.category_id].code: line.code for line in wanted if line.category_id in known
    }
    rows = [row for item in draft.items for row in item.categories]
    lost = sorted({row.code for row in rows} - set(renamed) - set(codes))
    if lost:
        raise InvalidInput(
            f"区分「{'」「'.join(lost)}」は項目で使われているため削除できません。"
            "先に項目の区分を変えてください。",
            field="lines",
        )
    before = _legend(draft)
    for row in rows:
        row.code = renamed.get(row.code, row.code)
    # The codes are unique within a version: the old rows go before the new ones come.
    session.execute(delete(GuidelineCategory).where(GuidelineCategory.guideline_id == draft.id))
    session.expire(draft, ["categories"])
    draft.categories.extend(
        GuidelineCategory(position=position, code=line.code, label=line.label)
        for position, line in enumerate(wanted)
    )
    record_change(
        session,
        draft,
        "categories_edited",
        actor=actor,
        now=now,
        before={"categories": before},
        after={"categories": _legend(draft)},
    )


def enact(session: Session, draft: Guideline, *, year: int, actor: Actor, now: datetime) -> None:
    """Put a draft in force from a fiscal year on; from then on nobody can change it.

    Raises:
        InvalidInput: the year is out of range, or the draft is not complete.
        StateConflict: the version is enacted already.

    """
    hold_draft(session, draft)
    this_year = fiscal_year.fiscal_year_of(clock.local_date(now))
    newest = session.scalar(
        select(func.max(Guideline.valid_from_year)).where(Guideline.state == GuidelineState.ENACTED)
    )
    earliest = newest or this_year - _YEARS_BACK
    if not earliest <= year <= this_year + _YEARS_AHEAD:
        raise InvalidInput(
            f"施行する年度は{fiscal_year.label(earliest)}から"
            f"{fiscal_year.label(this_year + _YEARS_AHEAD)}までで指定してください。",
            field="year",
        )
    faults = faults_of(draft)
    if faults:
        raise InvalidInput("施行する前に直してください。" + "／".join(faults))
    draft.state = GuidelineState.ENACTED
    draft.valid_from_year = year
    draft.enacted_at = now
    record_change(
        session,
        draft,
        "enacted",
        actor=actor,
        now=now,
        after={"number": draft.number, "valid_from_year": year},
    )


def faults_of(draft: Guideline) -> list[str]:
    """Return what is missing before a draft can be enacted; empty when nothing is."""
    codes = {category.code for category in draft.categories}
    faults = [] if draft.items else ["項目が1つもありません。"]
    for item in draft.items:
        if not item.categories:
            faults.append(f"項目「{item.item.code}」に区分がありません。")
        faults += [
            f"項目「{item.item.code}」の区分「{row.code}」が区分の一覧にありません。"
            for row in item.categories
            if row.code not in codes
        ]
    return faults


def hold_draft(session: Session, guideline: Guideline) -> None:
    """Lock the version until the commit and read it as it is now.

    Raises:
        StateConflict: it is enacted and can't be changed.

    """
    session.refresh(guideline, with_for_update=True)
    session.refresh(guideline, ["categories", "sections", "items"])
    if guideline.state is not GuidelineState.DRAFT:
        raise StateConflict(
            "施行された版は変更できません。この版から新しい版を作り、そちらを編集してください。"
        )


def record_change(
    session: Session,
    guideline: Guideline,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Count the change on the version, flush and audit it."""
    guideline.version += 1
    session.flush()
    record(
        session,
        f"reports.guideline.{verb}",
        actor=actor,
        now=now,
        subject=f"guideline:{guideline.id}",
        before=before,
        after=after,
    )


def delete_item_identity(session: Session, item: Item) -> None:
    """Remove an item that no version and no entry needs any longer, with its assignments."""
    session.execute(delete(ItemAssignment).where(ItemAssignment.item_id == item.id))
    session.delete(item)
    session.flush()


def checked_line(text: str, name: str, field: str, longest: int, *, optional: bool = False) -> str:
    """Return one line of words as it may be stored.

    Raises:
        InvalidInput: it is blank though needed, has a line break, or is too long.

    """
    text = clean_input(text).strip("\n")
    if not optional and not text.strip():
        raise InvalidInput(f"{name}を入力してください。", field=field)
    if "\n" in text:
        raise InvalidInput(f"{name}は改行せずに入力してください。", field=field)
    if len(text) > longest:
        raise InvalidInput(f"{name}は{longest}文字以内にしてください。", field=field)
    return text


def fingerprint(words: Any) -> str:
    """Return a short mark of some words: a form carries it to tell whether they changed since."""
    text = json.dumps(words, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def words_seen(guideline: Guideline) -> str:
    """Return the mark of title, legend heading and note."""
    return fingerprint(_words(guideline))


def categories_seen(guideline: Guideline) -> str:
    """Return the mark of the legend."""
    return fingerprint(_legend(guideline))


def _words(guideline: Guideline) -> dict[str, str]:
    return {
        "title": guideline.title,
        "category_note": guideline.category_note,
        "note": guideline.note,
    }


def _legend(guideline: Guideline) -> list[list[str]]:
    return [[category.code, category.label] for category in guideline.categories]
