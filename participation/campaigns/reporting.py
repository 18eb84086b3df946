"""How public comments speak to the yearly report."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, CampaignState, Procedure
from participation.campaigns.queries.counts import counts
from participation.core.activities import Activity

# What the entries' activity_type calls each procedure, and the words of the city's sentences
# (domain.md 5.4, P1: 「…についてのパブリックコメントを実施した。」).
_KINDS = {Procedure.COMMENT: "campaign", Procedure.INSPECTION: "inspection"}
_DID = {
    Procedure.COMMENT: "{title}についてのパブリックコメントを実施した。",
    Procedure.INSPECTION: "{title}の縦覧を行った。",
}
_WILL_DO = {
    Procedure.COMMENT: "{title}についてのパブリックコメントを実施する。",
    Procedure.INSPECTION: "{title}の縦覧を行う。",
}
_BEGUN = (
    CampaignState.OPEN,
    CampaignState.CLOSED,
    CampaignState.REVIEWING,
    CampaignState.PUBLISHED,
)


class CampaignActivities:
    """Public comments and inspections as activities of their departments."""

    method = "public_comment"
    label = "パブリックコメント・縦覧"

    def activities(self, session: Session, year: int) -> Sequence[Activity]:
        """Return the campaigns of a fiscal year by their first day.

        One that was cancelled is told with its reason (domain.md 5.4, P6).
        """
        found = session.scalars(
            select(Campaign)
            .where(Campaign.fiscal_year == year, Campaign.opens_on.is_not(None))
            .order_by(Campaign.opens_on, Campaign.id)
        )
        return [self._activity(session, campaign) for campaign in found]

    def _activity(self, session: Session, campaign: Campaign) -> Activity:
        assert campaign.opens_on is not None
        begun = campaign.state in _BEGUN
        title = campaign.title
        result = _DID[campaign.procedure].format(title=title) if begun else ""
        if campaign.state is CampaignState.CANCELLED:
            reason = campaign.cancel_reason.rstrip("。 　\n")
            words = "縦覧" if campaign.procedure is Procedure.INSPECTION else "パブリックコメント"
            result = f"{title}についての{words}は、{reason}、中止とした。"
        figures = {}
        if begun and campaign.procedure is Procedure.COMMENT:
            counted = counts(session, campaign.id)
            figures = {
                "submissions": counted.submissions,
                "persons": counted.persons,
                "opinions": counted.opinions,
            }
        return Activity(
            ref=f"campaign:{campaign.id}",
            kind=_KINDS[campaign.procedure],
            title=title,
            department_id=campaign.department_id,
            fiscal_year=campaign.fiscal_year,
            day=campaign.closes_on or campaign.opens_on if begun else campaign.opens_on,
            result=result,
            plan=""
            if campaign.state is CampaignState.CANCELLED
            else _WILL_DO[campaign.procedure].format(title=title),
            figures=figures,
        )
