"""What a result is made of stays as it was submitted, whatever becomes of its sources."""

import pytest
from sqlalchemy import func, select

from participation.campaigns.models import (
    CampaignNotice,
    NoticeKind,
    Outcome,
    ResultFile,
    ResultOpinion,
    ResultPart,
)
from participation.campaigns.queries import results as queries
from participation.campaigns.result_snapshot import (
    digest,
)
from participation.campaigns.services import result_approval as approval
from participation.campaigns.services import results as services
from participation.core.errors import InvalidInput, StateConflict
from participation.files.services import read
from tests.campaigns.results import NOW, World, actor, parts_of

pytestmark = pytest.mark.usefixtures("quick_pdf")


def test_a_published_result_never_moves_when_its_sources_do(session):
    world = World(session, texts=("増やしてほしい。",))
    amendment = world.amended(world.answered("反映してほしい。", category="A"))
    result = world.published(outcome=Outcome.AMENDED)
    before = parts_of(session, result)
    assert digest(before) == result.snapshot_sha256
    pdf = read(session, queries.stored_file(session, result.id, "pdf"))
    world.groups[0].view = "後から変えた考え方"
    world.groups[0].position = 9
    amendment.after = "後から変えた文"
    world.campaign.title = "別の題"
    session.commit()
    world.answered("後から届いた意見")
    assert parts_of(session, result) == before
    assert read(session, queries.stored_file(session, result.id, "pdf")) == pdf
    for act in (
        lambda: approval.return_result(
            session,
            world.campaign,
            result,
            reason="x",
            actor=actor(world.approver),
            now=NOW,
        ),
        lambda: services.take_back_result(
            session, world.campaign, result, actor=actor(world.writer), now=NOW
        ),
        lambda: services.discard_result(
            session, world.campaign, result, actor=actor(world.writer), now=NOW
        ),
        lambda: services.submit_result(
            session, world.campaign, result, actor=actor(world.writer), now=NOW
        ),
    ):
        with pytest.raises(StateConflict):
            act()


def test_what_was_submitted_is_what_is_published(session):
    """The approver reads frozen words; what changes between the two of them is not in it."""
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    world.groups[0].view = "提出の後に変えた考え方"
    session.commit()
    world.approve(result)
    (answer,) = queries.frozen_answers(session, result.id, 1)
    assert answer.view == "1番目の考え方"


@pytest.mark.slow
def test_a_correction_stands_beside_the_first_one(session):
    world = World(session, texts=("増やしてほしい。",))
    first = world.published()
    with pytest.raises(InvalidInput):
        world.draft()
    session.rollback()
    world.groups[0].view = "正しい考え方"
    session.commit()
    second = world.published(correction="考え方に誤りがありました。")
    assert [each.number for each in queries.published_results(session, world.campaign.id)] == [2, 1]
    assert queries.frozen_answers(session, first.id, 1)[0].view == "1番目の考え方"
    assert queries.frozen_answers(session, second.id, 1)[0].view == "正しい考え方"
    (notice,) = session.scalars(
        select(CampaignNotice).where(CampaignNotice.campaign_id == world.campaign.id)
    )
    assert (notice.kind, notice.text) == (NoticeKind.CORRECTED, "考え方に誤りがありました。")


@pytest.mark.slow
def test_the_outcome_of_a_correction_shows_only_when_it_is_published(session):
    world = World(session)
    world.published(outcome=Outcome.UNCHANGED, outcome_note="")
    second = world.frozen(
        correction="決定を改めました。",
        outcome=Outcome.NOT_ADOPTED,
        outcome_note="事情が変わった。",
    )
    assert world.campaign.outcome is Outcome.UNCHANGED
    world.approve(second)
    assert world.campaign.outcome is Outcome.NOT_ADOPTED


def test_frozen_parts_are_gone_with_a_draft_that_is_taken_back(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    services.take_back_result(session, world.campaign, result, actor=actor(world.writer), now=NOW)
    session.commit()
    for table in (ResultPart, ResultOpinion, ResultFile):
        assert session.scalar(select(func.count()).select_from(table)) == 0
