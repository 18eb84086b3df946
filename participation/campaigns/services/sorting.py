"""Bulk acts on opinions: into a group, to a section, out of scope; thousands at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from participation import audit
from participation.campaigns.models import Campaign, Opinion, OpinionGroup, Submission
from participation.campaigns.queries.opinions import OpinionFilter, conditions
from participation.campaigns.services.answer_rules import hold_answers
from participation.campaigns.services.groups import LONGEST_SECTION
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound
from participation.core.text import clean_input

# So many rows fit into one IN list of either database; a selection beyond it is cut in pieces.
_PIECE = 2_000
# The audit log names the opinions as long as a person could read that.
_NAMED = 1_500  # characters


@dataclass(frozen=True)
class Selection:
    """The opinions of a bulk act: those that were ticked, or all that a filter finds."""

    ids: tuple[int, ...] = ()
    every: OpinionFilter | None = None


def put_in_group(
    session: Session,
    campaign: Campaign,
    selection: Selection,
    group: OpinionGroup | None,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Put opinions into a group, or into none; a whole cluster is one statement.

    Returns:
        How many opinions moved; those that stood there already don't count.

    Raises:
        InvalidInput: nothing was selected, or an opinion was split meanwhile.
        NotFound: the campaign is out of reach, or an opinion is not of this campaign.
        StateConflict: the answers may not be changed now.

    """
    to_id = None if group is None else group.id
    return _change(
        session,
        campaign,
        selection,
        "sorted",
        column=Opinion.group_id,
        value=to_id,
        actor=actor,
        now=now,
    )


def assign_opinions(
    session: Session,
    campaign: Campaign,
    selection: Selection,
    section: str,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Give opinions to a section (係) of the department, or to none with an empty name.

    Returns and raises as ``put_in_group``.
    """
    section = clean_input(section).strip()
    if len(section) > LONGEST_SECTION:
        raise InvalidInput(
            f"担当の係は{LONGEST_SECTION}文字以内で入力してください。", field="to_section"
        )
    return _change(
        session,
        campaign,
        selection,
        "section_set",
        column=Opinion.assigned_to,
        value=section,
        actor=actor,
        now=now,
    )


def set_out_of_scope(
    session: Session,
    campaign: Campaign,
    selection: Selection,
    *,
    outside: bool,
    reason: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Mark opinions as 対象外, or take the mark off; they are kept and counted apart.

    Returns and raises as ``put_in_group``; a reason is needed to mark.
    """
    reason = clean_input(reason).strip()
    if outside and not reason:
        raise InvalidInput("対象外とする理由を入力してください。", field="outside_reason")
    return _change(
        session,
        campaign,
        selection,
        "scoped",
        column=Opinion.out_of_scope,
        value=outside,
        reason=reason,
        actor=actor,
        now=now,
    )


def _change(
    session: Session,
    campaign: Campaign,
    selection: Selection,
    verb: str,
    *,
    column: InstrumentedAttribute[Any],
    value: object,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> int:
    """Set one column of the selected opinions: a few statements and one event at any number."""
    hold_answers(session, campaign, actor=actor)
    session.flush()
    _check(session, campaign, selection)
    before: dict[Any, int] = {}
    changed = 0
    names: list[int] = []
    for condition in _pieces(campaign, selection):
        other = and_(condition, column.is_distinct_from(value))
        for old, number in session.execute(
            select(column, func.count()).where(other).group_by(column)
        ):
            before[old] = before.get(old, 0) + number
        if sum(before.values()) <= _NAMED:
            names += session.scalars(select(Opinion.id).where(other).order_by(Opinion.id))
        result = session.execute(
            update(Opinion)
            .where(other)
            .values({column.key: value})
            .execution_options(synchronize_session=False)
        )
        assert isinstance(result, CursorResult)
        changed += result.rowcount
    session.expire_all()
    if changed:
        audit.record(
            session,
            f"campaigns.opinion.{verb}",
            department_id=campaign.department_id,
            subject=f"campaign:{campaign.id}",
            actor=actor,
            now=now,
            reason=reason,
            before={column.key: [{"value": old, "rows": n} for old, n in before.items()]},
            after={column.key: value, "rows": changed, **_named(selection, sorted(names), changed)},
        )
    return changed


def _check(session: Session, campaign: Campaign, selection: Selection) -> None:
    """Refuse an empty selection, opinions of another campaign, and what was split meanwhile."""
    if selection.every is not None:
        return
    wanted = set(selection.ids)
    if not wanted:
        raise InvalidInput("意見を1件以上選んでください。")
    here = split = 0
    for ids in _cut(sorted(wanted)):
        number, parts = session.execute(
            select(func.count(), func.count().filter(Opinion.split)).where(
                Opinion.campaign_id == campaign.id, Opinion.id.in_(ids)
            )
        ).one()
        here, split = here + number, split + parts
    if here != len(wanted):
        raise NotFound("選んだ意見が見つかりませんでした。一覧から選び直してください。")
    if split:
        raise InvalidInput(
            "選んだ意見のうちに、分割されたものがあります。一覧を開き直して、分割した部分を選んでください。"
        )


def _pieces(campaign: Campaign, selection: Selection) -> Iterator[ColumnElement[bool]]:
    every = selection.every
    if every is None:
        for ids in _cut(sorted(set(selection.ids))):
            yield and_(Opinion.campaign_id == campaign.id, ~Opinion.split, Opinion.id.in_(ids))
        return
    found = conditions(campaign, every)
    if every.to_sort:
        matching = (
            select(Opinion.id)
            .join(Submission, Submission.id == Opinion.submission_id)
            .where(*found)
        )
        yield Opinion.id.in_(matching)
        return
    yield and_(*found)


def _cut(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(ids), _PIECE):
        yield ids[first : first + _PIECE]


def _named(selection: Selection, ids: Sequence[int], changed: int) -> dict[str, Any]:
    """Return what the audit log says about which opinions they were."""
    found: dict[str, Any] = {}
    if selection.every is not None and selection.every.cluster_id is not None:
        found["cluster"] = selection.every.cluster_id
    if len(ids) == changed:
        text = _ranges(ids)
        if len(text) <= _NAMED:
            found["opinion_ids"] = text
    return found


def _ranges(ids: Sequence[int]) -> str:
    """Return 1, 2, 3, 7 as 「1-3、7」."""
    runs: list[list[int]] = []
    for number in ids:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return "、".join(f"{a}-{b}" if a != b else str(a) for a, b in runs)
