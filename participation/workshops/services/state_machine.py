"""The states of a workshop and the steps between them: one table."""

from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from participation.audit.life import Life, Step
from participation.core.errors import NotFound, StateConflict
from participation.workshops.models import Workshop
from participation.workshops.models import WorkshopState as S

ANNOUNCE = Step(
    "made_public",
    frozenset({S.PREPARING}),
    S.ANNOUNCED,
    "この催しはすでに公表されています。",
)
POSTPONE = Step(
    "postponed",
    frozenset({S.ANNOUNCED}),
    S.POSTPONED,
    "延期できるのは、公表していて、開催結果をまだ公表していない催しです。",
)
RESUME = Step(
    "resumed",
    frozenset({S.POSTPONED}),
    S.ANNOUNCED,
    "新しい日程を決められるのは、延期した催しです。",
)
CANCEL = Step(
    "cancelled",
    frozenset({S.ANNOUNCED, S.POSTPONED}),
    S.CANCELLED,
    "中止できるのは、公表していて、開催結果をまだ公表していない催しです。",
)
# Once more for a corrected outcome.
REPORT = Step(
    "result_published",
    frozenset({S.ANNOUNCED, S.REPORTED}),
    S.REPORTED,
    "開催結果を公表できるのは、公表した催しです。",
)
IS_GONE = "この催しは、すでに消されています。"
STEPS = (ANNOUNCE, POSTPONE, RESUME, CANCEL, REPORT)
_LIFE = Life("workshops.workshop")
move, record = _LIFE.move, _LIFE.record


def hold(session: Session, workshop: Workshop) -> None:
    """Lock the workshop's row until the commit and read it as it is now.

    The lock lets others insert rows that refer to it: whoever registers holds its pools, and would
    otherwise wait for this row while its holder waits for the pools.

    Raises:
        NotFound: somebody else has just deleted it.

    """
    try:
        session.refresh(workshop, with_for_update={"key_share": True})
    except InvalidRequestError:
        raise NotFound(IS_GONE) from None


def keep(session: Session, workshop: Workshop) -> None:
    """Let nobody delete the workshop until the commit; everything else goes on meanwhile.

    Raises:
        NotFound: somebody has just deleted it.

    """
    there = select(Workshop.id).where(Workshop.id == workshop.id)
    if session.scalar(there.with_for_update(read=True, key_share=True)) is None:
        raise NotFound(IS_GONE)


def check_version(workshop: Workshop, version: int | None) -> None:
    """Refuse to go on with what somebody else has changed since it was looked at.

    Raises:
        StateConflict: so it is.

    """
    if version is not None and workshop.version != version:
        raise StateConflict(
            "確かめている間に、ほかの人がこの催しを変更しました。"
            "入力した内容と最新の内容を見比べて、もう一度保存してください。"
        )
