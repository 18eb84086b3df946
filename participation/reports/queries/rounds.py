"""Reading rounds (照会): which are open, which year a page is about."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.reports.models import Round


def find_round(session: Session, year: int) -> Round | None:
    """Return the round of a fiscal year, or None."""
    return session.scalars(select(Round).where(Round.fiscal_year == year)).first()


def get_round(session: Session, year: int) -> Round:
    """Return the round of a fiscal year.

    Raises:
        NotFound: it was never opened.

    """
    found = find_round(session, year)
    if found is None:
        raise NotFound("その年度の照会はありません。一覧からお選びください。")
    return found


def all_rounds(session: Session) -> list[Round]:
    """Return all rounds, newest first."""
    return list(session.scalars(select(Round).order_by(Round.fiscal_year.desc())))


def open_rounds(session: Session) -> list[Round]:
    """Return the rounds in which departments may write now, newest first."""
    return [found for found in all_rounds(session) if found.closed_at is None]


def hold_round(session: Session, found: Round) -> None:
    """Lock the round's row until the commit and read it as it is now."""
    session.refresh(found, with_for_update=True)
