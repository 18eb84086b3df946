"""The life of a result: two people, frozen words, the clock, corrections."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from participation.audit.models import AuditEvent
from participation.campaigns.jobs import results as jobs
from participation.campaigns.models import (
    CampaignNotice,
    CampaignState,
    NoticeKind,
    OpinionMask,
    Outcome,
    ResultFile,
    ResultOpinion,
    ResultPart,
    ResultState,
)
from participation.campaigns.queries import results as queries
from participation.campaigns.queries.result_building import gather
from participation.campaigns.queries.result_checks import missing
from participation.campaigns.result_snapshot import (
    PAGE_TEXTS,
    TEXTS_BESIDE_GROUP,
    digest,
)
from participation.campaigns.services import result_approval as approval
from participation.campaigns.services import results as services
from participation.campaigns.services.results import ResultWords
from participation.core.errors import InvalidInput, PermissionDenied, StateConflict
from participation.files.services import read
from tests.campaigns.arrange import make_submission
from tests.campaigns.results import NOW, World, actor, opinion_of, run_job

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def quick_pdf(monkeypatch):
    """The real one is set in test_result_print.py and by the killed worker."""
    monkeypatch.setattr(jobs, "result_pdf", lambda *_, **__: b"%PDF-1.7")


def parts_of(session, result):
    return list(queries.frozen_parts(session, result.id))


def test_a_result_goes_from_draft_to_published(session):
    world = World(session, texts=("駐車場を増やしてほしい。",))
    result = world.published(introduction="ありがとうございました。")
    assert result.state is ResultState.PUBLISHED
    assert result.published_at == NOW
    assert world.campaign.state is CampaignState.PUBLISHED
    assert world.campaign.outcome is Outcome.UNCHANGED
    frame = queries.frozen_frame(session, result.id)
    assert frame.introduction == "ありがとうございました。"
    assert (frame.tally.submissions, frame.tally.persons, frame.tally.opinions) == (1, 1, 1)
    files = queries.downloads(session, result.id)
    assert list(files) == ["pdf", "xlsx", "csv", "csv-cp932"]
    acts = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject == f"campaign_result:{result.id}")
    ).all()
    assert acts == [
        f"campaigns.result.{verb}" for verb in ("drafted", "submitted", "approved", "published")
    ]


def test_nobody_approves_what_they_submitted(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.draft()
    job = services.submit_result(
        session, world.campaign, result, actor=actor(world.approver), now=NOW
    )
    session.commit()
    run_job(session, job)
    with pytest.raises(PermissionDenied):
        world.approve(result)
    session.rollback()
    assert result.state is ResultState.SUBMITTED


def test_the_database_too_wants_two_people(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    result.approved_by = result.submitted_by
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_it_cannot_be_approved_before_its_files_are_there(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.draft()
    world.submit(result)
    with pytest.raises(StateConflict):
        world.approve(result)


def test_it_cannot_be_approved_when_it_was_made_anew_since_it_was_read(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    with pytest.raises(StateConflict):
        approval.approve_result(
            session,
            world.campaign,
            result,
            snapshot_sha256="0" * 64,
            scheduled_for=None,
            actor=actor(world.approver),
            now=NOW,
        )


def test_the_clock_publishes_at_the_moment_and_not_before(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    moment = NOW + HOUR
    world.approve(result, scheduled_for=moment)
    assert result.state is ResultState.APPROVED
    assert approval.publish_due(session, moment - timedelta(milliseconds=1)) == 0
    assert world.campaign.state is CampaignState.REVIEWING
    assert approval.publish_due(session, moment) == 1
    session.commit()
    assert result.state is ResultState.PUBLISHED
    assert result.published_at == moment
    assert world.campaign.state is CampaignState.PUBLISHED
    assert approval.publish_due(session, moment) == 0


def test_one_result_that_cannot_be_published_does_not_keep_the_others(session):
    first, second = World(session, texts=("一",)), World(session, texts=("二",))
    broken, good = first.frozen(), second.frozen()
    first.approve(broken, scheduled_for=NOW + HOUR)
    second.approve(good, scheduled_for=NOW + HOUR)
    session.delete(session.get(ResultFile, (broken.id, "pdf")))
    session.commit()
    assert approval.publish_due(session, NOW + HOUR) == 1
    session.commit()
    assert good.state is ResultState.PUBLISHED
    assert broken.state is ResultState.APPROVED


def test_a_moment_in_the_past_is_refused(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    with pytest.raises(InvalidInput):
        world.approve(result, scheduled_for=NOW)


def test_it_comes_back_with_a_reason_and_can_be_submitted_again(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    with pytest.raises(InvalidInput):
        approval.return_result(
            session,
            world.campaign,
            result,
            reason=" ",
            actor=actor(world.approver),
            now=NOW,
        )
    approval.return_result(
        session,
        world.campaign,
        result,
        reason="要旨を短くしてください。",
        actor=actor(world.approver),
        now=NOW,
    )
    session.commit()
    assert result.state is ResultState.RETURNED
    assert not queries.downloads(session, result.id)
    assert not parts_of(session, result)
    run_job(session, world.submit(result))
    world.approve(result)
    assert result.state is ResultState.PUBLISHED


def test_a_scheduled_result_can_still_be_stopped(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    world.approve(result, scheduled_for=NOW + HOUR)
    approval.return_result(
        session,
        world.campaign,
        result,
        reason="議会の日程が変わりました。",
        actor=actor(world.approver),
        now=NOW,
    )
    session.commit()
    assert approval.publish_due(session, NOW + HOUR) == 0
    assert result.state is ResultState.RETURNED


def test_taking_it_back_stops_a_job_that_runs(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.draft()
    old = world.submit(result)
    services.take_back_result(session, world.campaign, result, actor=actor(world.writer), now=NOW)
    session.commit()
    run_job(session, old)
    assert result.snapshot_sha256 == ""
    new = world.submit(result)
    run_job(session, old)  # the job of the first time does nothing to the second
    assert result.snapshot_sha256 == ""
    run_job(session, new)
    assert len(result.snapshot_sha256) == 64


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


def test_only_one_result_is_under_way(session):
    world = World(session, texts=("増やしてほしい。",))
    world.draft()
    with pytest.raises(StateConflict):
        world.draft()


def test_a_discarded_number_is_taken_up_again(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.draft()
    services.discard_result(session, world.campaign, result, actor=actor(world.writer), now=NOW)
    session.commit()
    assert queries.result_under_way(session, world.campaign.id) is None
    again = world.draft()
    assert (again.number, again.state) == (1, ResultState.DRAFT)


def test_two_writers_do_not_overwrite_each_other(session):
    world = World(session)
    result = world.draft()
    seen = result.version
    words = ResultWords(Outcome.UNCHANGED, introduction="一人目")
    services.edit_result(
        session,
        world.campaign,
        result,
        words,
        version=seen,
        actor=actor(world.writer),
        now=NOW,
    )
    with pytest.raises(StateConflict):
        services.edit_result(
            session,
            world.campaign,
            result,
            ResultWords(Outcome.UNCHANGED, introduction="二人目"),
            version=seen,
            actor=actor(world.approver),
            now=NOW,
        )
    assert result.introduction == "一人目"


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


def test_frozen_parts_are_gone_with_a_draft_that_is_taken_back(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    services.take_back_result(session, world.campaign, result, actor=actor(world.writer), now=NOW)
    session.commit()
    for table in (ResultPart, ResultOpinion, ResultFile):
        assert session.scalar(select(func.count()).select_from(table)) == 0
