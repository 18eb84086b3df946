"""A receipt shows what became of each opinion, and only what is published."""

from datetime import timedelta

import pytest
from flask import render_template

from participation.campaigns.models import AnonymousPolicy, Opinion, Outcome
from participation.campaigns.queries.trace import Standing, trace
from participation.campaigns.texts import text_key
from tests.campaigns.arrange import make_submission
from tests.campaigns.results import NOW, World, opinion_of, run_job

pytestmark = pytest.mark.usefixtures("quick_pdf")


def traced(session, submission):
    return trace(session, submission.receipt_id)


def test_each_opinion_leads_to_its_answer_and_to_what_was_amended(session):
    world = World(session)
    amended = world.group(category="A")
    kept = world.group()
    world.answered("空き状況を知らせてほしい。", "料金を下げてほしい。", group=amended)
    opinion_of(session, world.submissions[0], 2).group_id = kept.id
    world.amended(amended)
    session.commit()
    assert traced(session, world.submissions[0]) == []
    world.published(outcome=Outcome.AMENDED)
    first, second = traced(session, world.submissions[0])
    assert first.text == "空き状況を知らせてほしい。"
    (part,) = first.parts
    assert part.standing is Standing.ANSWERED
    assert (part.answer.group_number, part.answer.page) == (1, 1)
    assert part.answer.summary == "1番目の要旨"
    assert part.answer.view == "1番目の考え方"
    assert part.answer.category == "A"
    assert [change.number for change in part.answer.amendments] == [1]
    assert second.parts[0].answer.group_number == 2
    assert second.parts[0].answer.amendments == ()


def test_nothing_of_what_staff_are_working_on_is_shown(session):
    world = World(session, texts=("増やしてほしい。",))
    submission = world.submissions[0]
    result = world.draft()
    assert traced(session, submission) == []
    job = world.submit(result)
    run_job(session, job)
    assert traced(session, submission) == []
    world.approve(result, scheduled_for=NOW + timedelta(hours=1))
    assert traced(session, submission) == []


def test_a_split_opinion_shows_all_its_parts(session):
    world = World(session)
    first, second = world.group(), world.group()
    submission = make_submission(session, world.campaign, "場所を増やして。料金を下げて。")
    whole = opinion_of(session, submission)
    whole.split = True
    for number, (text, group) in enumerate(
        (("場所を増やして。", first), ("料金を下げて。", second)), start=2
    ):
        session.add(
            Opinion(
                campaign_id=world.campaign.id,
                submission_id=submission.id,
                number=number,
                text=text,
                text_key=text_key(text),
                split_from_id=whole.id,
                group_id=group.id,
            )
        )
    session.commit()
    world.published()
    (opinion,) = traced(session, submission)
    assert opinion.was_split
    assert opinion.text == "場所を増やして。料金を下げて。"
    assert [(part.text, part.answer.group_number) for part in opinion.parts] == [
        ("場所を増やして。", 1),
        ("料金を下げて。", 2),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "standing"),
    [
        ({"late": True}, Standing.LATE),
        ({"rerouted_to": "市長への手紙"}, Standing.REROUTED),
        ({"out_of_scope": True}, Standing.OUT_OF_SCOPE),
        ({"anonymous": True, "person_key": None}, Standing.REFERENCE),
    ],
)
def test_what_was_not_answered_says_why(session, flags, standing):
    world = World(session, anonymous_policy=AnonymousPolicy.REFERENCE)
    submission = make_submission(session, world.campaign, "意見です。", **flags)
    world.published(outcome_note="理由")
    (opinion,) = traced(session, submission)
    assert [part.standing for part in opinion.parts] == [standing]
    assert opinion.parts[0].answer is None


def test_a_duplicate_is_answered_where_its_original_is(session):
    world = World(session, texts=("増やしてほしい。",))
    again = make_submission(
        session, world.campaign, "増やしてほしい。", duplicate_of_id=world.submissions[0].id
    )
    world.published()
    (opinion,) = traced(session, again)
    assert opinion.parts[0].answer.group_number == 1


@pytest.mark.slow
def test_a_correction_is_what_is_traced(session):
    world = World(session, texts=("増やしてほしい。",))
    world.published()
    world.groups[0].view = "正しい考え方"
    session.commit()
    world.published(correction="誤りがありました。")
    (opinion,) = traced(session, world.submissions[0])
    assert opinion.parts[0].answer.view == "正しい考え方"


def test_the_receipt_page_shows_it_and_links_to_the_result(app, session):
    world = World(session)
    world.amended(world.answered("空き状況を<b>知らせて</b>ほしい。", category="A"))
    late = make_submission(session, world.campaign, "遅れた意見", late=True)
    world.published(outcome=Outcome.AMENDED)

    def page(submission):
        with app.test_request_context():
            return render_template(
                "campaigns/public/_trace.html",
                traced=traced(session, submission),
                campaign_id=world.campaign.id,
            )

    text = page(world.submissions[0])
    address = f"/campaigns/{world.campaign.id}/result/"
    assert f'href="{address}#opinion-1"' in text
    assert f'href="{address}#amendment-1"' in text
    assert "空き状況を&lt;b&gt;知らせて&lt;/b&gt;ほしい。" in text
    assert "1番目の考え方" in text
    assert "募集期間の後に届いたため" in page(late)


def test_another_receipt_tells_nothing(session):
    world = World(session, texts=("一つ目", "二つ目"))
    world.published()
    (opinion,) = traced(session, world.submissions[1])
    assert opinion.text == "二つ目"
    assert opinion.parts[0].answer.group_number == 2
    assert trace(session, 999_999) == []
