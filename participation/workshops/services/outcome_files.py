"""Photographs and materials of a workshop: added, put in order, taken away."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.core.text import clean_input
from participation.files import services as files
from participation.submissions.services.uploads import check_picture, check_upload
from participation.workshops.models import (
    Workshop,
    WorkshopFile,
    WorkshopFileKind,
    WorkshopOutcome,
)
from participation.workshops.queries.outcomes import HeldFile, files_of
from participation.workshops.services.outcomes import begin, record

MAX_TITLE = 200
MOST_FILES = 30  # of each kind
MOST_BYTES = 30 * 1024 * 1024
WIDEST = 1_600  # pixels, of a photograph as it is published

NEEDS_TITLE = {
    WorkshopFileKind.PHOTO: "写真に何が写っているかを入力してください。"
    "画面を見ずに聞く方に読み上げられます。",
    WorkshopFileKind.MATERIAL: "資料の名前を入力してください。",
}


def add_file(
    session: Session,
    workshop: Workshop,
    kind: WorkshopFileKind,
    *,
    data: bytes,
    name: str,
    title: str,
    version: int,
    actor: Actor,
    now: datetime,
) -> WorkshopFile:
    """Add a photograph or a material; residents see it with the next publication.

    A photograph is decoded and written anew, no wider than ``WIDEST``: place, camera and time that
    a telephone puts into it are gone. A material is handed out as a download only.

    Args:
        session: the session of the act.
        workshop: one that may have an outcome.
        kind: which of the two.
        data: the file.
        name: as the person called it.
        title: of a photograph what it shows, of a material its name.
        version: of the outcome that the editor saw, 0 for none.
        actor: who adds it.
        now: when.

    Raises:
        InvalidInput: no title, no such file, or too many.
        StateConflict: as for ``outcomes.begin``.

    """
    title = _checked_title(kind, title)
    # Before any lock: decoding a picture takes its time.
    if kind is WorkshopFileKind.PHOTO:
        media_type, data = check_picture(data, name, widest=WIDEST, most_bytes=MOST_BYTES)
    else:
        media_type, data = check_upload(data, name, most_bytes=MOST_BYTES)
    outcome = begin(session, workshop, version, now)
    there = files_of(session, workshop.id, kind)
    if len(there) >= MOST_FILES:
        raise InvalidInput(
            f"{MOST_FILES}件までです。要らないものを取り除いてから追加してください。", field="file"
        )
    stored = files.store(session, data, name=name, media_type=media_type, actor=actor, now=now)
    added = WorkshopFile(
        workshop_id=workshop.id,
        kind=kind,
        file_id=stored.id,
        title=title,
        position=max((held.file.position for held in there), default=0) + 1,
    )
    session.add(added)
    after = {"file_name": stored.name, "title": title, "sha256": stored.sha256}
    record(session, workshop, outcome, "file_added", actor=actor, now=now, after=after)
    return added


def rename_file(
    session: Session,
    workshop: Workshop,
    held: HeldFile,
    *,
    title: str,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Say otherwise what a photo shows or what a material is called; return whether it differs.

    Of a published file residents go on reading the title before, until somebody else publishes.

    Raises:
        InvalidInput: no title, or too long a one.
        StateConflict: as for ``outcomes.begin``.

    """
    title = _checked_title(held.file.kind, title)
    outcome = begin(session, workshop, version, now)
    before = held.file.title
    if before == title:
        return False
    if held.file.published_at is not None and outcome.published is not None:
        shown = _shown_titles(outcome)
        key = str(held.file.id)
        if shown.setdefault(key, before) == title:
            del shown[key]
        _show_titles(outcome, shown)
    held.file.title = title
    record(
        session,
        workshop,
        outcome,
        "file_renamed",
        actor=actor,
        now=now,
        before={"title": before},
        after={"title": title},
    )
    return True


def move_file(
    session: Session,
    workshop: Workshop,
    held: HeldFile,
    *,
    up: bool,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Put a file one place up or down among those of its kind; return whether it moved.

    Raises:
        StateConflict: as for ``outcomes.begin``.

    """
    outcome = begin(session, workshop, version, now)
    order = [one.file for one in files_of(session, workshop.id, held.file.kind)]
    here = order.index(held.file)
    there = here + (-1 if up else 1)
    if not 0 <= there < len(order):
        return False
    order[here], order[there] = order[there], order[here]
    for position, one in enumerate(order, start=1):
        one.position = position
    record(
        session,
        workshop,
        outcome,
        "file_moved",
        actor=actor,
        now=now,
        after={"title": held.file.title, "up": up},
    )
    return True


def remove_file(
    session: Session,
    workshop: Workshop,
    held: HeldFile,
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Take a file away at once, a published one too: somebody in a picture may ask for that.

    Its bytes are erased with the commit.

    Raises:
        StateConflict: as for ``outcomes.begin``.

    """
    outcome = begin(session, workshop, version, now)
    before = {
        "file_name": held.stored.name,
        "title": held.file.title,
        "sha256": held.stored.sha256,
        "published_at": held.file.published_at,
    }
    shown = _shown_titles(outcome)
    if shown.pop(str(held.file.id), None) is not None:
        _show_titles(outcome, shown)
    file_id = held.file.file_id
    session.delete(held.file)
    session.flush()
    files.erase(session, file_id)
    record(session, workshop, outcome, "file_removed", actor=actor, now=now, before=before)


def _shown_titles(outcome: WorkshopOutcome) -> dict[str, str]:
    """Return what residents go on reading of files that have another title by now."""
    return dict((outcome.published or {}).get("titles", {}))


def _show_titles(outcome: WorkshopOutcome, titles: dict[str, str]) -> None:
    rest = {name: value for name, value in (outcome.published or {}).items() if name != "titles"}
    outcome.published = {**rest, "titles": titles} if titles else rest


def _checked_title(kind: WorkshopFileKind, title: str) -> str:
    title = clean_input(title).strip()
    if not title or len(title) > MAX_TITLE:
        raise InvalidInput(NEEDS_TITLE[kind], field="title")
    return title
