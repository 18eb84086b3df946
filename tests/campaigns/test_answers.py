"""Groups, amendments and categories: rules, audit, reach, what is left, and until when."""

import pytest
from sqlalchemy import func, select

from participation.campaigns.models import (
    AmendmentSource,
    CampaignResult,
    CampaignState,
    OpinionGroup,
    Outcome,
    ResultState,
)
from participation.campaigns.queries import groups as queries
from participation.campaigns.queries.amendments import amendment_lines
from participation.campaigns.queries.answer_waiting import answers_waiting
from participation.campaigns.queries.groups import GroupFilter, left, worksheet
from participation.campaigns.queries.progress import progress
from participation.campaigns.services import amendments, categories, groups, regrouping
from participation.campaigns.services.amendments import AmendmentWords
from participation.campaigns.services.answer_rules import AnswerConflict, answers_may_change
from participation.campaigns.services.categories import CategoryWords
from participation.campaigns.services.groups import GroupWords
from participation.core.errors import InvalidInput, NotFound, StateConflict
from tests.campaigns.answers_arrange import Desk, make_desk

SUMMARY, VIEW = "木陰を増やしてほしい。", "街路樹を植えます。"


@pytest.fixture
def desk(session) -> Desk:
    return make_desk(session)


def edit(desk, group, version=None, user=None, **words):
    values = {**vars(groups.words_of(group)), **words}
    return groups.edit_group(
        desk.session,
        desk.campaign,
        group,
        GroupWords(**values),
        version=group.version if version is None else version,
        actor=desk.actor(user),
        now=desk.later(),
    )


# --- groups -------------------------------------------------------------------------------------


def test_a_group_is_written_with_its_history(desk):
    group = desk.group(heading=" 第2章 ")
    assert (group.number, group.position, group.heading) == (1, 1, "第2章")
    assert edit(desk, group, summary=SUMMARY, category_id=desk.category("C").id)
    assert not edit(desk, group)
    desk.session.commit()
    assert group.version == 2
    assert group.author_id == desk.writer.id
    event = desk.events("campaigns.group.edited")[0]
    assert event.before == {"summary": "", "category": ""}
    assert event.after == {"summary": SUMMARY, "category": "C"}
    assert event.department_id == desk.department.id


def test_ready_needs_all_that_a_reader_will_need(desk):
    group = desk.group()
    for words, field in (
        ({}, "summary"),
        ({"summary": SUMMARY}, "category_id"),
        ({"summary": SUMMARY, "category_id": desk.category("C").id}, "view"),
        ({"summary": SUMMARY, "view": VIEW, "category_id": desk.category("A").id}, "ready"),
    ):
        with pytest.raises(InvalidInput) as refused:
            edit(desk, group, ready=True, **words)
        assert refused.value.field == field
        desk.session.rollback()
    # 対象外 is not answered.
    assert edit(desk, group, ready=True, summary=SUMMARY, category_id=desk.category("F").id)


def test_reflected_needs_an_amendment_and_keeps_it(desk):
    group = desk.group(code="A", summary=SUMMARY, view=VIEW)
    first, second = desk.amendment(group.number), desk.amendment(group.number)
    assert edit(desk, group, ready=True)
    desk.session.commit()
    amendments.delete_amendment(
        desk.session, desk.campaign, first, actor=desk.actor(), now=desk.later()
    )
    desk.session.commit()
    with pytest.raises(StateConflict, match="1番"):
        amendments.delete_amendment(
            desk.session, desk.campaign, second, actor=desk.actor(), now=desk.later()
        )
    desk.session.rollback()
    with pytest.raises(StateConflict, match="1番"):
        amendments.edit_amendment(
            desk.session,
            desk.campaign,
            second,
            AmendmentWords("12ページ", before="あ", after="い"),
            [],
            version=1,
            actor=desk.actor(),
            now=desk.later(),
        )


def test_a_stale_version_is_a_conflict_and_stores_nothing(desk):
    group = desk.group()
    edit(desk, group, summary="同僚の文。", user=desk.colleague)
    desk.session.commit()
    with pytest.raises(AnswerConflict):
        edit(desk, group, version=1, summary="私の文。")
    desk.session.rollback()
    assert group.summary == "同僚の文。"
    # Saying the same is no conflict.
    assert not edit(desk, group, version=1)


def test_another_department_finds_nothing(desk):
    group = desk.group()
    for act in (
        lambda actor: groups.create_group(
            desk.session, desk.campaign, GroupWords(), actor=actor, now=desk.now
        ),
        lambda actor: regrouping.dissolve_group(
            desk.session, desk.campaign, group, actor=actor, now=desk.now
        ),
        lambda actor: amendments.create_amendment(
            desk.session,
            desk.campaign,
            AmendmentWords("1", after="い"),
            [],
            actor=actor,
            now=desk.now,
        ),
        lambda actor: categories.add_category(
            desk.session, desk.campaign, CategoryWords("X", "新"), actor=actor, now=desk.now
        ),
    ):
        for user in (desk.stranger, desk.auditor):
            with pytest.raises(NotFound):
                act(desk.actor(user))
            desk.session.rollback()


def test_a_category_of_another_campaign_is_refused(desk):
    other = make_desk(desk.session)
    with pytest.raises(InvalidInput) as refused:
        desk.group(category_id=other.category("A").id)
    assert refused.value.field == "category_id"
    with pytest.raises(NotFound):
        queries.get_group(desk.session, desk.campaign, other.group().id)


def test_groups_move_in_the_printed_order(desk):
    made = [desk.group(heading=name) for name in "一二三四"]

    def order():
        return "".join(
            group.heading for group in queries.groups_in_order(desk.session, desk.campaign)
        )

    for which, place, after in ((3, 1, "四一二三"), (0, 99, "四二三一"), (1, 2, "四二三一")):
        moved = regrouping.place_group(
            desk.session, desk.campaign, made[which], place, actor=desk.actor(), now=desk.later()
        )
        assert moved == (which != 1)
        assert order() == after
    assert [group.number for group in made] == [1, 2, 3, 4]


def test_merging_keeps_every_opinion_amendment_and_word(desk):
    a, b, c = desk.opinion("一", "二", "三")
    into = desk.group(a, summary=SUMMARY)
    other = desk.group(b, c, summary="別の要旨。", view=VIEW)
    desk.amendment(other.number)
    moved = regrouping.merge_groups(
        desk.session, desk.campaign, into, [into, other], actor=desk.actor(), now=desk.later()
    )
    desk.session.commit()
    assert moved == 2
    assert {opinion.group_id for opinion in (a, b, c)} == {into.id}
    assert (into.summary, into.view) == (SUMMARY, VIEW)
    assert desk.session.scalars(select(AmendmentSource.group_id)).all() == [into.id]
    [event] = desk.events("campaigns.group.merged")
    assert event.before["groups"][0]["summary"] == "別の要旨。"
    with pytest.raises(InvalidInput):
        regrouping.merge_groups(
            desk.session, desk.campaign, into, [into], actor=desk.actor(), now=desk.now
        )


def test_dissolving_frees_the_opinions(desk):
    [opinion] = desk.opinion("一")
    group = desk.group(opinion, summary=SUMMARY)
    desk.amendment(group.number)
    number = regrouping.dissolve_group(
        desk.session, desk.campaign, group, actor=desk.actor(), now=desk.later()
    )
    desk.session.commit()
    assert number == 1
    assert opinion.group_id is None
    assert desk.session.scalar(select(func.count()).select_from(OpinionGroup)) == 0
    assert desk.events("campaigns.group.dissolved")[0].before["summary"] == SUMMARY
    assert len(amendment_lines(desk.session, desk.campaign)) == 1


# --- amendments ---------------------------------------------------------------------------------


def test_an_amendment_shows_the_opinions_behind_it(desk):
    opinions = desk.opinion("一", "二", "三")
    one, two = desk.group(*opinions[:2]), desk.group(opinions[2])
    desk.amendment(one.number, two.number)
    [line] = amendment_lines(desk.session, desk.campaign)
    assert ([group.number for group in line.groups], line.opinions) == ([1, 2], 3)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"place": " "}, "place"),
        ({"before": "", "after": " "}, "after"),
        ({"before": "同じ", "after": "同じ"}, "after"),
        ({"place": "あ" * 301}, "place"),
    ],
)
def test_an_amendment_says_where_and_what(desk, words, field):
    with pytest.raises(InvalidInput) as refused:
        desk.amendment(**words)
    assert refused.value.field == field


def test_an_amendment_points_to_things_of_its_campaign_only(desk):
    with pytest.raises(InvalidInput) as refused:
        desk.amendment(7)
    assert refused.value.field == "groups"
    desk.session.rollback()
    with pytest.raises(InvalidInput) as refused:
        desk.amendment(passage_id=99)
    assert refused.value.field == "passage_id"


def test_an_amendment_is_edited_with_a_version(desk):
    group = desk.group()
    amendment = desk.amendment()
    words = AmendmentWords("13ページ", before="植える。", after="育てる。")

    def change(words, version):
        return amendments.edit_amendment(
            desk.session,
            desk.campaign,
            amendment,
            words,
            [group.number],
            version=version,
            actor=desk.actor(),
            now=desk.later(),
        )

    assert change(words, 1)
    desk.session.commit()
    event = desk.events("campaigns.amendment.edited")[0]
    assert event.before == {"place": "12ページ", "groups": []}
    assert event.after == {"place": "13ページ", "groups": [1]}
    assert not change(words, 1)
    with pytest.raises(AnswerConflict):
        change(AmendmentWords("14ページ", after="い"), 1)


# --- categories ---------------------------------------------------------------------------------


def test_categories_are_edited_and_kept_while_used(desk):
    added = categories.add_category(
        desk.session, desk.campaign, CategoryWords("G", "検討中"), actor=desk.actor(), now=desk.now
    )
    assert added.position == 6
    desk.group(category_id=added.id)
    with pytest.raises(StateConflict, match="1件"):
        categories.remove_category(
            desk.session, desk.campaign, added, actor=desk.actor(), now=desk.now
        )
    desk.session.rollback()
    categories.remove_category(
        desk.session, desk.campaign, desk.category("E"), actor=desk.actor(), now=desk.now
    )
    categories.move_category(
        desk.session, desk.campaign, added, up=True, actor=desk.actor(), now=desk.now
    )
    desk.session.commit()
    codes = [row.code for row in queries.categories_of(desk.session, desk.campaign)]
    assert codes == ["A", "B", "C", "D", "G", "F"]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (CategoryWords("", "名"), "code"),
        (CategoryWords("Ａ", "全角でも同じ記号"), "code"),
        (CategoryWords("G", ""), "label"),
        (CategoryWords("G", "両方", needs_amendment=True, out_of_scope=True), "out_of_scope"),
    ],
)
def test_a_category_must_be_sound(desk, words, field):
    with pytest.raises(InvalidInput) as refused:
        categories.add_category(
            desk.session, desk.campaign, words, actor=desk.actor(), now=desk.now
        )
    assert refused.value.field == field


def test_a_category_cannot_come_to_need_what_ready_answers_lack(desk):
    group = desk.group(code="C", summary=SUMMARY, view=VIEW)
    edit(desk, group, ready=True)
    desk.session.commit()
    category = desk.category("C")
    with pytest.raises(InvalidInput) as refused:
        categories.edit_category(
            desk.session,
            desk.campaign,
            category,
            CategoryWords("C", category.label, needs_amendment=True),
            actor=desk.actor(),
            now=desk.now,
        )
    assert refused.value.field == "needs_amendment"


# --- what is left, and until when ---------------------------------------------------------------


def test_what_is_left_and_how_far_it_is(desk):
    opinions = desk.opinion("一", "二", "三", "四")
    done = desk.group(opinions[0], code="C", summary=SUMMARY, view=VIEW, assigned_to="計画係")
    edit(desk, done, ready=True)
    desk.group(opinions[1], code="A", assigned_to="緑化係")
    desk.group(code="F", summary=SUMMARY)
    desk.session.commit()
    found = left(desk.session, desk.campaign)
    assert (found.ungrouped, found.groups, found.not_ready) == (2, 3, 2)
    assert (found.without_summary, found.without_view, found.without_amendment) == (1, 1, 1)
    assert not found.nothing
    for kind, numbers in (("amendment", [2]), ("ready", [2, 3]), ("opinions", [3]), ("view", [2])):
        lines = worksheet(desk.session, desk.campaign, GroupFilter(missing=kind), limit=9)
        assert [line.group.number for line in lines] == numbers, kind
    [line] = worksheet(desk.session, desk.campaign, GroupFilter(section="緑化係"), limit=9)
    assert line.lacks_amendment
    assert line.count.opinions == 1
    far = progress(desk.session, desk.campaign)
    assert far.share == 0.25
    assert [(line.section, line.ready) for line in far.sections] == [
        ("緑化係", 0),
        ("計画係", 1),
        ("", 0),
    ]
    waiting = {line.kind: line.count for line in answers_waiting(desk.session, desk.actor())}
    assert waiting == {"sort": 2, "write": 1}
    assert answers_waiting(desk.session, desk.actor(desk.stranger)) == []
    assert answers_waiting(desk.session, desk.actor(desk.auditor)) == []


@pytest.mark.parametrize(
    ("state", "results", "may"),
    [
        (CampaignState.OPEN, [], True),
        (CampaignState.REVIEWING, [ResultState.DRAFT], True),
        (CampaignState.REVIEWING, [ResultState.SUBMITTED], False),
        (CampaignState.REVIEWING, [ResultState.APPROVED], False),
        (CampaignState.PUBLISHED, [ResultState.PUBLISHED], False),
        (CampaignState.PUBLISHED, [ResultState.PUBLISHED, ResultState.DRAFT], True),
        (CampaignState.PUBLISHED, [ResultState.PUBLISHED, ResultState.DISCARDED], False),
        (CampaignState.CANCELLED, [], False),
    ],
)
def test_when_answers_may_change(session, state, results, may):
    desk = make_desk(
        session,
        state=state,
        outcome=Outcome.UNCHANGED if state is CampaignState.PUBLISHED else None,
    )
    for number, result in enumerate(results, start=1):
        session.add(
            CampaignResult(
                campaign_id=desk.campaign.id,
                number=number,
                state=result,
                correction="誤り" if number > 1 else "",
                created_at=desk.now,
                published_at=desk.now if result is ResultState.PUBLISHED else None,
            )
        )
    session.commit()
    assert answers_may_change(desk.campaign, session) is may
    if not may:
        with pytest.raises(StateConflict):
            desk.group()
