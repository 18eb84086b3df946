"""A result's row and what is frozen below it: pages, where each opinion stands, files."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import (
    Campaign,
    CampaignResult,
    ResultFile,
    ResultOpinion,
    ResultPart,
    ResultState,
)
from participation.campaigns.queries.result_building import Gathered
from participation.campaigns.result_snapshot import Frame, digest
from participation.core.actors import Actor
from participation.core.errors import StateConflict
from participation.files.frozen import BuiltFile
from participation.files.models import StoredFile

_ROWS_AT_ONCE = 5_000


def finish_freezing(
    session: Session,
    result: CampaignResult,
    gathered: Gathered,
    *,
    files: Mapping[str, BuiltFile],
    job_id: int,
) -> None:
    """Keep the words in pages, where each opinion stands, and the files made of them.

    Args:
        session: the session of the act.
        result: one that is submitted.
        gathered: what the files say.
        files: the stored files by format: pdf, xlsx, csv, csv-cp932.
        job_id: the job that made them.

    Raises:
        StateConflict: it was taken back meanwhile, or submitted once more.

    """
    lock(session, result)
    if result.state is not ResultState.SUBMITTED or result.job_id != job_id:
        raise StateConflict("この結果は決裁待ちではありません。最新の状態を確かめてください。")
    drop_frozen(session, result)
    parts = gathered.snapshot.parts()
    session.add_all(
        ResultPart(result_id=result.id, position=position, content=content)
        for position, content in enumerate(parts)
    )
    session.flush()
    frame = Frame.from_plain(parts[0]["frame"])
    rows = [
        {
            "result_id": result.id,
            "opinion_id": opinion_id,
            "position": frame.page_of(number),
            "group_number": number,
        }
        for opinion_id, number in gathered.numbers.items()
    ]
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        session.execute(insert(ResultOpinion), rows[first : first + _ROWS_AT_ONCE])
    session.add_all(
        ResultFile(result_id=result.id, format=name, file_id=built.file_id, replaced=built.replaced)
        for name, built in files.items()
    )
    result.snapshot_sha256 = digest(parts)
    session.flush()


def lock(session: Session, result: CampaignResult) -> None:
    """Lock the result's row until the commit and read it as it is now."""
    session.refresh(result, with_for_update=True)


def drop_frozen(session: Session, result: CampaignResult) -> None:
    """Let go of words and files that nobody outside has seen; a sweep deletes the bytes."""
    dropped = list(
        session.scalars(select(ResultFile.file_id).where(ResultFile.result_id == result.id))
    )
    for table in (ResultFile, ResultOpinion, ResultPart):
        session.execute(delete(table).where(table.result_id == result.id))
    session.execute(delete(StoredFile).where(StoredFile.id.in_(dropped)))
    result.snapshot_sha256 = ""


def record(
    session: Session,
    verb: str,
    result: CampaignResult,
    campaign: Campaign,
    *,
    actor: Actor,
    now: datetime,
    **more: object,
) -> None:
    """Record an act on a result in the audit log; ``more`` are audit.record's own arguments."""
    audit.record(
        session,
        f"campaigns.result.{verb}",
        actor=actor,
        now=now,
        subject=f"campaign_result:{result.id}",
        department_id=campaign.department_id,
        **more,  # type: ignore[arg-type]
    )
