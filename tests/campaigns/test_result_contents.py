"""What a result says: all that it must, and page by page."""

import pytest
from sqlalchemy import func, select

from participation.campaigns.models import (
    OpinionMask,
    Outcome,
    ResultOpinion,
)
from participation.campaigns.queries import results as queries
from participation.campaigns.queries.result_building import gather
from participation.campaigns.queries.result_checks import missing
from participation.campaigns.result_snapshot import (
    PAGE_TEXTS,
    TEXTS_BESIDE_GROUP,
    digest,
)
from participation.core.errors import StateConflict
from tests.campaigns.arrange import make_submission
from tests.campaigns.results import NOW, World, opinion_of

pytestmark = pytest.mark.usefixtures("quick_pdf")


def test_zero_comments_is_a_result(session):
    world = World(session)
    result = world.published(outcome=Outcome.UNCHANGED, outcome_note="")
    frame = queries.frozen_frame(session, result.id)
    assert (frame.tally.received, frame.groups, frame.pages) == (0, 0, 0)
    assert queries.frozen_snapshot(session, result.id).answers == ()


@pytest.mark.parametrize(
    ("break_it", "page"),
    [
        (lambda world: make_submission(world.session, world.campaign, "まだ"), "opinions"),
        (lambda world: setattr(world.groups[0], "ready", False), "groups"),
        (lambda world: setattr(world.groups[0], "view", ""), "groups"),
        (lambda world: setattr(world.groups[0], "category_id", None), "groups"),
        (
            lambda world: setattr(world.groups[0], "category_id", world.category("A").id),
            "amendments",
        ),
        (
            lambda world: world.session.add(
                OpinionMask(
                    opinion_id=opinion_of(world.session, world.submissions[0]).id,
                    field="text",
                    start=0,
                    stop=1,
                    reason="氏名",
                    made_by=world.writer.id,
                    made_at=NOW,
                )
            ),
            "masks",
        ),
    ],
)
def test_what_is_missing_keeps_it_from_being_submitted(session, break_it, page):
    world = World(session, texts=("増やしてほしい。",))
    result = world.draft()
    assert missing(session, world.campaign, result, NOW) == []
    break_it(world)
    session.commit()
    assert [each.page for each in missing(session, world.campaign, result, NOW)] == [page]
    with pytest.raises(StateConflict):
        world.submit(result)


@pytest.mark.parametrize(
    ("outcome", "note", "amends", "pages"),
    [
        (Outcome.AMENDED, "", False, ["amendments"]),
        (Outcome.UNCHANGED, "理由", True, ["amendments"]),
        (Outcome.UNCHANGED, "", False, ["result"]),
        (Outcome.NOT_ADOPTED, "", False, ["result"]),
        (Outcome.RENEWED, " ", False, ["result"]),
        (Outcome.RENEWED, "来春に改めて募集する", False, []),
        (Outcome.AMENDED, "", True, []),
    ],
)
def test_an_outcome_must_fit_and_say_why(session, outcome, note, amends, pages):
    world = World(session, texts=("増やしてほしい。",))
    if amends:
        world.amended(world.groups[0])
    result = world.draft(outcome=outcome, outcome_note=note)
    assert [each.page for each in missing(session, world.campaign, result, NOW)] == pages


def test_what_is_published_of_opinions(session):
    """Equal words once with their number; masks hide; what is apart is not shown."""
    world = World(session)
    group = world.answered("同じ意見です。")
    world.answered("同じ意見です。", group=group)
    world.answered("山田さんの家の前が暗い。", group=group)
    world.answered("遅れた意見", group=group, late=True)
    world.answered("関わりのない意見", group=group, out_of_scope=True)
    session.add(
        OpinionMask(
            opinion_id=opinion_of(session, world.submissions[2]).id,
            field="text",
            start=0,
            stop=4,
            reason="第三者の氏名",
            made_by=world.writer.id,
            made_at=NOW,
            checked_by=world.approver.id,
            checked_at=NOW,
        )
    )
    session.commit()
    result = world.frozen()
    (answer,) = queries.frozen_answers(session, result.id, 1)
    assert [(text.text, text.times) for text in answer.texts] == [
        ("同じ意見です。", 2),
        ("［非公開］の家の前が暗い。", 1),
    ]
    assert answer.opinions == 3
    tally = queries.frozen_frame(session, result.id).tally
    assert (tally.opinions, tally.late, tally.out_of_scope_submissions) == (3, 1, 1)
    # Who sent one that is apart finds it too, since staff put it into the group.
    stands = session.scalar(
        select(func.count()).select_from(ResultOpinion).where(ResultOpinion.result_id == result.id)
    )
    assert stands == 5


def test_a_group_with_many_opinions_has_pages_of_its_own(session):
    world = World(session)
    group = world.group()
    count = PAGE_TEXTS + 30
    submission = make_submission(
        session, world.campaign, *(f"{number}番目の意見" for number in range(count))
    )
    world.submissions.append(submission)
    session.execute(
        opinion_of(session, submission)
        .__table__.update()
        .where(opinion_of(session, submission).__table__.c.submission_id == submission.id)
        .values(group_id=group.id)
    )
    session.commit()
    result = world.frozen()
    (answer,) = queries.frozen_answers(session, result.id, 1)
    assert len(answer.texts) == TEXTS_BESIDE_GROUP
    assert (answer.text_total, answer.text_pages) == (count, 2)
    last = queries.frozen_texts(session, result.id, answer.texts_part + 1)
    assert [text.text for text in last] == [f"{number}番目の意見" for number in range(100, 130)]
    whole = queries.frozen_snapshot(session, result.id)
    assert len(whole.answers[0].texts) == count


@pytest.mark.slow
def test_a_long_result_is_cut_into_pages(session):
    world = World(session)
    for _ in range(90):
        world.answered("意見です。")
    result = world.frozen()
    frame = queries.frozen_frame(session, result.id)
    assert frame.starts == (1, 41, 81)
    assert [frame.page_of(number) for number in (1, 40, 41, 90)] == [1, 1, 2, 3]
    numbers = [
        answer.number
        for page in range(1, 4)
        for answer in queries.frozen_answers(session, result.id, page)
    ]
    assert numbers == list(range(1, 91))
    whole = queries.frozen_snapshot(session, result.id)
    live = gather(session, world.campaign, result, day=NOW.date()).snapshot
    assert digest(whole.parts()) == digest(live.parts()) == result.snapshot_sha256
