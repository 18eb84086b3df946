"""What the worker does for imports of submissions: read the file, store its rows.

Each reads first and lets go of the database, computes, and writes last in one transaction. Killed
at any point, it starts again from the beginning.
"""

from participation.campaigns.models import CampaignImport, ImportState
from participation.campaigns.queries.campaigns import get_campaign
from participation.campaigns.services import submission_import as services
from participation.campaigns.services.submission_reading import is_stored_already, read_file
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.db.engine import writing
from participation.jobs.runner import JobRun
from participation.sheets.checking import collecting_nothing


@collecting_nothing()
def read_submissions(run: JobRun) -> None:
    """Read an uploaded file and note what it would do."""
    session, now = run.session, clock.now()
    upload = session.get_one(CampaignImport, run.payload["import"])
    if upload.state is not ImportState.READING:
        return
    run.progress(0, 2, "ファイルを読み取っています")
    campaign = get_campaign(session, upload.campaign_id)
    data, filename = services.file_of(session, upload), upload.file_name
    try:
        reading = read_file(data, campaign, filename=filename, now=now)
    except InvalidInput as error:
        with writing(session):
            upload = session.get_one(CampaignImport, run.payload["import"])
            services.refuse(session, upload, str(error))
        return
    run.progress(1, 2, "すでに取り込んだファイルと比べています")
    known = is_stored_already(session, campaign, reading)
    with writing(session):
        upload = session.get_one(CampaignImport, run.payload["import"])
        services.show(session, upload, reading, known=known)


@collecting_nothing()
def store_submissions(run: JobRun) -> None:
    """Read the file again and store what is in it, all or nothing."""
    session, now = run.session, clock.now()
    actor = Actor(staff_id=run.payload["staff_id"], name=run.payload["name"])
    upload = session.get_one(CampaignImport, run.payload["import"])
    if upload.state is not ImportState.READY or upload.job_id != run.job_id:
        return
    run.progress(0, 2, "ファイルを読み取っています")
    campaign_id = upload.campaign_id
    campaign = get_campaign(session, campaign_id)
    data, filename = services.file_of(session, upload), upload.file_name
    reading = read_file(data, campaign, filename=filename, now=now)
    run.progress(1, 2, "意見を取り込んでいます")
    with writing(session):
        upload = session.get_one(CampaignImport, run.payload["import"])
        campaign = get_campaign(session, campaign_id)
        services.store_import(session, campaign, upload, reading, actor=actor, now=now)
