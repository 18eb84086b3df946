"""Which activities a department can draft its entries from, and where they would go."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.core.activities import Activity, ActivitySource
from participation.reports.models import Entry, EntryKind
from participation.reports.queries.entries import LIVE, columns_of_round


@dataclass(frozen=True)
class Offer:
    """A sentence that an activity proposes for one column of the round."""

    source: str  # label of the source: パブリックコメント
    activity: Activity
    kind: EntryKind
    text: str
    item_id: int | None  # where entries of this kind of activity usually stand
    entry: Entry | None  # that was drafted from it already


def offers(
    session: Session,
    sources: Sequence[ActivitySource],
    round_year: int,
    department_ids: Collection[int],
) -> list[Offer]:
    """Return what the sources propose for a department's part of a round, by column and date.

    Args:
        session: the session.
        sources: how the features speak to the report.
        round_year: the year of the round.
        department_ids: the department and those it has taken over from.

    """
    found: list[tuple[str, Activity, EntryKind, str]] = []
    for kind, year in columns_of_round(round_year):
        for source in sources:
            for activity in source.activities(session, year):
                text = activity.result if kind is EntryKind.RESULT else activity.plan
                if text and activity.department_id in department_ids:
                    found.append((source.label, activity, kind, text))
    drafted = _drafted(session, [activity.ref for _, activity, _, _ in found])
    usual = _usual_items(session, {activity.kind for _, activity, _, _ in found})
    return [
        Offer(
            source,
            activity,
            kind,
            text,
            usual.get(activity.kind),
            drafted.get((activity.ref, kind, activity.fiscal_year)),
        )
        for source, activity, kind, text in found
    ]


def _drafted(session: Session, refs: Collection[str]) -> dict[tuple[str, EntryKind, int], Entry]:
    living = select(Entry).where(Entry.activity_ref.in_(refs), Entry.state.in_(LIVE))
    return {
        (entry.activity_ref, entry.kind, entry.fiscal_year): entry
        for entry in session.scalars(living)
    }


def _usual_items(session: Session, kinds: Collection[str]) -> dict[str, int]:
    """Return for each kind of activity the item with most entries of it in all years."""
    counted = session.execute(
        select(Entry.activity_type, Entry.item_id)
        .where(Entry.activity_type.in_(kinds), Entry.state.in_(LIVE))
        .group_by(Entry.activity_type, Entry.item_id)
        .order_by(func.count(), Entry.item_id.desc())
    )
    return {row.activity_type: row.item_id for row in counted}  # the last one, with most, stays
