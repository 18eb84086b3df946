"""Things of a submission that an address can name: a file that came with it, an import."""

from typing import Any

from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignImport,
    ImportKind,
    ImportState,
    Submission,
)
from participation.core import clock
from participation.core.actors import system_actor
from participation.submissions.services.sealed_files import attach, seal


def make_submission_things(
    session: Session, campaign: Campaign, submission_id: int
) -> dict[str, Any]:
    """A sealed file of the submission and an import of the campaign."""
    now = clock.now()
    sealed = seal(
        session,
        b"memo",
        name="memo.txt",
        media_type="text/plain",
        actor=system_actor("test"),
        now=now,
    )
    file = attach(session, session.get_one(Submission, submission_id).receipt_id, sealed)
    upload = CampaignImport(
        campaign_id=campaign.id,
        kind=ImportKind.SUBMISSIONS,
        state=ImportState.READY,
        file_name="x.csv",
        created_at=now,
    )
    session.add(upload)
    session.commit()
    return {"attachment_id": file.id, "import_id": upload.id}
