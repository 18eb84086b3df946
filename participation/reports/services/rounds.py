"""The year's collection (照会): opened, given a due date, closed, opened again with a reason."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from participation.audit.services import record
from participation.core import clock, fiscal_year
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input
from participation.reports.models import Round
from participation.reports.queries import guideline as guidelines
from participation.reports.queries import rounds as queries

# Older or later years are slips of the keyboard.
_YEARS_BACK, _YEARS_AHEAD = 10, 1
MAX_REASON = 1_000


def open_round(
    session: Session, *, year: int, due_on: date | None, actor: Actor, now: datetime
) -> Round:
    """Open the round of a year: departments may write its results of ``year - 1`` and plans.

    Args:
        session: the session of the act.
        year: the western fiscal year that the round is named after.
        due_on: the last day for the departments, or None.
        actor: who opens it.
        now: when.

    Raises:
        InvalidInput: the year is out of range or the due date is past.
        NotFound: no guideline is in force.
        StateConflict: the round was opened before.

    """
    today = clock.local_date(now)
    this_year = fiscal_year.fiscal_year_of(today)
    if not this_year - _YEARS_BACK <= year <= this_year + _YEARS_AHEAD:
        raise InvalidInput(
            f"年度は{fiscal_year.label(this_year - _YEARS_BACK)}から"
            f"{fiscal_year.label(this_year + _YEARS_AHEAD)}までで指定してください。",
            field="year",
        )
    _check_due(due_on, today)
    guidelines.guideline_for(session, year)
    if queries.find_round(session, year) is not None:
        raise StateConflict(
            f"{fiscal_year.label(year)}の照会はすでにあります。"
            "締め切った後に再び受け付けるときは「再開」を使ってください。"
        )
    opened = Round(fiscal_year=year, opened_at=now, due_on=due_on, closed_at=None)
    session.add(opened)
    session.flush()
    _record(session, opened, "opened", actor=actor, now=now)
    return opened


def change_due_date(
    session: Session, found: Round, *, due_on: date | None, actor: Actor, now: datetime
) -> None:
    """Move the due date of an open round.

    Raises:
        InvalidInput: the day is past.
        StateConflict: the round is closed.

    """
    queries.hold_round(session, found)
    if found.closed_at is not None:
        raise StateConflict("締め切った照会の期限は変えられません。先に再開してください。")
    _check_due(due_on, clock.local_date(now))
    before = _plain(found)
    found.due_on = due_on
    session.flush()
    _record(session, found, "due_changed", actor=actor, now=now, before=before)


def close_round(session: Session, found: Round, *, actor: Actor, now: datetime) -> None:
    """Close a round: departments can no longer write or approve; the coordinator goes on.

    Raises:
        StateConflict: it is closed already.

    """
    queries.hold_round(session, found)
    if found.closed_at is not None:
        raise StateConflict("この照会はすでに締め切られています。")
    before = _plain(found)
    found.closed_at = now
    found.reopen_reason = ""
    session.flush()
    _record(session, found, "closed", actor=actor, now=now, before=before)


def reopen_round(
    session: Session,
    found: Round,
    *,
    reason: str,
    due_on: date | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Open a closed round again; the departments see the reason.

    Raises:
        InvalidInput: the reason is missing or too long, or the new due date is past.
        StateConflict: the round is open.

    """
    reason = clean_input(reason)
    if not reason.strip():
        raise InvalidInput("再開する理由を入力してください。", field="reason")
    if len(reason) > MAX_REASON:
        raise InvalidInput(f"理由は{MAX_REASON:,}文字以内にしてください。", field="reason")
    _check_due(due_on, clock.local_date(now))
    queries.hold_round(session, found)
    if found.closed_at is None:
        raise StateConflict("この照会は受付中です。再開する必要はありません。")
    before = _plain(found)
    found.closed_at = None
    found.due_on = due_on
    found.reopen_reason = reason
    session.flush()
    _record(session, found, "reopened", actor=actor, now=now, before=before, reason=reason)


def _check_due(due_on: date | None, today: date) -> None:
    if due_on is not None and due_on < today:
        raise InvalidInput("回答期限は今日以降の日にしてください。", field="due_on")


def _plain(found: Round) -> dict[str, str | None]:
    return {
        "due_on": found.due_on.isoformat() if found.due_on else None,
        "closed_at": found.closed_at.isoformat() if found.closed_at else None,
    }


def _record(
    session: Session,
    found: Round,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    before: dict[str, str | None] | None = None,
    reason: str = "",
) -> None:
    record(
        session,
        f"reports.round.{verb}",
        actor=actor,
        now=now,
        subject=f"round:{found.fiscal_year}",
        before=before,
        after={"fiscal_year": found.fiscal_year, **_plain(found)},
        reason=reason,
    )
