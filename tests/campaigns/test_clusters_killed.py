"""Clusters when the process that groups is killed (SIGKILL) in an open transaction."""

import signal
import subprocess
import sys
from collections import Counter, defaultdict

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.campaigns.grouping.groups import group_texts
from participation.campaigns.models import Campaign, Opinion, TextCluster
from participation.campaigns.services import cluster_storage, clustering
from participation.core import clock
from tests.campaigns.arrange import make_campaign, make_submission
from tests.campaigns.corpus import make_corpus
from tests.campaigns.grouping_process import PIECE
from tests.campaigns.test_clusters import check_counts
from tests.factories import make_department

TEXTS = 60


@pytest.fixture
def campaign(session: Session) -> Campaign:
    return make_campaign(session, make_department(session))


def kill_while_grouping(url: str, campaign_id: int, how: str, *, piece: int) -> None:
    """Let another process group and kill it with its ``piece``-th piece written, not committed."""
    arguments = [sys.executable, "-m", "tests.campaigns.grouping_process"]
    with subprocess.Popen(
        [*arguments, url, str(campaign_id), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            for _ in range(piece - 1):
                assert process.stdout.readline() == "written\n"
                process.stdin.write("\n")
                process.stdin.flush()
            assert process.stdout.readline() == "written\n"
        finally:
            process.kill()
    assert process.returncode == -signal.SIGKILL


def placed(session: Session) -> int:
    """How many opinions are in a cluster."""
    session.rollback()
    statement = select(func.count()).where(Opinion.cluster_id.is_not(None))
    return session.scalars(statement).one()


def families(session: Session) -> set[frozenset[str]]:
    """The texts of each cluster."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for cluster_id, text in session.execute(select(Opinion.cluster_id, Opinion.text)):
        found[cluster_id].add(text)
    return {frozenset(texts) for texts in found.values()}


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_the_process_is_killed(
    session: Session, campaign: Campaign, database_url: str
):
    texts = make_corpus(TEXTS, seed=11, english=0).texts
    for start in range(0, TEXTS, 6):
        make_submission(session, campaign, *texts[start : start + 6])
    campaign_id = campaign.id
    session.rollback()

    kill_while_grouping(database_url, campaign_id, "waiting", piece=3)
    assert PIECE <= placed(session) < TEXTS  # two pieces are there, the open one is not
    clustering.group_waiting(session, campaign_id, now=clock.now(), commit=session.commit)
    assert placed(session) == TEXTS
    check_counts(session, campaign)

    # As if they had been alike once: all is to be moved again.
    clusters = list(session.scalars(select(TextCluster.id).order_by(TextCluster.id)))
    for opinion in session.scalars(select(Opinion)).all():
        opinion.cluster_id = clusters[opinion.id % 5]
    session.flush()
    cluster_storage.recount(session, set(clusters), now=clock.now())
    session.commit()
    kill_while_grouping(database_url, campaign_id, "anew", piece=4)
    assert placed(session) == TEXTS  # moved, never without a cluster
    clustering.group_anew(session, campaign_id, now=clock.now(), commit=session.commit)
    check_counts(session, campaign)
    assert Counter(session.scalars(select(Opinion.text))) == Counter(texts)
    assert session.scalars(select(func.sum(TextCluster.opinions))).one() == TEXTS
    ordered = list(session.scalars(select(Opinion.text).order_by(Opinion.id)))
    expected: defaultdict[int, set[str]] = defaultdict(set)
    for label, text in zip(group_texts(ordered).labels, ordered, strict=True):
        expected[label].add(text)
    assert families(session) == {frozenset(each) for each in expected.values()}
