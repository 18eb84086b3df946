"""One opinion that says several things is split into parts, each a piece of the original's text."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import (
    Campaign,
    Opinion,
    OpinionMask,
    ResultOpinion,
    TextCluster,
)
from participation.campaigns.queries import opinions as queries
from participation.campaigns.search import forget_opinions
from participation.campaigns.services.answer_rules import hold_answers
from participation.campaigns.texts import text_key
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input

MOST_PARTS = 50


def split_opinion(
    session: Session,
    campaign: Campaign,
    opinion: Opinion,
    parts: Sequence[str],
    *,
    actor: Actor,
    now: datetime,
) -> list[Opinion]:
    """Split an opinion into parts; the original stays as sent and is counted no more.

    Each part is a piece of the original's text, in its order; what no part has (a greeting) stays
    in the original only. 理由 and 該当箇所 go with every part, and so do the masks that lie on it.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        InvalidInput: fewer than two parts, or one that is not in the original at its turn.
        StateConflict: it is split already, or the answers may not be changed now.

    """
    hold_answers(session, campaign, actor=actor)
    session.refresh(opinion)
    if opinion.split:
        raise StateConflict("この意見はすでに分割されています。意見のページを開き直してください。")
    spans = find_parts(opinion.text, parts)
    number = session.scalar(
        select(func.max(Opinion.number)).where(Opinion.submission_id == opinion.submission_id)
    )
    made = [
        Opinion(
            campaign_id=opinion.campaign_id,
            submission_id=opinion.submission_id,
            number=(number or 0) + index,
            place=opinion.place,
            passage_id=opinion.passage_id,
            text=opinion.text[start:stop],
            reason=opinion.reason,
            text_key=text_key(opinion.text[start:stop]),
            split_from_id=opinion.id,
            out_of_scope=opinion.out_of_scope,
            assigned_to=opinion.assigned_to,
        )
        for index, (start, stop) in enumerate(spans, start=1)
    ]
    session.add_all(made)
    opinion.split = True
    _leave_clusters(session, [opinion], now=now)
    forget_opinions(session, [opinion])  # found by its parts from now on
    session.flush()
    for mask in queries.masks_of(session, [opinion.id]):
        for part, (start, stop) in zip(made, spans, strict=True):
            _copy_mask(session, mask, part, start, stop)
    session.flush()
    audit.record(
        session,
        "campaigns.opinion.split",
        department_id=campaign.department_id,
        subject=f"opinion:{opinion.id}",
        actor=actor,
        now=now,
        before={"split": False},
        after={"split": True, "parts": [list(span) for span in spans]},
    )
    return made


def join_again(
    session: Session, campaign: Campaign, opinion: Opinion, *, actor: Actor, now: datetime
) -> None:
    """Undo a split: the parts go, the original counts again in the group it had before.

    Masks that were put on a part meanwhile lie on the original then.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        StateConflict: it is not split, a part is itself split, a published result speaks of a
            part, or the answers may not be changed now.

    """
    hold_answers(session, campaign, actor=actor)
    session.refresh(opinion)
    if not opinion.split:
        raise StateConflict("この意見は分割されていません。意見のページを開き直してください。")
    parts = list(queries.parts_of(session, opinion))
    if any(part.split for part in parts):
        raise StateConflict(
            "分割した部分がさらに分割されています。先にそちらを元に戻してください。"
        )
    forget_opinions(session, parts)
    ids = [part.id for part in parts]
    if session.scalar(select(exists().where(ResultOpinion.opinion_id.in_(ids)))):
        raise StateConflict("分割した部分が公表した結果に載っているため、元に戻せません。")
    spans = find_parts(opinion.text, [part.text for part in parts])
    offsets = {part.id: start for part, (start, _stop) in zip(parts, spans, strict=True)}
    _carry_back(session, opinion, offsets)
    groups = sorted({part.group_id for part in parts if part.group_id is not None})
    _leave_clusters(session, parts, now=now)
    session.execute(delete(OpinionMask).where(OpinionMask.opinion_id.in_(ids)))
    session.execute(delete(Opinion).where(Opinion.id.in_(ids)))
    for part in parts:
        session.expunge(part)
    opinion.split = False
    session.flush()
    audit.record(
        session,
        "campaigns.opinion.joined",
        department_id=campaign.department_id,
        subject=f"opinion:{opinion.id}",
        actor=actor,
        now=now,
        before={"split": True, "parts": [list(span) for span in spans], "groups": groups},
        after={"split": False},
    )


def find_parts(text: str, parts: Sequence[str]) -> list[tuple[int, int]]:
    """Return where each part stands in ``text``; blanks around a part don't matter.

    Raises:
        InvalidInput: fewer than two parts, too many, or one that is not there at its turn.

    """
    pieces = [piece for part in parts if (piece := clean_input(part).strip())]
    if len(pieces) < 2:  # noqa: PLR2004 -- one part is no split
        raise InvalidInput(
            "分けたいところに区切りの行を入れて、2つ以上にしてください。", field="parts"
        )
    if len(pieces) > MOST_PARTS:
        raise InvalidInput(f"一度に分けられるのは{MOST_PARTS}個までです。", field="parts")
    spans = []
    end = 0
    for number, piece in enumerate(pieces, start=1):
        start = text.find(piece, end)
        if start < 0:
            raise InvalidInput(
                f"{number}番目の部分が原文と違います。"
                "文字を直さず、分けたいところに区切りの行だけを入れてください。",
                field="parts",
            )
        end = start + len(piece)
        spans.append((start, end))
    return spans


def left_out(text: str, spans: Sequence[tuple[int, int]]) -> int:
    """Return how many characters of ``text``, blanks aside, stand in no part."""
    edges = [(0, 0), *spans, (len(text), len(text))]
    return sum(len("".join(text[a[1] : b[0]].split())) for a, b in pairwise(edges))


def _leave_clusters(session: Session, opinions: Sequence[Opinion], *, now: datetime) -> None:
    """Take opinions out of their clusters; what is counted is grouped by its own words again."""
    for opinion in opinions:
        if opinion.cluster_id is None:
            continue
        session.execute(
            update(TextCluster)
            .where(TextCluster.id == opinion.cluster_id)
            .values(opinions=TextCluster.opinions - 1, updated_at=now)
            .execution_options(synchronize_session=False)
        )
        opinion.cluster_id = None
        opinion.similarity = None


def _copy_mask(session: Session, mask: OpinionMask, part: Opinion, start: int, stop: int) -> None:
    """Put what of ``mask`` lies on the part (``start`` to ``stop`` of the original) onto it."""
    if mask.field == "text":
        first, last = max(mask.start, start) - start, min(mask.stop, stop) - start
    else:
        first, last = mask.start, mask.stop
    if first < last:
        session.add(_same_mask(mask, part.id, first, last))


def _carry_back(session: Session, opinion: Opinion, offsets: dict[int, int]) -> None:
    """Put the masks of the parts onto the original where it does not hide the same already."""
    own = {(mask.field, mask.start, mask.stop) for mask in queries.masks_of(session, [opinion.id])}
    for mask in queries.masks_of(session, list(offsets)):
        offset = offsets[mask.opinion_id] if mask.field == "text" else 0
        span = (mask.field, mask.start + offset, mask.stop + offset)
        if any(field == span[0] and a <= span[1] and span[2] <= b for field, a, b in own):
            continue
        own.add(span)
        session.add(_same_mask(mask, opinion.id, span[1], span[2]))


def _same_mask(mask: OpinionMask, opinion_id: int, start: int, stop: int) -> OpinionMask:
    return OpinionMask(
        opinion_id=opinion_id,
        field=mask.field,
        start=start,
        stop=stop,
        reason=mask.reason,
        made_by=mask.made_by,
        made_at=mask.made_at,
        checked_by=mask.checked_by,
        checked_at=mask.checked_at,
    )
