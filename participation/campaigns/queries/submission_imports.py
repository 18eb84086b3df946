"""Reading imports of submissions."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import CampaignImport, ImportKind
from participation.core.errors import NotFound


def submission_imports(
    session: Session, campaign_id: int, *, limit: int, before: int | None = None
) -> list[CampaignImport]:
    """Return a campaign's imports of submissions, newest first."""
    query = (
        select(CampaignImport)
        .where(
            CampaignImport.campaign_id == campaign_id,
            CampaignImport.kind == ImportKind.SUBMISSIONS,
        )
        .order_by(CampaignImport.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(CampaignImport.id < before)
    return list(session.scalars(query))


def get_submission_import(session: Session, campaign_id: int, import_id: int) -> CampaignImport:
    """Return one import of submissions of a campaign.

    Raises:
        NotFound: there is none, or it is another campaign's or of another kind.

    """
    found = session.get(CampaignImport, import_id)
    if (
        found is None
        or found.campaign_id != campaign_id
        or found.kind is not ImportKind.SUBMISSIONS
    ):
        raise NotFound("その取り込みは見つかりませんでした。一覧から選び直してください。")
    return found
