"""Two editors at once: one wins, and neither loses a word."""

import threading

import pytest
from sqlalchemy import func, select

from participation.campaigns.models import Campaign, Opinion, OpinionGroup, OpinionMask
from participation.campaigns.queries.amendments import get_amendment
from participation.campaigns.queries.groups import get_group
from participation.campaigns.queries.opinions import get_opinion, parts_of
from participation.campaigns.services import amendments, groups, masks, splitting
from participation.campaigns.services.amendments import AmendmentWords
from participation.campaigns.services.answer_rules import AnswerConflict
from participation.campaigns.services.groups import GroupWords
from participation.core.errors import DomainError
from participation.db.extension import db
from tests.campaigns.answers_arrange import NOW, make_desk

ROUNDS = 5


@pytest.fixture
def desk(session):
    return make_desk(session)


def at_once(app, *acts):
    """Run each act in a thread and session of its own, started together; return what came."""
    barrier = threading.Barrier(len(acts))
    outcomes = [None] * len(acts)

    def run(place, act):
        with app.app_context():
            session = db.session()
            barrier.wait()
            try:
                outcomes[place] = act(session)
                session.commit()
            except DomainError as error:
                session.rollback()
                outcomes[place] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return outcomes


def test_of_two_edits_from_one_version_one_wins_and_the_other_hears_of_it(app, desk):
    actors = [desk.actor(desk.writer), desk.actor(desk.colleague)]
    campaign_id, group_id = desk.campaign.id, desk.group().id
    desk.session.close()
    for turn in range(1, ROUNDS + 1):

        def edit(actor, turn=turn):
            def act(session):
                campaign = session.get(Campaign, campaign_id)
                return groups.edit_group(
                    session,
                    campaign,
                    get_group(session, campaign, group_id),
                    GroupWords(summary=f"{turn}回目、{actor.name}の文。"),
                    version=turn,
                    actor=actor,
                    now=NOW,
                )

            return act

        outcomes = at_once(app, *map(edit, actors))
        assert outcomes.count(True) == 1
        assert [type(each) for each in outcomes if each is not True] == [AnswerConflict]
        winner = actors[outcomes.index(True)]
        with app.app_context():
            group = db.session.get(OpinionGroup, group_id)
            assert (group.version, group.summary) == (turn + 1, f"{turn}回目、{winner.name}の文。")
            db.session.remove()


def test_groups_made_at_once_have_numbers_of_their_own(app, desk):
    actor, campaign_id = desk.actor(), desk.campaign.id
    desk.session.close()

    def make(session):
        campaign = session.get(Campaign, campaign_id)
        made = groups.create_group(session, campaign, GroupWords(), actor=actor, now=NOW)
        return made.number

    assert sorted(at_once(app, *[make] * 4)) == [1, 2, 3, 4]


def test_an_opinion_is_split_once(app, desk):
    actor, campaign_id = desk.actor(), desk.campaign.id
    ids = [desk.opinion("一つ目。二つ目。")[0].id for _ in range(ROUNDS)]
    desk.session.close()
    for opinion_id in ids:

        def split(session, opinion_id=opinion_id):
            campaign = session.get(Campaign, campaign_id)
            opinion = get_opinion(session, campaign, opinion_id)
            parts = ["一つ目。", "二つ目。"]
            return len(
                splitting.split_opinion(session, campaign, opinion, parts, actor=actor, now=NOW)
            )

        outcomes = at_once(app, split, split)
        assert outcomes.count(2) == 1
        with app.app_context():
            assert len(parts_of(db.session(), db.session.get(Opinion, opinion_id))) == 2
            db.session.remove()


def test_a_mask_never_ends_on_an_opinion_that_was_split_meanwhile(app, desk):
    actor, campaign_id = desk.actor(), desk.campaign.id
    ids = [desk.opinion("山田の一つ目。二つ目。")[0].id for _ in range(ROUNDS)]
    desk.session.close()
    for opinion_id in ids:

        def split(session, opinion_id=opinion_id):
            campaign = session.get(Campaign, campaign_id)
            opinion = get_opinion(session, campaign, opinion_id)
            parts = ["山田の一つ目。", "二つ目。"]
            return splitting.split_opinion(session, campaign, opinion, parts, actor=actor, now=NOW)

        def hide(session, opinion_id=opinion_id):
            campaign = session.get(Campaign, campaign_id)
            opinion = get_opinion(session, campaign, opinion_id)
            return masks.mask_phrase(
                session, campaign, opinion, "山田", reason="氏名", actor=actor, now=NOW
            )

        _split, hidden = at_once(app, split, hide)
        with app.app_context():
            [first, _second] = parts_of(db.session(), db.session.get(Opinion, opinion_id))
            on_part = db.session.scalar(
                select(func.count()).where(OpinionMask.opinion_id == first.id)
            )
            # Either the mask came first and went along, or its maker was told of the split.
            assert on_part == (0 if isinstance(hidden, DomainError) else 1)
            db.session.remove()


def test_a_ready_answer_never_loses_its_amendment(app, desk):
    actor, campaign = desk.actor(), desk.campaign
    campaign_id, category_id = campaign.id, desk.category("A").id
    pairs = []
    for _ in range(ROUNDS):
        group = desk.group(summary="要旨", view="考え方", category_id=category_id)
        pairs.append((group.id, desk.amendment(group.number).id))
    desk.session.close()
    for group_id, amendment_id in pairs:

        def make_ready(session, group_id=group_id):
            campaign = session.get(Campaign, campaign_id)
            group = get_group(session, campaign, group_id)
            words = GroupWords(summary="要旨", view="考え方", category_id=category_id, ready=True)
            return groups.edit_group(
                session, campaign, group, words, version=1, actor=actor, now=NOW
            )

        def unlink(session, amendment_id=amendment_id):
            campaign = session.get(Campaign, campaign_id)
            return amendments.edit_amendment(
                session,
                campaign,
                get_amendment(session, campaign, amendment_id),
                AmendmentWords("12ページ", before="植える。", after="育てる。"),
                [],
                version=1,
                actor=actor,
                now=NOW,
            )

        outcomes = at_once(app, make_ready, unlink)
        assert outcomes.count(True) == 1
