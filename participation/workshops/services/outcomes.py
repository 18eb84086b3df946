"""What came of a workshop (開催結果): written by one, published by another, corrected openly."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, PermissionDenied, StateConflict
from participation.core.markdown import to_text
from participation.core.text import clean_input, opening
from participation.workshops.models import Workshop, WorkshopOutcome, WorkshopState
from participation.workshops.queries.outcomes import files_of, find_outcome, unpublished_files
from participation.workshops.services.freezing import hold_pools
from participation.workshops.services.state_machine import hold
from participation.workshops.services.steps import mark_reported

MAX_TEXT = 20_000
MAX_LINKS = 10
MAX_LABEL = 200
MAX_REASON = 500
_WRITABLE = frozenset({WorkshopState.ANNOUNCED, WorkshopState.REPORTED})


def edit_outcome(
    session: Session,
    workshop: Workshop,
    *,
    said: str,
    became: str,
    links: Sequence[Mapping[str, str]],
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Write what was said and what came of it; return whether anything differs.

    Residents see it with the next publication.

    Args:
        session: the session of the act.
        workshop: one that is announced.
        said: 出された意見, Markdown.
        became: 市の考え方と反映, Markdown.
        links: where it is taken up: ``reference`` of a public thing (checked by the caller), or a
            ``label`` alone for a plan.
        version: of the outcome that the editor saw, 0 for none.
        actor: who writes.
        now: when.

    Raises:
        StateConflict: somebody else has changed it meanwhile, or the workshop has no outcome in
            its state.
        InvalidInput: a text is too long, or there are too many links.

    """
    outcome = begin(session, workshop, version, now)
    new = {
        "said": _text(said, "said"),
        "became": _text(became, "became"),
        "links": _links(links),
    }
    before = {name: getattr(outcome, name) for name in new}
    if before == new:
        return False
    for name, value in new.items():
        setattr(outcome, name, value)
    record(session, workshop, outcome, "edited", actor=actor, now=now, before=before, after=new)
    return True


def publish_outcome(
    session: Session,
    workshop: Workshop,
    *,
    version: int,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """決裁して公表する: what is written now, with all files, is what residents see from now on.

    Args:
        session: the session of the act.
        workshop: one whose first day has begun.
        version: of the outcome that the approver has read.
        reason: why it is corrected; needed from the second time on, and public.
        actor: who publishes; not the one who edited it last.
        now: when.

    Raises:
        PermissionDenied: the actor edited it last.
        StateConflict: nothing is written, it was changed meanwhile, nothing differs from what is
            published, or the workshop is not in a state to have an outcome.
        InvalidInput: a correction without its reason.

    """
    # In the one order of locks; mark_reported takes them all.
    hold_pools(session, workshop)
    outcome = begin(session, workshop, version, now)
    if not (outcome.said.strip() or outcome.became.strip()):
        raise StateConflict("公表する内容がありません。開催結果を入力してください。")
    if actor.staff_id is not None and actor.staff_id == outcome.edited_by:
        raise PermissionDenied(
            "自分が最後に編集した開催結果は公表できません。ほかの承認者に依頼してください。"
        )
    words: dict[str, Any] = {
        "said": outcome.said,
        "became": outcome.became,
        "links": list(outcome.links),
    }
    reason = clean_input(reason).strip()
    if outcome.published_at is not None:
        if outcome.published == words and not unpublished_files(session, workshop.id):
            raise StateConflict("公表している内容と同じです。変更してから公表してください。")
        if not reason or len(reason) > MAX_REASON:
            raise InvalidInput(
                f"訂正の理由を{MAX_REASON}文字以内で入力してください。公表されます。",
                field="reason",
            )
        outcome.corrections = [*outcome.corrections, {"at": now.isoformat(), "reason": reason}]
    else:
        reason = ""
        outcome.published_at = now
    outcome.published = words
    for held in files_of(session, workshop.id):
        if held.file.published_at is None:
            held.file.published_at = now
    record(
        session,
        workshop,
        outcome,
        "published",
        actor=actor,
        now=now,
        after={**words, "files": [held.file.title for held in files_of(session, workshop.id)]},
        reason=reason,
        edits=False,
    )
    text = (
        f"開催結果を訂正しました。{reason}"
        if reason
        else opening(to_text(outcome.became or outcome.said))
    )
    mark_reported(session, workshop, text=text, actor=actor, now=now)


def begin(session: Session, workshop: Workshop, version: int, now: datetime) -> WorkshopOutcome:
    """Lock the workshop and return its outcome as it is now, a new one if need be.

    Raises:
        StateConflict: the workshop has no outcome in its state, or its outcome is another than the
            one that was looked at.

    """
    hold(session, workshop)
    if workshop.state not in _WRITABLE:
        raise StateConflict("開催結果を書けるのは、公表していて、延期や中止をしていない催しです。")
    outcome = find_outcome(session, workshop.id)
    if outcome is None:
        outcome = WorkshopOutcome(workshop_id=workshop.id, updated_at=now, version=0)
        outcome.said = outcome.became = ""
        outcome.links, outcome.corrections = [], []
        session.add(outcome)
        session.flush()
    else:
        session.refresh(outcome)
    if outcome.version != version:
        raise StateConflict(
            "確かめている間に、ほかの人が開催結果を変更しました。"
            "最新の内容を確かめて、もう一度操作してください。"
        )
    return outcome


def record(
    session: Session,
    workshop: Workshop,
    outcome: WorkshopOutcome,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    edits: bool = True,
) -> None:
    """Count the change, flush it and write it into the audit log."""
    outcome.version += 1
    outcome.updated_at = now
    if edits:
        outcome.edited_by = actor.staff_id
    session.flush()
    audit.record(
        session,
        f"workshops.outcome.{verb}",
        actor=actor,
        now=now,
        subject=f"workshop:{workshop.id}",
        department_id=workshop.department_id,
        before=before,
        after=after,
        reason=reason,
    )


def _text(text: str, field: str) -> str:
    text = clean_input(text)
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"{MAX_TEXT:,}文字以内にしてください。", field=field)
    return text


def _links(links: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    if len(links) > MAX_LINKS:
        raise InvalidInput(f"反映先は{MAX_LINKS}件以内にしてください。", field="plans")
    found = []
    for one in links:
        label = clean_input(one.get("label", "")).strip()
        if len(label) > MAX_LABEL:
            raise InvalidInput(f"1行は{MAX_LABEL}文字以内にしてください。", field="plans")
        if one.get("reference"):
            found.append({"reference": one["reference"], "label": label})
        elif label:
            found.append({"label": label})
    return found
