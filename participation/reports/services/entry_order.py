"""The order of a department's entries within one cell of the report."""

from datetime import datetime
from itertools import pairwise

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from participation.core.actors import Actor
from participation.core.errors import StateConflict
from participation.reports.models import Entry
from participation.reports.queries import entries as queries
from participation.reports.services.entry_steps import MOVE, hold_entry, refusal, take_step


def move_entry(session: Session, entry: Entry, *, up: bool, actor: Actor, now: datetime) -> bool:
    """Change places with the neighbour above or below in the same cell of the department.

    Returns:
        Whether there was a neighbour.

    Raises:
        NotFound: the entry is out of the actor's reach.
        StateConflict: one of the two has been approved already, or the round is not open.

    """
    hold_entry(session, entry, MOVE, actor)
    if entry.state not in MOVE.sources:
        raise StateConflict(refusal(entry.state))
    cell = queries.entries_in(session, queries.place_of(entry))
    _number_apart(session, cell)
    place = cell.index(entry)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(cell):
        return False
    neighbour = cell[other]
    if neighbour.state not in MOVE.sources:
        raise StateConflict(
            "隣の記載は課長の確認が済んでいるため、並べ替えられません。"
            "並び順を変えるときは、課長に差戻しを依頼してください。"
        )
    ours, theirs = entry.position, neighbour.position
    take_step(session, entry, MOVE, actor=actor, now=now, values={"position": theirs})
    take_step(session, neighbour, MOVE, actor=actor, now=now, values={"position": ours})
    return True


def _number_apart(session: Session, cell: list[Entry]) -> None:
    """Give the entries of a cell positions of their own, in the order they have; no step."""
    if all(one.position < two.position for one, two in pairwise(cell)):
        return
    for position, entry in enumerate(cell):
        session.execute(
            update(Entry)
            .where(Entry.id == entry.id)
            .values(position=position)
            .execution_options(synchronize_session=False)
        )
        set_committed_value(entry, "position", position)
