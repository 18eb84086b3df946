"""The life of an edition (版): columns chosen, built by the worker, published, then fixed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.files.frozen import BuiltFile
from participation.files.models import StoredFile
from participation.jobs.models import Job, JobState
from participation.jobs.services import enqueue
from participation.reports.contents import Contents, contents_of, pages
from participation.reports.corrections import corrections
from participation.reports.models import (
    Edition,
    EditionFile,
    EditionPart,
    EditionState,
)
from participation.reports.queries import editions as queries
from participation.reports.queries.entries import Column
from participation.reports.services.telling import tell_news
from participation.reports.snapshot import SectionNode, Snapshot

BUILD_JOB = "reports.build_edition"
PAPERS = ("A3", "A4")
MAX_COLUMNS = 4
MAX_REASON = 2_000
_UNDER_WAY = frozenset(
    {EditionState.DRAFT, EditionState.BUILDING, EditionState.BUILT, EditionState.FAILED}
)


def draft_edition(
    session: Session,
    *,
    fiscal_year: int,
    columns: Sequence[Column],
    paper: str,
    correction: str = "",
    actor: Actor,
    now: datetime,
) -> Edition:
    """Begin the next edition of the report of ``fiscal_year``.

    Args:
        session: the session of the act.
        fiscal_year: the western year of the plan column; it names the report.
        columns: what is printed, from left to right, each once.
        paper: A3 or A4.
        correction: why there is a new edition (訂正の理由); needed from the second on.
        actor: who does it.
        now: when.

    Raises:
        InvalidInput: no or too many columns, another paper, or no reason.
        StateConflict: the year's next edition is under way already.

    """
    check_columns(columns)
    if paper not in PAPERS:
        raise InvalidInput("用紙はA3かA4を選んでください。", field="paper")
    existing = queries.editions_of(session, fiscal_year)
    if any(edition.state in _UNDER_WAY for edition in existing):
        raise StateConflict(
            "この年度には作成中の版があります。先にその版を公開するか、取りやめてください。"
        )
    published = [each for each in existing if each.state is EditionState.PUBLISHED]
    number = max((each.number for each in published), default=0) + 1
    correction = correction.strip()
    if number > 1 and not correction:
        raise InvalidInput(
            "公開済みの版を訂正するときは、訂正の理由を入力してください。", field="correction"
        )
    if len(correction) > MAX_REASON:
        raise InvalidInput(
            f"訂正の理由は{MAX_REASON:,}文字以内にしてください。", field="correction"
        )
    # An edition that was given up has its number still; it is taken up again.
    edition = next((each for each in existing if each.number == number), None)
    if edition is None:
        edition = Edition(fiscal_year=fiscal_year, number=number)
        session.add(edition)
    edition.state = EditionState.DRAFT
    edition.columns = [[kind.value, year] for kind, year in columns]
    edition.paper = paper
    edition.correction = correction if number > 1 else ""
    edition.created_by = actor.staff_id
    edition.created_at = now
    session.flush()
    audit.record(
        session,
        "reports.edition.drafted",
        actor=actor,
        now=now,
        subject=_subject(edition),
        after={
            "fiscal_year": fiscal_year,
            "number": number,
            "columns": edition.columns,
            "paper": paper,
        },
        reason=edition.correction,
    )
    return edition


def start_building(session: Session, edition: Edition, *, actor: Actor, now: datetime) -> Job:
    """Have the worker freeze the report's words as they are then, and make its files.

    A built edition that is not published yet may be built again from newer entries.

    Raises:
        StateConflict: it is published, given up, or being built at this moment.

    """
    _lock(session, edition)
    if edition.state in {EditionState.PUBLISHED, EditionState.DISCARDED}:
        raise StateConflict(
            "公開または取りやめた版は作り直せません。訂正するときは新しい版を作ってください。"
        )
    if is_being_built(session, edition):
        raise StateConflict("この版は作成中です。終わるまでお待ちください。")
    job = enqueue(
        session,
        BUILD_JOB,
        {"edition": edition.id},
        actor=actor,
        now=now,
        label="報告書の作成を待っています",
    )
    edition.state = EditionState.BUILDING
    edition.job_id = job.id
    session.flush()
    return job


def is_being_built(session: Session, edition: Edition) -> bool:
    """Whether a worker has it or will have it; a build that failed for good does not count."""
    if edition.state is not EditionState.BUILDING or edition.job_id is None:
        return False
    job = session.get(Job, edition.job_id)
    return job is not None and job.state in {JobState.QUEUED, JobState.RUNNING}


def shown_state(session: Session, edition: Edition) -> EditionState:
    """Return the state as people see it: a build whose job failed for good has failed."""
    if edition.state is EditionState.BUILDING and not is_being_built(session, edition):
        return EditionState.FAILED
    return edition.state


def finish_building(
    session: Session,
    edition: Edition,
    snapshot: Snapshot,
    *,
    files: Mapping[str, BuiltFile],
    actor: Actor,
    now: datetime,
) -> None:
    """Freeze the words of ``snapshot`` in the edition, with the files that were made of them.

    Args:
        session: the session of the act.
        edition: one that is being built.
        snapshot: what the files say.
        files: the stored files by format: pdf, xlsx, csv, csv-cp932.
        actor: who does it, the system as a rule.
        now: the moment whose data it holds.

    Raises:
        StateConflict: the edition was given up meanwhile, or is published.

    """
    _lock(session, edition)
    if edition.state is not EditionState.BUILDING:
        raise StateConflict("この版は作成中ではありません。最新の状態を確かめてください。")
    _drop_files(session, edition)
    _freeze(session, edition, snapshot)
    session.add_all(
        EditionFile(
            edition_id=edition.id, format=name, file_id=built.file_id, replaced=built.replaced
        )
        for name, built in files.items()
    )
    edition.corrections = _corrections(session, edition, snapshot)
    edition.snapshot_sha256 = snapshot.digest()
    edition.pdf_file_id = files["pdf"].file_id
    edition.pdf_sha256 = files["pdf"].sha256
    edition.built_at = now
    edition.state = EditionState.BUILT
    session.flush()
    audit.record(
        session,
        "reports.edition.built",
        actor=actor,
        now=now,
        subject=_subject(edition),
        after={
            "number": edition.number,
            "snapshot_sha256": edition.snapshot_sha256,
            "pdf_sha256": edition.pdf_sha256,
        },
    )


def publish_edition(
    session: Session, edition: Edition, *, pdf_sha256: str, actor: Actor, now: datetime
) -> None:
    """Publish a built edition; from now on nothing of it moves.

    Args:
        session: the session of the act.
        edition: the edition.
        pdf_sha256: of the PDF that the coordinator has looked at.
        actor: who does it.
        now: when.

    Raises:
        StateConflict: it is not built, or was built anew since the coordinator looked.

    """
    _lock(session, edition)
    if edition.state is EditionState.PUBLISHED:
        raise StateConflict("この版はすでに公開されています。")
    if edition.state is not EditionState.BUILT:
        raise StateConflict("PDFができていないため公開できません。先に報告書を作成してください。")
    if edition.pdf_sha256 != pdf_sha256:
        raise StateConflict(
            "確認した後に報告書が作り直されました。新しい内容を確かめてから公開してください。"
        )
    edition.state = EditionState.PUBLISHED
    edition.published_by = actor.staff_id
    edition.published_at = now
    session.flush()
    audit.record(
        session,
        "reports.edition.published",
        actor=actor,
        now=now,
        subject=_subject(edition),
        after={
            "fiscal_year": edition.fiscal_year,
            "number": edition.number,
            "snapshot_sha256": edition.snapshot_sha256,
            "pdf_sha256": edition.pdf_sha256,
        },
        reason=edition.correction,
    )
    tell_news(session, edition, now)


def discard_edition(session: Session, edition: Edition, *, actor: Actor, now: datetime) -> None:
    """Give up an edition that was never published.

    Raises:
        StateConflict: it is published.

    """
    _lock(session, edition)
    if edition.state is EditionState.PUBLISHED:
        raise StateConflict(
            "公開した版は取りやめられません。訂正するときは新しい版を作ってください。"
        )
    if edition.state is EditionState.DISCARDED:
        return
    edition.state = EditionState.DISCARDED
    _thaw(session, edition)
    session.flush()
    audit.record(
        session,
        "reports.edition.discarded",
        actor=actor,
        now=now,
        subject=_subject(edition),
        after={"fiscal_year": edition.fiscal_year, "number": edition.number},
    )


def check_columns(columns: Sequence[Column]) -> None:
    """Check that a report can have these columns.

    Raises:
        InvalidInput: none, too many, or one twice.

    """
    if not columns:
        raise InvalidInput("表に載せる年度の欄を1つ以上選んでください。", field="columns")
    if len(columns) > MAX_COLUMNS:
        raise InvalidInput(f"年度の欄は{MAX_COLUMNS}つまでにしてください。", field="columns")
    if len(set(columns)) != len(columns):
        raise InvalidInput("同じ年度の欄が2つあります。", field="columns")


def _lock(session: Session, edition: Edition) -> None:
    session.refresh(edition, with_for_update=True)


def _subject(edition: Edition) -> str:
    return f"edition:{edition.id}"


def _freeze(session: Session, edition: Edition, snapshot: Snapshot) -> None:
    """Keep the words in pages: the frame with its headings first, then the rows of each."""
    session.execute(delete(EditionPart).where(EditionPart.edition_id == edition.id))
    contents = contents_of(snapshot)
    parts: list[object] = []
    lines = []
    for line, node in zip(contents.lines, snapshot.nodes(), strict=True):
        cut = pages(node.items) if node.items else []
        lines.append(replace(line, first_part=len(parts) + 1 if cut else 0, parts=len(cut)))
        parts += [[asdict(row) for row in page] for page in cut]
    frame = {
        "frame": asdict(replace(snapshot, sections=tuple(map(_bare, snapshot.sections)))),
        "contents": Contents(tuple(lines)).plain(),
    }
    session.add_all(
        EditionPart(edition_id=edition.id, position=position, content=_canonical(content))
        for position, content in enumerate([frame, *parts])
    )
    session.flush()


def _bare(node: SectionNode) -> SectionNode:
    return replace(node, items=(), children=tuple(map(_bare, node.children)))


def _thaw(session: Session, edition: Edition) -> None:
    """Let go of the words and files of an edition that nobody outside has seen."""
    session.execute(delete(EditionPart).where(EditionPart.edition_id == edition.id))
    _drop_files(session, edition)
    edition.snapshot_sha256 = ""
    edition.corrections = []
    edition.built_at = None


def _drop_files(session: Session, edition: Edition) -> None:
    """Delete the rows of files made earlier; the regular sweep then deletes the bytes."""
    dropped = list(
        session.scalars(select(EditionFile.file_id).where(EditionFile.edition_id == edition.id))
    )
    edition.pdf_file_id = None
    edition.pdf_sha256 = ""
    session.flush()
    session.execute(delete(EditionFile).where(EditionFile.edition_id == edition.id))
    session.execute(delete(StoredFile).where(StoredFile.id.in_(dropped)))


def _corrections(session: Session, edition: Edition, snapshot: Snapshot) -> list[dict[str, str]]:
    before = session.scalars(
        select(Edition)
        .where(
            Edition.fiscal_year == edition.fiscal_year,
            Edition.state == EditionState.PUBLISHED,
            Edition.number < edition.number,
        )
        .order_by(Edition.number.desc())
        .limit(1)
    ).first()
    if before is None:
        return []
    found = corrections(queries.frozen_snapshot(session, before.id), snapshot)
    return [line.plain() for line in found]


def _canonical(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
