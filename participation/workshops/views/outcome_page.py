"""What the page of an outcome shows, to residents or as a look ahead for staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from participation.core.markdown import to_markup
from participation.workshops.models import Workshop, WorkshopFileKind
from participation.workshops.queries import outcomes as queries
from participation.workshops.queries.attendance import People, people
from participation.workshops.queries.outcomes import HeldFile
from participation.workshops.views.related import public_thing


@dataclass(frozen=True)
class ShownFile:
    """A file with its address."""

    held: HeldFile
    title: str  # residents read the published one
    url: str


@dataclass(frozen=True)
class OutcomePage:
    """The words as cleaned markup, where they are taken up, the files, how many were there."""

    said: str
    became: str
    links: tuple[tuple[str, str], ...]  # words, address or nothing
    photos: tuple[ShownFile, ...]
    materials: tuple[ShownFile, ...]
    people: People
    published_at: datetime | None
    corrections: tuple[tuple[datetime, str], ...]


def outcome_page(
    session: Session, workshop: Workshop, *, published: bool, now: datetime
) -> OutcomePage | None:
    """Return what the page shows; None when there is nothing (yet).

    Args:
        session: any session.
        workshop: whose outcome it is.
        published: as residents see it; else as it is worked on, with files that wait.
        now: when, for what can be linked.

    """
    shown = queries.published_outcome(session, workshop.id)
    written = queries.find_outcome(session, workshop.id)
    if written is None or (published and shown is None):
        return None
    words = shown if published and shown is not None else written
    # Below the headings of the page, which lie a level deeper where staff look ahead.
    top = 3 if published else 4
    held = queries.files_of(session, workshop.id, published_only=published)
    titles = shown.titles if published and shown is not None else {}
    return OutcomePage(
        said=to_markup(words.said, top=top),
        became=to_markup(words.became, top=top),
        links=tuple(_link(session, one, now) for one in words.links),
        photos=_shown(held, WorkshopFileKind.PHOTO, titles, published=published),
        materials=_shown(held, WorkshopFileKind.MATERIAL, titles, published=published),
        people=people(session, workshop.id),
        published_at=shown.published_at if shown is not None else None,
        corrections=shown.corrections if shown is not None else (),
    )


def _shown(
    held: Sequence[HeldFile],
    kind: WorkshopFileKind,
    titles: Mapping[int, str],
    *,
    published: bool,
) -> tuple[ShownFile, ...]:
    endpoint = "workshops_public.file" if published else "staff.workshops.outcome_file"
    return tuple(
        ShownFile(
            one,
            titles.get(one.file.id, one.file.title),
            url_for(endpoint, workshop_id=one.file.workshop_id, workshop_file_id=one.file.id),
        )
        for one in held
        if one.file.kind is kind
    )


def _link(session: Session, link: dict[str, str], now: datetime) -> tuple[str, str]:
    thing = public_thing(session, link.get("reference", ""), now)
    return (thing.title, thing.url) if thing is not None else (link.get("label", ""), "")
