"""Answers from a spreadsheet: read, shown as a difference cell by cell, stored as a whole.

A cell that somebody changed on the screen since the file was exported is a conflict: it is shown
and not overwritten. Between the preview and the storing nothing may have moved.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import (
    Campaign,
    CampaignImport,
    ImportKind,
    ImportState,
    OpinionGroup,
)
from participation.campaigns.queries.groups import categories_of, groups_in_order
from participation.campaigns.services.answer_rules import hold_answers
from participation.campaigns.services.groups import (
    GroupWords,
    amendment_number,
    check_ready,
    checked_words,
    edit_group,
    words_of,
)
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.core.text import clean_input, compare_key, same_text
from participation.sheets.checking import Problem
from participation.sheets.columns import match_columns
from participation.sheets.read import read_table
from participation.sheets.table import BadRow, Limits

MOST_ROWS = 5_000
_LIMITS = Limits(file_bytes=16 * 1024 * 1024, rows=MOST_ROWS)
_COLUMNS = {
    "number": ("番号",),
    "version": ("版",),
    "heading": ("項目", "章・項目"),
    "summary": ("要旨", "意見の要旨"),
    "view": ("市の考え方",),
    "category": ("区分", "対応区分"),
    "assigned_to": ("担当係", "係"),
}
_SHOWN_VALUE = 200
_OPTIONAL = ("heading", "summary", "view", "category", "assigned_to")
CELL_LABELS = {
    "heading": "項目",
    "summary": "要旨",
    "view": "市の考え方",
    "category": "区分",
    "assigned_to": "担当係",
}


def read_answers(
    session: Session,
    campaign: Campaign,
    data: bytes,
    *,
    file_name: str,
    actor: Actor,
    now: datetime,
) -> CampaignImport:
    """Read a file of answers and keep its differences for a preview; no answer changes yet.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        InvalidInput: the file as a whole cannot be read.
        StateConflict: the answers may not be changed now.

    """
    bad: list[BadRow] = []
    table = read_table(data, filename=file_name, limits=_LIMITS, on_bad_row=bad.append)
    columns = match_columns(table.header, _COLUMNS, optional=_OPTIONAL)
    rows = [
        (line, {name: cells[index] for name, index in columns.items()})
        for line, cells in table.rows
    ]
    hold_answers(session, campaign, actor=actor)
    reader = _Reader(session, campaign)
    for problem in bad:
        reader.refuse(problem.line, problem.column or "", "", problem.reason)
    for line, cells in rows:
        reader.row(line, cells)
    found = CampaignImport(
        campaign_id=campaign.id,
        kind=ImportKind.ANSWERS,
        state=ImportState.REFUSED if reader.problems else ImportState.READY,
        file_name=file_name[:255],
        total_rows=len(rows) + len(bad),
        changed_rows=sum(not row["conflict"] for row in reader.changes),
        same_rows=reader.same,
        bad_rows=len({problem["row"] for problem in reader.problems}),
        problems=reader.problems,
        sample=reader.changes,
        notes=list(table.notes),
        created_by=actor.staff_id,
        created_at=now,
    )
    session.add(found)
    session.flush()
    return found


def store_answers(
    session: Session, campaign: Campaign, found: CampaignImport, *, actor: Actor, now: datetime
) -> int:
    """Store the changes that the preview showed, all of them or none; return how many groups.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        StateConflict: it is not waiting for this, somebody changed one of the answers since the
            preview, or the answers may not be changed now.

    """
    hold_answers(session, campaign, actor=actor)
    session.refresh(found, with_for_update=True)
    if found.state is not ImportState.READY:
        raise StateConflict("この取り込みはすでに終わっています。一覧で状態を確かめてください。")
    wanted = [row for row in found.sample if not row["conflict"]]
    groups = {group.number: group for group in groups_in_order(session, campaign)}
    stale = [
        row["number"]
        for row in wanted
        if row["number"] not in groups or groups[row["number"]].version != row["version"]
    ]
    if stale:
        raise StateConflict(
            f"確かめた後に、{'、'.join(map(str, stale[:20]))}番の回答が変わりました。"
            "何も取り込んでいません。同じファイルをもう一度選んで、差を確かめ直してください。"
        )
    codes = {row.code: row.id for row in categories_of(session, campaign)}
    for row in wanted:
        group = groups[row["number"]]
        edit_group(
            session,
            campaign,
            group,
            _words(group, {name: cell[1] for name, cell in row["cells"].items()}, codes),
            version=group.version,
            actor=actor,
            now=now,
        )
    found.state = ImportState.STORED
    found.stored_at = now
    session.flush()
    audit.record(
        session,
        "campaigns.answers.imported",
        department_id=campaign.department_id,
        subject=f"campaign_import:{found.id}",
        actor=actor,
        now=now,
        after={"file_name": found.file_name, "rows": len(wanted)},
    )
    return len(wanted)


def discard_answers(
    session: Session, campaign: Campaign, found: CampaignImport, *, actor: Actor, now: datetime
) -> None:
    """Give an import up; nothing was changed by it.

    Raises:
        StateConflict: it was stored or given up already.

    """
    session.refresh(found, with_for_update=True)
    if found.state not in {ImportState.READY, ImportState.REFUSED}:
        raise StateConflict("この取り込みはすでに終わっています。")
    found.state = ImportState.DISCARDED
    found.sample = []
    session.flush()
    audit.record(
        session,
        "campaigns.answers.discarded",
        department_id=campaign.department_id,
        subject=f"campaign_import:{found.id}",
        actor=actor,
        now=now,
        before={"file_name": found.file_name},
    )


def get_import(session: Session, campaign: Campaign, import_id: int) -> CampaignImport:
    """Return an import of answers of ``campaign``.

    Raises:
        NotFound: there is none, or it is another campaign's.

    """
    found = session.scalar(
        select(CampaignImport).where(
            CampaignImport.id == import_id,
            CampaignImport.campaign_id == campaign.id,
            CampaignImport.kind == ImportKind.ANSWERS,
        )
    )
    if found is None:
        raise NotFound("その取り込みは見つかりませんでした。")
    return found


class _Reader:
    """Compares the rows of a file with the answers as they stand."""

    def __init__(self, session: Session, campaign: Campaign) -> None:
        self.session = session
        self.campaign = campaign
        self.groups = {group.number: group for group in groups_in_order(session, campaign)}
        categories = categories_of(session, campaign)
        self.codes = {row.code: row.id for row in categories}
        self.code_of = {row.id: row.code for row in categories}
        self.by_key = {compare_key(row.code): row.code for row in categories}
        self.seen: set[int] = set()
        self.changes: list[dict[str, Any]] = []
        self.problems: list[dict[str, Any]] = []
        self.same = 0

    def refuse(self, line: int, column: str, value: str, reason: str) -> None:
        """Note what must be put right in the file."""
        self.problems.append(Problem(line, column, value[:_SHOWN_VALUE], reason).plain())

    def row(self, line: int, cells: Mapping[str, str]) -> None:
        """Read one row."""
        number, version = _whole(cells["number"]), _whole(cells["version"])
        group = self.groups.get(number) if number is not None else None
        if group is None:
            self.refuse(line, "番号", cells["number"], "この番号のグループはありません。")
            return
        if version is None:
            self.refuse(line, "版", cells["version"], "書き出したときの版の数字が必要です。")
            return
        if group.number in self.seen:
            self.refuse(line, "番号", cells["number"], "同じ番号の行が2つあります。")
            return
        self.seen.add(group.number)
        changed = self._changed(line, group, cells)
        if changed is None:
            return
        if not changed:
            self.same += 1
            return
        conflict = version != group.version
        if not conflict and not self._fits(line, group, changed):
            return
        self.changes.append(
            {
                "row": line,
                "number": group.number,
                "version": group.version,
                "conflict": conflict,
                "cells": changed,
            }
        )

    def _changed(
        self, line: int, group: OpinionGroup, cells: Mapping[str, str]
    ) -> dict[str, list[str]] | None:
        """Return the cells that differ as {name: [before, after]}; None: the row is refused."""
        changed: dict[str, list[str]] = {}
        for name, label in CELL_LABELS.items():
            if name not in cells:
                continue
            before = (
                self.code_of.get(group.category_id or 0, "")
                if name == "category"
                else str(getattr(group, name))
            )
            after = clean_input(cells[name])
            if name == "category":
                key = compare_key(after)
                if key and key not in self.by_key:
                    self.refuse(line, label, after, "この記号の対応区分はありません。")
                    return None
                after = self.by_key.get(key, "")
            elif name in {"heading", "assigned_to"}:
                after = after.strip()
            # A way through Excel or CP932 that changed no word is no change.
            if not same_text(before, after):
                changed[name] = [before, after]
        return changed

    def _fits(self, line: int, group: OpinionGroup, changed: Mapping[str, list[str]]) -> bool:
        """Whether the group may have the new words; notes why not."""
        try:
            words = checked_words(
                _words(group, {name: cell[1] for name, cell in changed.items()}, self.codes)
            )
            amendments = amendment_number(self.session, group.id)
            check_ready(self.session, self.campaign, words, amendments=amendments)
        except InvalidInput as error:
            label = CELL_LABELS.get(str(error.field), "")
            self.refuse(line, label, "", str(error))
            return False
        return True


def _words(group: OpinionGroup, cells: Mapping[str, str], codes: Mapping[str, int]) -> GroupWords:
    """Return the words of ``group`` with the cells of a row put in."""
    values: dict[str, Any] = {name: cell for name, cell in cells.items() if name != "category"}
    if "category" in cells:
        values["category_id"] = codes.get(cells["category"])
    return replace(words_of(group), **values)


def _whole(text: str) -> int | None:
    key = compare_key(text)
    small = key.isascii() and key.isdecimal() and len(key) <= 9  # noqa: PLR2004 -- a row's number
    return int(key) if small else None
