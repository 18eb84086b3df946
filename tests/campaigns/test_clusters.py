"""Clusters in the database: as opinions come in, on demand, killed midway; their pages."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.bursts import Slot, find_bursts
from participation.campaigns.jobs.clusters import group_all_new_opinions, group_new_opinions
from participation.campaigns.models import (
    Campaign,
    CampaignState,
    Opinion,
    OpinionGroup,
    Submission,
    TextCluster,
)
from participation.campaigns.queries import clusters as queries
from participation.campaigns.services import cluster_storage, clustering
from participation.core import clock
from participation.core.actors import Role
from participation.jobs.worker import run_pending
from participation.submissions.models import Channel
from tests.campaigns.arrange import make_campaign, make_submission, opinions_of
from tests.campaigns.corpus import make_corpus
from tests.campaigns.test_grouping import LETTER, OTHERS, TEMPLATE
from tests.factories import make_department, make_user, post, sign_in

EDITED = TEMPLATE.replace("高齢者や子ども連れ", "お年寄り")


@pytest.fixture
def campaign(session: Session) -> Campaign:
    return make_campaign(session, make_department(session))


def sweep(session: Session) -> None:
    group_new_opinions(session, clock.now())
    session.commit()


def sizes(session: Session, campaign: Campaign) -> list[tuple[int, int]]:
    """Opinions and different texts of each cluster that has any, the oldest first."""
    session.expire_all()
    return [
        (row.opinions, row.distinct_texts)
        for row in session.scalars(
            select(TextCluster)
            .where(TextCluster.campaign_id == campaign.id, TextCluster.opinions > 0)
            .order_by(TextCluster.id)
        )
    ]


def check_counts(session: Session, campaign: Campaign) -> None:
    """What the rows of clusters say is what a count finds, and each has its representative."""
    session.expire_all()
    for row in session.scalars(select(TextCluster).where(TextCluster.opinions > 0)):
        count = queries.cluster_counts(session, [row.id])[row.id]
        assert (row.opinions, row.distinct_texts) == (count.opinions, count.texts)
        representative = session.get_one(Opinion, row.representative_id)
        assert representative.cluster_id == row.id
        assert representative.similarity == 1000
    loose = session.scalars(
        select(Opinion).where(Opinion.campaign_id == campaign.id, Opinion.cluster_id.is_(None))
    ).all()
    assert loose == []


def test_equal_and_like_opinions_come_together(session: Session, campaign: Campaign):
    first = make_submission(session, campaign, TEMPLATE, OTHERS[0])
    second = make_submission(session, campaign, TEMPLATE.replace("。", "。\n"), channel=Channel.FAX)
    make_submission(session, campaign, EDITED)
    sweep(session)
    assert sizes(session, campaign) == [(3, 2), (1, 1)]
    one, two = opinions_of(session, first)[0], opinions_of(session, second)[0]
    assert one.cluster_id == two.cluster_id
    assert (one.similarity, two.similarity) == (1000, 1000)
    check_counts(session, campaign)


def test_later_opinions_join_what_is_there(session: Session, campaign: Campaign):
    make_submission(session, campaign, TEMPLATE, OTHERS[0])
    sweep(session)
    make_submission(session, campaign, TEMPLATE)
    make_submission(session, campaign, LETTER)
    make_submission(session, campaign, EDITED)
    make_submission(session, campaign, OTHERS[1])
    sweep(session)
    assert sizes(session, campaign) == [(4, 3), (1, 1), (1, 1)]
    check_counts(session, campaign)
    sweep(session)
    assert sizes(session, campaign) == [(4, 3), (1, 1), (1, 1)]


def test_campaigns_are_apart(session: Session, campaign: Campaign):
    other = make_campaign(session, make_department(session, "みどり課"))
    make_submission(session, campaign, TEMPLATE)
    make_submission(session, other, TEMPLATE)
    sweep(session)
    assert sizes(session, campaign) == sizes(session, other) == [(1, 1)]


def test_a_split_opinion_is_counted_by_its_parts(session: Session, campaign: Campaign):
    whole = opinions_of(session, make_submission(session, campaign, TEMPLATE + OTHERS[0]))[0]
    whole.split = True
    session.commit()
    make_submission(session, campaign, TEMPLATE)
    sweep(session)
    assert sizes(session, campaign) == [(1, 1)]
    assert session.get_one(Opinion, whole.id).cluster_id is None


def test_a_large_campaign_waits_for_the_slower_sweep(
    session: Session, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
):
    make_submission(session, campaign, TEMPLATE, OTHERS[0])
    sweep(session)
    monkeypatch.setattr(clustering, "SMALL", 1)
    make_submission(session, campaign, TEMPLATE, OTHERS[1])
    sweep(session)
    assert sizes(session, campaign) == [(2, 1), (1, 1)]  # equal at once
    group_all_new_opinions(session, clock.now())
    assert sizes(session, campaign) == [(2, 1), (1, 1), (1, 1)]
    check_counts(session, campaign)


def test_grouping_anew_finds_what_coming_in_one_by_one_hid(session: Session, campaign: Campaign):
    """Two edits that are not like each other, then what both were made from."""
    text = "".join(make_corpus(40, seed=4, planted=0, english=0).texts[:2])[:400]
    new = "".join(make_corpus(40, seed=5, planted=0, english=0).texts[:2])
    cut = len(text) * 28 // 100
    for each in (new[:cut] + text[cut:], text[:-cut] + new[cut : 2 * cut]):
        make_submission(session, campaign, each)
        sweep(session)
    before = sizes(session, campaign)
    make_submission(session, campaign, text)
    sweep(session)
    assert before == [(1, 1), (1, 1)]
    assert sizes(session, campaign) == [(2, 2), (1, 1)]
    clustering.group_anew(session, campaign.id, now=clock.now(), commit=session.commit)
    assert sizes(session, campaign) == [(3, 3)]
    assert len(session.scalars(select(TextCluster)).all()) == 2  # the emptied one keeps its row
    check_counts(session, campaign)


class KilledError(Exception):
    """Stands for a kill of the worker between two pieces."""


@pytest.mark.parametrize("anew", [False, True])
def test_a_run_that_was_killed_is_completed_by_the_next(
    session: Session, campaign: Campaign, monkeypatch: pytest.MonkeyPatch, anew: bool
):
    monkeypatch.setattr(cluster_storage, "_PIECE", 3)
    corpus = make_corpus(60, seed=11, english=0)
    for start in range(0, 60, 6):
        make_submission(session, campaign, *corpus.texts[start : start + 6])
    if anew:
        sweep(session)
        session.execute(TextCluster.__table__.update().values(representative_id=0))
        session.commit()
    whole = clustering.group_anew if anew else clustering.group_waiting
    for pieces in (1, 2, 4):
        left = iter(range(pieces))

        def commit(left: object = left) -> None:
            if next(left, None) is None:  # type: ignore[call-overload]
                session.rollback()
                raise KilledError
            session.commit()

        with pytest.raises(KilledError):
            whole(session, campaign.id, now=clock.now(), commit=commit)
        session.rollback()
    whole(session, campaign.id, now=clock.now(), commit=session.commit)
    check_counts(session, campaign)
    rows = {
        opinion.text: opinion.cluster_id
        for opinion in session.scalars(select(Opinion).where(Opinion.campaign_id == campaign.id))
    }
    for text, origin, kind in zip(corpus.texts, corpus.origins, corpus.kinds, strict=True):
        if kind == "exact":
            original = corpus.texts[
                next(
                    place
                    for place, (other, what) in enumerate(
                        zip(corpus.origins, corpus.kinds, strict=True)
                    )
                    if other == origin and what == "original"
                )
            ]
            assert rows[text] == rows[original]


def test_the_job_groups_anew_and_the_pages_show_it(
    app: Flask, session: Session, client: FlaskClient, campaign: Campaign
):
    make_submission(session, campaign, TEMPLATE, OTHERS[0])
    make_submission(session, campaign, EDITED, channel=Channel.POST, person_key=None)
    department = campaign.department_id
    user = make_user(session, Role.CONTRIBUTOR, session.get_one(_department(), department))
    sign_in(client, session, user)
    base = f"/staff/campaigns/{campaign.id}/clusters"
    assert "比べている途中の意見が3件" in client.get(base).get_data(as_text=True)
    answer = post(client, f"{base}/regroup")
    assert answer.status_code == 303
    session.rollback()
    assert run_pending(app) == 1
    assert sizes(session, campaign) == [(2, 2), (1, 1)]
    page = client.get(base).get_data(as_text=True)
    assert "比べている途中" not in page
    assert "駅前の駐輪場" in page
    assert "図書館" not in page  # like no other
    cluster = session.scalars(select(TextCluster).where(TextCluster.opinions == 2)).one()
    page = client.get(f"{base}/{cluster.id}").get_data(as_text=True)
    assert "<del>" in page
    assert "お年寄り" in page
    assert "郵送" in page
    assert client.get(f"/staff/campaigns/{campaign.id}/clusters/99999").status_code == 404


def test_a_cluster_of_another_campaign_is_not_found(
    session: Session, client: FlaskClient, campaign: Campaign
):
    other = make_campaign(session, session.get_one(_department(), campaign.department_id))
    make_submission(session, other, TEMPLATE)
    sweep(session)
    cluster = session.scalars(select(TextCluster)).one()
    user = make_user(
        session, Role.CONTRIBUTOR, session.get_one(_department(), campaign.department_id)
    )
    sign_in(client, session, user)
    assert client.get(f"/staff/campaigns/{other.id}/clusters/{cluster.id}").status_code == 200
    assert client.get(f"/staff/campaigns/{campaign.id}/clusters/{cluster.id}").status_code == 404


def test_a_cluster_becomes_a_group_of_answers(session: Session, client: FlaskClient):
    department = make_department(session)
    campaign = make_campaign(
        session,
        department,
        state=CampaignState.REVIEWING,
        opens_on=clock.local_date(clock.now()) - timedelta(days=60),
    )
    for _ in range(3):
        make_submission(session, campaign, TEMPLATE)
    sweep(session)
    cluster = session.scalars(select(TextCluster)).one()
    earlier = session.scalars(select(Opinion).order_by(Opinion.id)).first()
    assert earlier is not None
    group = OpinionGroup(campaign_id=campaign.id, number=1, position=1, updated_at=clock.now())
    session.add(group)
    session.flush()
    earlier.group_id = group.id
    session.commit()
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    answer = post(client, f"/staff/campaigns/{campaign.id}/clusters/{cluster.id}/group")
    assert answer.status_code == 303
    session.expire_all()
    numbers = [
        session.get_one(OpinionGroup, opinion.group_id).number
        for opinion in session.scalars(select(Opinion).order_by(Opinion.id))
    ]
    assert numbers == [1, 2, 2]  # what had a group stays in it
    again = post(client, f"/staff/campaigns/{campaign.id}/clusters/{cluster.id}/group")
    assert again.status_code in {409, 422}
    assert len(session.scalars(select(OpinionGroup)).all()) == 2


def test_pages_of_clusters_by_keyset(session: Session, campaign: Campaign):
    texts = make_corpus(60, seed=12, planted=0, english=0).texts[:8]
    for number, text in enumerate(texts):
        for _ in range(2 + number // 3):
            make_submission(session, campaign, text)
    sweep(session)
    found, after = [], None
    while lines := queries.largest_clusters(session, campaign.id, limit=3, after=after):
        found += lines
        after = (lines[-1].cluster.opinions, lines[-1].cluster.id)
    assert len(found) == 8
    assert [line.count.opinions for line in found] == [4, 4, 3, 3, 3, 2, 2, 2]
    assert len({line.cluster.id for line in found}) == 8
    cluster = found[0].cluster
    assert [member.opinions for member in queries.member_texts(session, cluster, limit=5)] == [4]
    assert queries.member_texts(session, cluster, limit=5, after=10**6) == []


def test_what_stands_out_is_shown_as_numbers(
    session: Session, client: FlaskClient, campaign: Campaign
):
    start = clock.now().replace(minute=5, second=0, microsecond=0) - timedelta(days=3)
    for hour in range(5):
        make_submission(
            session, campaign, OTHERS[hour % 2], received_at=start - timedelta(hours=9 + hour)
        )
    for second in range(24):
        text = TEMPLATE if second < 18 else f"{OTHERS[1]}{second}"
        make_submission(session, campaign, text, received_at=start + timedelta(seconds=second))
    hours, days = queries.by_hour(session, campaign.id), queries.by_day(session, campaign.id)
    assert sum(slot.submissions for slot in hours) == 29
    assert max(hours, key=lambda slot: slot.submissions).begins == clock.local(start).replace(
        minute=0
    )
    busy, others = queries.bursts(session, campaign.id, hours, days)
    assert others == []
    assert [(line.burst.slot.submissions, line.most_equal, line.share) for line in busy] == [
        (24, 18, 75)
    ]
    department = session.get_one(_department(), campaign.department_id)
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    page = client.get(f"/staff/campaigns/{campaign.id}/clusters/times").get_data(as_text=True)
    assert "75%" in page
    for word in ("賛成", "反対", "不正", "攻撃", "スパム", "組織的"):
        assert word not in page


def test_an_hour_stands_out_by_number_and_by_comparison():
    hours = [clock.local(clock.now()) + timedelta(hours=number) for number in range(12)]
    usual = [Slot(hour, Channel.WEB, 4) for hour in hours[:10]]
    assert find_bursts([*usual, Slot(hours[10], Channel.WEB, 19)]) == []
    found = find_bursts([*usual, Slot(hours[10], Channel.WEB, 20)])
    assert [(burst.slot.submissions, burst.usual) for burst in found] == [(20, 4)]
    assert find_bursts([Slot(hour, Channel.WEB, 400) for hour in hours]) == []
    assert find_bursts([]) == []


def _department():
    from participation.departments.models import Department

    return Department


def test_a_submission_is_never_lost_from_a_cluster(session: Session, campaign: Campaign):
    """Whatever is grouped, every submission and opinion is still there."""
    corpus = make_corpus(40, seed=13)
    for text in corpus.texts:
        make_submission(session, campaign, text)
    sweep(session)
    clustering.group_anew(session, campaign.id, now=clock.now(), commit=session.commit)
    assert len(session.scalars(select(Submission)).all()) == 40
    assert sorted(session.scalars(select(Opinion.text))) == sorted(corpus.texts)
    check_counts(session, campaign)
