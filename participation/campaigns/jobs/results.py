"""What the worker does for a result: freeze its words, set its PDF, write its spreadsheets.

It reads first and lets go of the database, computes, and writes last in one transaction, so that
nobody's saving waits for a render. Killed at any point, it starts again from the beginning.
"""

import gc
from collections.abc import Callable
from datetime import datetime

from participation.campaigns import result_export
from participation.campaigns.models import Campaign, CampaignResult, ResultState
from participation.campaigns.queries.result_building import gather
from participation.campaigns.result_print import replaced_characters, result_pdf
from participation.campaigns.result_snapshot import Snapshot
from participation.campaigns.services.result_storage import finish_freezing
from participation.core import clock
from participation.core.actors import system_actor
from participation.db.engine import writing
from participation.files.frozen import MadeFile, store_files
from participation.jobs.runner import JobRun

Progress = Callable[[int, int, str], None]


def freeze_result(run: JobRun) -> None:
    """Freeze the words of a submitted result and make its files."""
    session = run.session
    now = clock.now()
    result = session.get_one(CampaignResult, run.payload["result"])
    if (
        result.state is not ResultState.SUBMITTED
        or result.job_id != run.job_id
        or result.snapshot_sha256
    ):
        return  # an earlier run has done it, or it was taken back
    result_id, created = result.id, result.submitted_at or result.created_at
    campaign = session.get_one(Campaign, result.campaign_id)
    run.progress(0, 1, "意見と市の考え方を集めています")
    gathered = gather(session, campaign, result, day=clock.local_date(created))
    session.rollback()
    files = make_files(gathered.snapshot, created=created, progress=run.progress)
    gc.collect()  # a typeset document is a web of references; the worker collects too seldom for it
    with writing(session):
        built = store_files(session, files, actor=system_actor("worker"), now=now)
        result = session.get_one(CampaignResult, result_id)
        finish_freezing(session, result, gathered, files=built, job_id=run.job_id)


def make_files(
    snapshot: Snapshot, *, created: datetime, progress: Progress | None = None
) -> dict[str, MadeFile]:
    """Return the files of a result by format: pdf, xlsx, csv and csv-cp932."""
    number = f"_第{snapshot.frame.number}版" if snapshot.frame.number > 1 else ""
    stem = f"意見募集の結果_{snapshot.frame.title[:60]}{number}"
    pdf = result_pdf(snapshot, created=created, progress=progress)
    lost = "".join(glyph.character for glyph in replaced_characters(snapshot))
    xlsx = result_export.result_xlsx(snapshot, created=created)
    utf8 = result_export.result_csv(snapshot, encoding="utf-8-sig")
    cp932 = result_export.result_csv(snapshot, encoding="cp932")
    return {
        "pdf": MadeFile(pdf, f"{stem}.pdf", "application/pdf", lost),
        "xlsx": MadeFile(xlsx, f"{stem}.xlsx", result_export.XLSX_TYPE),
        "csv": MadeFile(utf8.data, f"{stem}.csv", result_export.CSV_TYPE),
        "csv-cp932": MadeFile(
            cp932.data,
            f"{stem}_シフトJIS.csv",
            result_export.CSV_TYPE,
            "".join(cp932.replaced),
        ),
    }
