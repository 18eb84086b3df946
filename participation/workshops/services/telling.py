"""What residents hear of a change: the notice on the page, the news, a letter to the registered.

Called after the act has recorded itself, so that the news are numbered in the order of commits.
"""

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


def tell_registered(
    session: Session,
    workshop: Workshop,
    kind: LetterKind,
    *,
    subject: str,
    body: str,
    day: WorkshopDay | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Write to everybody who counts on coming, on ``day`` if one is given."""
    if not has_applications(session, workshop.id):
        return
    write_letter(
        session,
        workshop,
        kind,
        subject=subject,
        body=body,
        # Who registered for the whole event comes on every day.
        day_id=day.id if day is not None and workshop.sign_up is SignUp.EACH_DAY else None,
        statuses=TOLD,
        actor=actor,
        now=now,
    )


def subject_of(workshop: Workshop, what: str) -> str:
    """Return the subject of a letter about a workshop."""
    title = " ".join(workshop.title.split())
    if len(title) > MAX_TITLE_IN_SUBJECT:
        title = title[: MAX_TITLE_IN_SUBJECT - 1] + "…"
    return f"「{title}」{what}"


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
    add_notice(session, workshop, WorkshopNoticeKind.CHANGED, text, now=now)
    tell_news(session, workshop, NewsEvent.CHANGED, text, now=now)
    tell_registered(
        session,
        workshop,
        LetterKind.CHANGED,
        subject=subject_of(workshop, "変更のお知らせ"),
        body=text,
        day=day,
        actor=actor,
        now=now,
    )
