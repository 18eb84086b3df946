"""Masks: spans that the public text leaves out. The words themselves never enter the audit log."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import Campaign, Opinion, OpinionMask
from participation.campaigns.queries import masks as queries
from participation.campaigns.queries.opinions import masks_of
from participation.campaigns.services.answer_rules import hold_answers
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, PermissionDenied, StateConflict
from participation.core.text import clean_input

FIELDS = ("text", "reason", "place")
LONGEST_REASON = 500
MOST_AT_ONCE = 200


def mask_span(
    session: Session,
    campaign: Campaign,
    opinion: Opinion,
    spans: Sequence[tuple[str, int, int]],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> list[OpinionMask]:
    """Mask spans of an opinion; they are hidden at once and wait for a second person's check.

    Args:
        session: the session of the act.
        campaign: whose opinion it is.
        opinion: the opinion, or a part of a split one.
        spans: (field, start, stop), in characters, stop exclusive.
        reason: why, for the file; 第三者の氏名 …
        actor: who.
        now: when.

    Returns:
        The new masks; a span that a mask already covers gets none.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        InvalidInput: no reason, or a span that is not within the text.
        StateConflict: the opinion was split, or the answers may not be changed now.

    """
    reason = clean_input(reason).strip()
    if not reason:
        raise InvalidInput("公開しない理由を入力してください。", field="reason")
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(f"理由は{LONGEST_REASON}文字以内で入力してください。", field="reason")
    if actor.staff_id is None:
        raise PermissionDenied("この操作は職員だけが行えます。")
    hold_answers(session, campaign, actor=actor)
    session.refresh(opinion)
    if opinion.split:
        raise StateConflict("この意見は分割されています。分割した部分のページで指定してください。")
    own = {(mask.field, mask.start, mask.stop) for mask in masks_of(session, [opinion.id])}
    made = []
    for field, start, stop in spans:
        if field not in FIELDS or not 0 <= start < stop <= len(getattr(opinion, field)):
            raise InvalidInput(
                "公開しない範囲が、意見の文の中にありません。選び直してください。", field="start"
            )
        if any(f == field and a <= start and stop <= b for f, a, b in own):
            continue
        own.add((field, start, stop))
        made.append(
            OpinionMask(
                opinion_id=opinion.id,
                field=field,
                start=start,
                stop=stop,
                reason=reason,
                made_by=actor.staff_id,
                made_at=now,
            )
        )
    session.add_all(made)
    session.flush()
    if made:
        audit.record(
            session,
            "campaigns.mask.made",
            department_id=campaign.department_id,
            subject=f"opinion:{opinion.id}",
            actor=actor,
            now=now,
            after={"masks": [_place(mask) for mask in made]},
            reason=reason,
        )
    return made


def mask_phrase(
    session: Session,
    campaign: Campaign,
    opinion: Opinion,
    phrase: str,
    *,
    nth: int | None = None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> list[OpinionMask]:
    """Mask a phrase wherever it stands in the opinion, or only where it stands the nth time.

    Returns and raises as ``mask_span``; also InvalidInput when the phrase does not stand there.
    """
    found = find_phrase(opinion, phrase)
    if nth is not None:
        found = found[nth - 1 : nth] if nth > 0 else []
    if not found:
        raise InvalidInput(
            "この語句は、意見・理由・該当箇所のどこにもその回数ではありません。"
            "意見の文からそのまま写して入力してください。",
            field="phrase",
        )
    return mask_span(session, campaign, opinion, found, reason=reason, actor=actor, now=now)


def find_phrase(opinion: Opinion, phrase: str) -> list[tuple[str, int, int]]:
    """Return where a phrase stands: in 意見 first, then 理由, then 該当箇所."""
    phrase = clean_input(phrase).strip()
    found: list[tuple[str, int, int]] = []
    if not phrase:
        return found
    for field in FIELDS:
        text: str = getattr(opinion, field)
        at = text.find(phrase)
        while at >= 0 and len(found) < MOST_AT_ONCE:
            found.append((field, at, at + len(phrase)))
            at = text.find(phrase, at + len(phrase))
    return found


def check_masks(
    session: Session,
    campaign: Campaign,
    mask_ids: Sequence[int],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Confirm masks as a second person; return how many were not checked before.

    Raises:
        NotFound: the campaign is out of reach, or a mask is not of it.
        PermissionDenied: one of them was made by the actor.
        InvalidInput: none was chosen.
        StateConflict: the answers may not be changed now.

    """
    if not mask_ids:
        raise InvalidInput("確認する箇所を1つ以上選んでください。")
    hold_answers(session, campaign, actor=actor)
    masks = [queries.get_mask(session, campaign, number) for number in sorted(set(mask_ids))]
    if any(mask.made_by == actor.staff_id for mask in masks):
        raise PermissionDenied(
            "自分で指定した非公開の箇所は、自分では確認できません。ほかの職員に確認を依頼してください。"
        )
    waiting = [mask for mask in masks if mask.checked_by is None]
    for mask in waiting:
        mask.checked_by = actor.staff_id
        mask.checked_at = now
    session.flush()
    for mask in waiting:
        audit.record(
            session,
            "campaigns.mask.checked",
            department_id=campaign.department_id,
            subject=f"opinion:{mask.opinion_id}",
            actor=actor,
            now=now,
            before={"checked": False},
            after={"checked": True, "masks": [_place(mask)]},
        )
    return len(waiting)


def remove_mask(
    session: Session,
    campaign: Campaign,
    mask: OpinionMask,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Take a mask away; the words under it can be published again.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        InvalidInput: no reason.
        StateConflict: the answers may not be changed now.

    """
    reason = clean_input(reason).strip()
    if not reason:
        raise InvalidInput("取り消す理由を入力してください。", field="reason")
    hold_answers(session, campaign, actor=actor)
    opinion_id = mask.opinion_id
    before = {"masks": [_place(mask)], "checked": mask.checked_by is not None}
    session.delete(mask)
    session.flush()
    audit.record(
        session,
        "campaigns.mask.removed",
        department_id=campaign.department_id,
        subject=f"opinion:{opinion_id}",
        actor=actor,
        now=now,
        before=before,
        reason=reason,
    )


def _place(mask: OpinionMask) -> dict[str, str | int]:
    return {"field": mask.field, "start": mask.start, "stop": mask.stop}
