"""What every act on answers shares: who may, when, and one after the other."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, CampaignResult, CampaignState, ResultState
from participation.core.actors import Actor
from participation.core.errors import NotFound, StateConflict
from participation.policy import Permission, reaches

_WITH_APPROVER = frozenset({ResultState.SUBMITTED, ResultState.APPROVED})
_BEING_WRITTEN = frozenset({ResultState.DRAFT, ResultState.RETURNED})


class AnswerConflict(StateConflict):
    """Somebody else changed the same thing after it was shown; nothing was stored."""

    def __init__(self) -> None:
        super().__init__(
            "表示した後に、ほかの人が内容を変更しました。"
            "最新の内容を確かめてから、もう一度操作してください。"
        )


def answers_may_change(campaign: Campaign, session: Session) -> bool:
    """Whether groups, answers, amendments and masks of ``campaign`` may be changed now."""
    return refusal(campaign, session) is None


def refusal(campaign: Campaign, session: Session) -> str | None:
    """Return why the answers of ``campaign`` may not be changed now and what to do; None: they may.

    A result with its approver must stay what the approver reads; after the publication only a
    correction (a result begun anew) opens them again.
    """
    if campaign.state is CampaignState.CANCELLED:
        return "中止された意見募集の回答は変更できません。"
    states = set(
        session.scalars(
            select(CampaignResult.state).where(CampaignResult.campaign_id == campaign.id)
        )
    )
    if states & _WITH_APPROVER:
        return (
            "結果が決裁に出ているため、変更できません。"
            "直すときは「結果の公表」で差し戻すか取り下げてください。"
        )
    if campaign.state is CampaignState.PUBLISHED and not states & _BEING_WRITTEN:
        return "結果は公表済みです。直すときは「結果の公表」で訂正を始めてください。"
    return None


def hold_answers(session: Session, campaign: Campaign, *, actor: Actor) -> None:
    """Take the lock under which all changes of one campaign's answers follow each other.

    Submissions keep coming in meanwhile: the lock leaves the campaign's key free. On SQLite the
    transaction itself is the lock.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        StateConflict: the answers may not be changed now.

    """
    if not reaches(actor, Permission.ANSWER_WRITE, campaign.department_id):
        raise NotFound("お探しのものは見つかりませんでした。")
    session.execute(
        select(Campaign)
        .where(Campaign.id == campaign.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    reason = refusal(campaign, session)
    if reason is not None:
        raise StateConflict(reason)
