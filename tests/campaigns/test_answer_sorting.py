"""Opinions put into groups and split into parts; the words that were sent stay as they are."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from participation.campaigns.models import (
    CampaignResult,
    Opinion,
    OpinionMask,
    ResultOpinion,
    TextCluster,
)
from participation.campaigns.queries.counts import counts
from participation.campaigns.queries.groups import left
from participation.campaigns.queries.opinions import OpinionFilter, opinion_lines
from participation.campaigns.services import sorting
from participation.campaigns.services.sorting import Selection
from participation.campaigns.services.splitting import find_parts, join_again, split_opinion
from participation.core.errors import InvalidInput, NotFound, StateConflict
from tests.campaigns.answers_arrange import Desk, make_desk


@pytest.fixture
def desk(session) -> Desk:
    return make_desk(session)


# --- sorting ------------------------------------------------------------------------------------


def test_ticked_opinions_go_into_a_group_and_the_log_names_them(desk):
    opinions = desk.opinion(*"一二三")
    group = desk.group()
    selection = Selection(ids=tuple(opinion.id for opinion in opinions[:2]))
    arguments = {"actor": desk.actor(), "now": desk.later()}
    assert sorting.put_in_group(desk.session, desk.campaign, selection, group, **arguments) == 2
    assert sorting.put_in_group(desk.session, desk.campaign, selection, group, **arguments) == 0
    desk.session.commit()
    assert [opinion.group_id for opinion in opinions] == [group.id, group.id, None]
    [event] = desk.events("campaigns.opinion.sorted")
    first = opinions[0].id
    assert event.after["opinion_ids"] == f"{first}-{first + 1}"
    assert event.before == {"group_id": [{"value": None, "rows": 2}]}


def test_a_whole_cluster_moves_in_a_few_statements(desk, queries):
    opinions = [desk.opinion("同じ文。")[0] for _ in range(30)]
    cluster = TextCluster(
        campaign_id=desk.campaign.id,
        representative_id=opinions[0].id,
        opinions=30,
        updated_at=desk.now,
    )
    desk.session.add(cluster)
    desk.session.flush()
    desk.session.execute(update(Opinion).values(cluster_id=cluster.id))
    group = desk.group()
    actor = desk.actor()
    desk.session.commit()
    queries.clear()
    every = Selection(every=OpinionFilter(cluster_id=cluster.id, to_sort=True))
    moved = sorting.put_in_group(
        desk.session, desk.campaign, every, group, actor=actor, now=desk.later()
    )
    desk.session.commit()
    assert moved == 30
    assert sum(statement.startswith("UPDATE opinion") for statement in queries) == 1
    assert len(queries) < 15
    assert desk.events("campaigns.opinion.sorted")[0].after["cluster"] == cluster.id


def test_sorting_refuses_what_is_not_there(desk):
    other = make_desk(desk.session)
    [foreign] = other.opinion("よその意見")
    [split] = desk.opinion("一つ目。二つ目。")
    split_opinion(
        desk.session,
        desk.campaign,
        split,
        ["一つ目。", "二つ目。"],
        actor=desk.actor(),
        now=desk.now,
    )
    desk.session.commit()
    for ids, error in (((), InvalidInput), ((foreign.id,), NotFound), ((split.id,), InvalidInput)):
        with pytest.raises(error):
            sorting.assign_opinions(
                desk.session,
                desk.campaign,
                Selection(ids=ids),
                "計画係",
                actor=desk.actor(),
                now=desk.now,
            )
        desk.session.rollback()
    assert foreign.assigned_to == ""


def test_out_of_scope_needs_a_reason_and_counts_apart(desk):
    [opinion] = desk.opinion("市長の給料について")
    selection = Selection(ids=(opinion.id,))
    with pytest.raises(InvalidInput):
        sorting.set_out_of_scope(
            desk.session,
            desk.campaign,
            selection,
            outside=True,
            reason=" ",
            actor=desk.actor(),
            now=desk.now,
        )
    desk.session.rollback()
    sorting.set_out_of_scope(
        desk.session,
        desk.campaign,
        selection,
        outside=True,
        reason="案と関係がない",
        actor=desk.actor(),
        now=desk.now,
    )
    desk.session.commit()
    found = counts(desk.session, desk.campaign.id)
    assert (found.opinions, found.out_of_scope_opinions) == (0, 1)
    assert left(desk.session, desk.campaign).ungrouped == 0


def test_the_list_shows_what_is_to_be_sorted_by_keyset(desk):
    opinions = desk.opinion(*(f"意見{number}" for number in range(5)))
    desk.opinion("遅い", late=True)
    desk.group(opinions[0])
    wanted = OpinionFilter(to_sort=True)
    first = opinion_lines(desk.session, desk.campaign, wanted, limit=3)
    assert [line.opinion.text for line in first] == ["意見4", "意見3", "意見2"]
    rest = opinion_lines(desk.session, desk.campaign, wanted, limit=3, before=first[-1].id)
    assert [line.opinion.text for line in rest] == ["意見1"]
    found = opinion_lines(desk.session, desk.campaign, OpinionFilter(text="見3"), limit=3)
    assert [line.opinion.text for line in found] == ["意見3"]
    assert (
        len(opinion_lines(desk.session, desk.campaign, OpinionFilter(ungrouped=True), limit=9)) == 5
    )


# --- splitting ----------------------------------------------------------------------------------


def test_a_split_and_its_undoing(desk):
    text = "お世話になります。\n一つ目は木陰。\n二つ目は030-1234-5678です。"
    [opinion] = desk.opinion(text)
    group = desk.group(opinion)
    start = text.index("030")
    desk.session.add(
        OpinionMask(
            opinion_id=opinion.id,
            field="text",
            start=start,
            stop=start + 13,
            reason="電話番号",
            made_by=desk.writer.id,
            made_at=desk.now,
        )
    )
    desk.session.commit()
    parts = split_opinion(
        desk.session,
        desk.campaign,
        opinion,
        ["一つ目は木陰。\n", "二つ目は030-1234-5678です。"],
        actor=desk.actor(),
        now=desk.later(),
    )
    desk.session.commit()
    assert [(part.number, part.text) for part in parts] == [
        (2, "一つ目は木陰。"),
        (3, "二つ目は030-1234-5678です。"),
    ]
    assert opinion.split
    assert opinion.text == text
    masks = desk.session.scalars(
        select(OpinionMask).where(OpinionMask.opinion_id == parts[1].id)
    ).all()
    assert [parts[1].text[mask.start : mask.stop] for mask in masks] == ["030-1234-5678"]
    assert counts(desk.session, desk.campaign.id).opinions == 2
    with pytest.raises(StateConflict):
        split_opinion(
            desk.session, desk.campaign, opinion, ["一つ", "二つ"], actor=desk.actor(), now=desk.now
        )
    desk.session.rollback()
    # A mask that a part got meanwhile is not lost by the undoing.
    desk.session.add(
        OpinionMask(
            opinion_id=parts[0].id,
            field="text",
            start=4,
            stop=6,
            reason="試験",
            made_by=desk.writer.id,
            made_at=desk.now,
        )
    )
    desk.session.commit()
    join_again(desk.session, desk.campaign, opinion, actor=desk.actor(), now=desk.later())
    desk.session.commit()
    assert not opinion.split
    assert opinion.group_id == group.id
    hidden = desk.session.scalars(select(OpinionMask).order_by(OpinionMask.start)).all()
    assert [text[mask.start : mask.stop] for mask in hidden] == ["木陰", "030-1234-5678"]
    assert desk.session.scalar(select(func.count()).select_from(Opinion)) == 1


@pytest.mark.parametrize(
    "parts",
    [["一つ目。"], ["二つ目。", "一つ目。"], ["一つ目", "二つ自"], ["一つ目。", "一つ目。"]],
)
def test_parts_quote_the_original_in_its_order(parts):
    with pytest.raises(InvalidInput):
        find_parts("一つ目。二つ目。", parts)


def test_a_split_opinion_is_in_no_cluster_and_its_parts_find_their_own(desk):
    a, b = desk.opinion("一つ目。二つ目。", "一つ目。二つ目。")
    cluster = TextCluster(
        campaign_id=desk.campaign.id, representative_id=a.id, opinions=2, updated_at=desk.now
    )
    desk.session.add(cluster)
    desk.session.flush()
    a.cluster_id = b.cluster_id = cluster.id
    desk.session.commit()
    parts = split_opinion(
        desk.session, desk.campaign, b, ["一つ目。", "二つ目。"], actor=desk.actor(), now=desk.now
    )
    desk.session.commit()
    desk.session.refresh(cluster)
    assert (a.cluster_id, b.cluster_id, cluster.opinions) == (cluster.id, None, 1)
    assert [part.cluster_id for part in parts] == [None, None]


def test_parts_of_a_published_result_stay(desk):
    [opinion] = desk.opinion("一つ目。二つ目。")
    parts = split_opinion(
        desk.session,
        desk.campaign,
        opinion,
        ["一つ目。", "二つ目。"],
        actor=desk.actor(),
        now=desk.now,
    )
    result = CampaignResult(campaign_id=desk.campaign.id, number=1, created_at=desk.now)
    desk.session.add(result)
    desk.session.flush()
    desk.session.add(
        ResultOpinion(result_id=result.id, opinion_id=parts[0].id, position=1, group_number=1)
    )
    desk.session.commit()
    with pytest.raises(StateConflict, match="公表"):
        join_again(desk.session, desk.campaign, opinion, actor=desk.actor(), now=desk.now)


# --- the original stays --------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["text", "reason", "place"])
def test_no_statement_changes_the_words_of_an_opinion(desk, column):
    [opinion] = desk.opinion("意見です。")
    opinion_id = opinion.id
    with pytest.raises(DBAPIError, match="as sent"):
        desk.session.execute(update(Opinion).values({column: "別の言葉"}))
    desk.session.rollback()
    setattr(desk.session.get(Opinion, opinion_id), column, "別の言葉")
    with pytest.raises(DBAPIError, match="as sent"):
        desk.session.flush()
    desk.session.rollback()
    assert desk.session.get(Opinion, opinion_id).text == "意見です。"


def test_a_typing_error_may_be_put_right_until_the_second_look(desk):
    [opinion] = desk.opinion("以見です。", typed_by=desk.writer.id)
    opinion.text = "意見です。"
    desk.session.commit()
    assert opinion.text == "意見です。"
