"""What the worker does for an export of opinions: write them one by one, and store the file."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from participation.campaigns import answer_sheet
from participation.campaigns.models import Campaign
from participation.campaigns.queries.campaigns import get_campaign
from participation.campaigns.queries.exports import (
    ExportedOpinion,
    exported_number,
    exported_opinions,
)
from participation.campaigns.services import opinion_files as services
from participation.core import clock
from participation.core.actors import Actor
from participation.db.engine import reading_one_moment, writing
from participation.files.services import store
from participation.jobs.runner import JobRun

_TOLD_EVERY = 500  # opinions


def export_opinions(run: JobRun) -> None:
    """Write every opinion of a campaign into a file, however many they are.

    Killed at any point, it starts again from the beginning.
    """
    session, now = run.session, clock.now()
    if services.is_made(session, run.job_id):
        return
    file_format = run.payload["format"]
    with TemporaryDirectory(prefix="opinions-") as folder:
        path = Path(folder) / "file"
        reading_one_moment(session)
        campaign = get_campaign(session, run.payload["campaign"])
        campaign_id = campaign.id
        with path.open("wb") as target:
            replaced = answer_sheet.write_opinions(
                target, _told(run, campaign), file_format, created=now
            )
        with writing(session):
            stored = store(
                session,
                path,
                name=answer_sheet.opinions_name(campaign_id, file_format, now=now),
                media_type=answer_sheet.media_type(file_format),
                # A file of this person's, and so one that is erased after a day.
                actor=Actor(staff_id=run.payload["staff_id"], name=""),
                now=now,
            )
            services.keep_file(session, run.job_id, stored, replaced=replaced)


def _told(run: JobRun, campaign: Campaign) -> Iterator[ExportedOpinion]:
    """Yield the opinions and tell how far they have come."""
    total = exported_number(run.session, campaign)
    for number, opinion in enumerate(exported_opinions(run.session, campaign)):
        if number % _TOLD_EVERY == 0:
            run.progress(number, total, "意見のファイルを作成しています")
        yield opinion
