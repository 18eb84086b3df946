"""What residents hear of a change: the notice on the page, the news, a letter to the registered.

Called after the act has recorded itself, so that the news are numbered in the order of commits.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.core.text import clean_input
from participation.news.models import NewsEvent
from participation.news.services import publish
from participation.workshops.models import (
    LetterKind,
    RegistrationStatus,
    SignUp,
    Workshop,
    WorkshopDay,
    WorkshopNotice,
    WorkshopNoticeKind,
)
from participation.workshops.services.freezing import has_applications
from participation.workshops.services.letters import write_letter

MAX_TEXT = 2_000
MAX_NEWS = 300
MAX_TITLE_IN_SUBJECT = 150
# Who still counts on coming.
TOLD = (
    RegistrationStatus.APPLIED,
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.WAITLISTED,
    RegistrationStatus.OFFERED,
)


@dataclass(frozen=True)
class Telling:
    """As what a change is told: in the notice, in the news, in the letter."""

    notice: WorkshopNoticeKind
    event: NewsEvent
    letter: LetterKind
    subject: str  # of the letter, behind the title


POSTPONED = Telling(
    WorkshopNoticeKind.POSTPONED, NewsEvent.POSTPONED, LetterKind.POSTPONED, "延期のお知らせ"
)
RESUMED = Telling(
    WorkshopNoticeKind.RESUMED, NewsEvent.CHANGED, LetterKind.CHANGED, "新しい日程のお知らせ"
)
CANCELLED = Telling(
    WorkshopNoticeKind.CANCELLED, NewsEvent.CANCELLED, LetterKind.CANCELLED, "中止のお知らせ"
)
DAY_CANCELLED = Telling(
    WorkshopNoticeKind.CANCELLED,
    NewsEvent.CHANGED,
    LetterKind.CANCELLED,
    "一部の回の中止のお知らせ",
)
CHANGED = Telling(
    WorkshopNoticeKind.CHANGED, NewsEvent.CHANGED, LetterKind.CHANGED, "変更のお知らせ"
)
OTHER = Telling(WorkshopNoticeKind.OTHER, NewsEvent.CHANGED, LetterKind.TYPED, "お知らせ")


def checked_text(text: str, *, field: str) -> str:
    """Return a text that is made public.

    Raises:
        InvalidInput: it is missing or too long.

    """
    text = clean_input(text)
    if not text.strip():
        raise InvalidInput("理由や変わることを入力してください。公表されます。", field=field)
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"{MAX_TEXT:,}文字以内にしてください。", field=field)
    return text


def add_notice(
    session: Session, workshop: Workshop, kind: WorkshopNoticeKind, text: str, *, now: datetime
) -> WorkshopNotice:
    """Put a dated notice on the workshop's page."""
    notice = WorkshopNotice(kind=kind, text=text, at=now)
    workshop.notices.append(notice)
    session.flush()
    return notice


def tell_news(
    session: Session, workshop: Workshop, event: NewsEvent, text: str, *, now: datetime
) -> None:
    """Write into the news what became public."""
    publish(
        session,
        event,
        reference=f"workshop:{workshop.id}",
        kind=f"workshop.{workshop.kind}",
        department_id=workshop.department_id,
        title=workshop.title,
        text=text if len(text) <= MAX_NEWS else text[: MAX_NEWS - 1] + "…",
        now=now,
    )


def tell(
    session: Session,
    workshop: Workshop,
    how: Telling,
    text: str,
    *,
    body: str = "",
    day: WorkshopDay | None = None,
    by_mail: bool = True,
    actor: Actor,
    now: datetime,
) -> WorkshopNotice:
    """Tell residents of a change, and everybody who counts on coming; return the notice.

    Args:
        session: the session of the act.
        workshop: what has changed.
        how: as what it is told.
        text: of the notice and the news.
        body: of the letter, where it says more than ``text``.
        day: the one day that it is about; who comes on others only is not written to.
        by_mail: whether letters are written at all.
        actor: who tells it.
        now: when.

    """
    notice = add_notice(session, workshop, how.notice, text, now=now)
    tell_news(session, workshop, how.event, text, now=now)
    if by_mail and has_applications(session, workshop.id):
        write_letter(
            session,
            workshop,
            how.letter,
            subject=subject_of(workshop, how.subject),
            body=body or text,
            # Who registered for the whole event comes on every day.
            day_id=day.id if day is not None and workshop.sign_up is SignUp.EACH_DAY else None,
            statuses=TOLD,
            actor=actor,
            now=now,
        )
    return notice


def tell_change(
    session: Session,
    workshop: Workshop,
    *,
    text: str,
    day: WorkshopDay | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Tell residents and who registered that days, places or deadlines are others now."""
    tell(session, workshop, CHANGED, text, day=day, actor=actor, now=now)


def subject_of(workshop: Workshop, what: str) -> str:
    """Return the subject of a letter that the department writes."""
    return f"「{title_in_subject(workshop)}」{what}"


def title_in_subject(workshop: Workshop) -> str:
    """Return the title in one line, no longer than a subject can carry."""
    title = " ".join(workshop.title.split())
    if len(title) > MAX_TITLE_IN_SUBJECT:
        title = title[: MAX_TITLE_IN_SUBJECT - 1] + "…"
    return title
