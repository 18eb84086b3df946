"""How workshops speak to the yearly report."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.city import queries as city
from participation.city.workshop_kinds import DEFAULT_VERB, Kind
from participation.core import clock
from participation.core.activities import Activity
from participation.workshops.models import Workshop, WorkshopDay, WorkshopState
from participation.workshops.queries.attendance import People, people

# What the entries' activity_type calls it.
ACTIVITY = "workshop_event"
# How a verb of a kind reads when it is still to come (domain.md 5.4).
_TENSES = (("した", "する"), ("行った", "行う"), ("開いた", "開く"), ("設けた", "設ける"))


class WorkshopActivities:
    """Workshops, citizens' meetings, briefings as activities of their departments."""

    method = "workshop"
    label = "ワークショップ・市民会議・説明会など"

    def activities(self, session: Session, year: int) -> Sequence[Activity]:
        """Return the workshops of a fiscal year by their first day.

        One that was cancelled or postponed is told with its reason (domain.md 5.4, P6). What was
        held follows from the clock.
        """
        now = clock.now()
        kinds = {kind.key: kind for kind in city.kinds(session)}
        found = session.scalars(
            select(Workshop)
            .where(Workshop.fiscal_year == year, Workshop.first_day.is_not(None))
            .order_by(Workshop.first_day, Workshop.id)
        )
        return [
            _activity(session, one, kinds.get(one.kind, Kind(one.kind, one.kind)), now)
            for one in found
        ]


def _activity(session: Session, workshop: Workshop, kind: Kind, now: datetime) -> Activity:
    assert workshop.first_day is not None
    title = f"「{workshop.title}」"
    held = [day for day in workshop.days if not day.stop_reason and day.ends_at <= now]
    was_announced = workshop.state is not WorkshopState.PREPARING
    result, figures = "", {}
    if was_announced and held:
        came = people(session, workshop.id)
        figures = {"times": len(held), "people": came.total, "distinct": came.distinct}
        counts = _counts(held, came)
        result = f"{title}{kind.verb}（{counts}）。" if counts else f"{title}{kind.verb}。"
    stop = _stop(workshop)
    if stop:
        # What was held before it was stopped stays in front.
        result = f"{result}{f'残りの回は、{stop}' if result else f'{title}は、{stop}'}"
    cancelled = workshop.state is WorkshopState.CANCELLED
    return Activity(
        ref=f"workshop:{workshop.id}",
        kind=ACTIVITY,
        title=workshop.title,
        department_id=workshop.department_id,
        fiscal_year=workshop.fiscal_year,
        day=clock.local_date(held[-1].starts_at) if result and held else workshop.first_day,
        result=result,
        plan="" if cancelled else f"{title}{planned(kind.verb)}。",
        figures=figures,
    )


def planned(verb: str) -> str:
    """Return a kind's verb as it reads before: を開催した → を開催する."""
    for past, present in _TENSES:
        if verb.endswith(past):
            return verb.removesuffix(past) + present
    return planned(DEFAULT_VERB)


def _counts(held: Sequence[WorkshopDay], came: People) -> str:
    words = [f"{len(held)}回"] if len(held) > 1 else []
    if came.total and came.total == came.distinct:
        words.append(f"参加{came.total:,}人")
    elif came.total:
        words.append(f"延べ{came.total:,}人、実人数{came.distinct:,}人")
    return "、".join(words)


def _stop(workshop: Workshop) -> str:
    reason = workshop.stop_reason.rstrip("。 　\n")
    if workshop.state is WorkshopState.CANCELLED:
        return f"{reason}、中止とした。"
    if workshop.state is WorkshopState.POSTPONED:
        return f"{reason}、延期とした。"
    return ""
