"""One step for many entries at once: each is taken or skipped with its reason, none is lost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.reports.models import Entry
from participation.reports.queries.entries import round_year_of
from participation.reports.services.entry_steps import (
    EntryConflict,
    Step,
    check_reach,
    hold_round,
    refusal,
    take_step,
    unseen_change,
)

# Pairs of an entry's id and the version that the person saw when choosing it.
Selection = Sequence[tuple[int, int]]
# So many rows fit into one IN list of either database; a selection beyond it is cut in pieces.
_PIECE = 500


@dataclass(frozen=True)
class Skipped:
    """An entry that did not take the step, and why not."""

    entry: Entry
    reason: str


@dataclass(frozen=True)
class BatchResult:
    """What became of a selection."""

    done: list[Entry] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def take_batch(
    session: Session,
    selection: Selection,
    step: Step,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    objections: Callable[[list[int]], Mapping[int, str]] | None = None,
) -> BatchResult:
    """Take ``step`` for every entry of ``selection`` that can take it.

    Args:
        session: the session of the act.
        selection: ids with the versions that were shown.
        step: the step.
        actor: who takes it.
        now: when.
        reason: the person's reason where the step asks for one.
        objections: given the ids, returns for some of them why they may not take the step;
            asked once, while the rounds are held.

    Returns:
        Which entries took it, and which were skipped for what reason.

    Raises:
        InvalidInput: nothing was selected.
        NotFound: an entry is out of the actor's reach, or none at all; nothing is stored.
        StateConflict: the round is closed.

    """
    if not selection:
        raise InvalidInput("対象を1件以上選んでください。")
    versions = dict(selection)
    entries = hold_selection(session, list(versions), step)
    if len(entries) < len(versions):
        raise NotFound("選んだ記載の一部が見つかりませんでした。一覧を開き直してください。")
    for entry in entries:
        check_reach(actor, step.permission, entry.department_id)
    against = objections([entry.id for entry in entries]) if objections else {}
    result = BatchResult()
    for entry in entries:
        why_not = _why_not(session, entry, versions[entry.id], step) or against.get(entry.id)
        if why_not is None:
            try:
                take_step(session, entry, step, actor=actor, now=now, reason=reason)
            except StateConflict as conflict:
                why_not = str(conflict)
        if why_not is None:
            result.done.append(entry)
        else:
            result.skipped.append(Skipped(entry, why_not))
    return result


def hold_selection(session: Session, ids: list[int], step: Step) -> list[Entry]:
    """Lock the rounds of these entries, then return the entries as they are now, by id."""
    ordered = sorted(set(ids))
    pieces = [ordered[start : start + _PIECE] for start in range(0, len(ordered), _PIECE)]
    rounds = {
        round_year_of(kind, year): (kind, year)
        for piece in pieces
        for kind, year in session.execute(
            select(Entry.kind, Entry.fiscal_year).where(Entry.id.in_(piece)).distinct()
        )
    }
    for _number, (kind, year) in sorted(rounds.items()):
        hold_round(session, kind, year, must_be_open=step.needs_open_round)
    return [
        entry
        for piece in pieces
        for entry in session.scalars(
            select(Entry)
            .where(Entry.id.in_(piece))
            .order_by(Entry.id)
            .execution_options(populate_existing=True)
        )
    ]


def _why_not(session: Session, entry: Entry, version: int, step: Step) -> str | None:
    if entry.state not in step.sources:
        return refusal(entry.state)
    if unseen_change(session, entry, version):
        return str(EntryConflict(entry.id))
    return None
