"""Staff pages of like opinions: the clusters, one cluster with its texts, and what came when."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns.bursts import LEAST, TIMES, Slot
from participation.campaigns.grouping.marks import Piece, differing_words
from participation.campaigns.queries import clusters as queries
from participation.campaigns.queries.clusters import ClusterCount, MemberText
from participation.campaigns.queries.opinions import OpinionFilter, opinion_number
from participation.campaigns.services import clustering
from participation.campaigns.services.groups import GroupWords, create_group
from participation.campaigns.services.sorting import Selection, put_in_group
from participation.campaigns.views import pages
from participation.campaigns.views.answer_pages import writing
from participation.campaigns.views.blueprints import staff
from participation.core import clock
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.policy import Permission, reaches
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel
from participation.web import gate, transaction
from participation.web.pagination import Page
from participation.web.row_numbers import row_number

_PAGE = 30
_TEXTS = 20  # of one cluster on a page
_LARGEST = 2**53
_ALL = "/<int:campaign_id>/clusters"
_ONE = f"{_ALL}/<int:cluster_id>"


@dataclass(frozen=True)
class Compared:
    """A text of a cluster beside the one that stands for it."""

    member: MemberText
    is_representative: bool
    pieces: list[Piece] | None  # None: too long for marks


@dataclass(frozen=True)
class TimeRow:
    """What came in one hour or on one day."""

    begins: datetime
    numbers: dict[Channel, int]

    @property
    def total(self) -> int:
        """By all channels."""
        return sum(self.numbers.values())


@staff.get(_ALL)
@gate.requires(Permission.SUBMISSION_READ)
def clusters(campaign_id: int) -> ResponseReturnValue:
    """List the clusters of two opinions or more, the largest first."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    session = db.session()
    after = _asked_place(request.args.get("after"))
    lines = queries.largest_clusters(session, campaign.id, limit=_PAGE + 1, after=after)
    shown = lines[:_PAGE]
    last = shown[-1].cluster if len(lines) > _PAGE else None
    return pages.page(
        "campaigns/staff/clusters.html",
        campaign,
        actor,
        tab="clusters",
        overview=queries.overview(session, campaign.id),
        page=Page(
            shown,
            url_for(".clusters", campaign_id=campaign.id, after=f"{last.opinions}-{last.id}")
            if last
            else None,
            url_for(".clusters", campaign_id=campaign.id) if after else None,
        ),
        may_regroup=reaches(actor, Permission.SUBMISSION_WRITE, campaign.department_id),
    )


@staff.post(f"{_ALL}/regroup")
@gate.requires(Permission.SUBMISSION_WRITE)
def regroup_clusters(campaign_id: int) -> ResponseReturnValue:
    """Have the worker group all opinions anew."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_WRITE)
    job = clustering.ask_for_clusters(db.session(), campaign, actor=actor, now=clock.now())
    onward = url_for(".clusters", campaign_id=campaign.id)
    target = url_for("staff.administration.job", job_id=job.id, next=onward)
    transaction.commit()
    return redirect(target, 303)


@staff.get(f"{_ALL}/times")
@gate.requires(Permission.SUBMISSION_READ)
def submission_times(campaign_id: int) -> ResponseReturnValue:
    """Show how much came when, and the times that stand out, without naming a cause."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    session = db.session()
    hours, days = queries.by_hour(session, campaign.id), queries.by_day(session, campaign.id)
    busy_hours, busy_days = queries.bursts(session, campaign.id, hours, days)
    return pages.page(
        "campaigns/staff/submission_times.html",
        campaign,
        actor,
        tab="clusters",
        days=_rows(days),
        hours=_rows(hours),
        day_channels=[channel for channel in Channel if any(s.channel is channel for s in days)],
        busy_hours=busy_hours,
        busy_days=busy_days,
        channels=CHANNEL_LABELS,
        least=LEAST,
        times=TIMES,
    )


@staff.get(_ONE)
@gate.requires(Permission.SUBMISSION_READ)
def cluster(campaign_id: int, cluster_id: int) -> ResponseReturnValue:
    """Show one cluster: its different texts with what differs, its channels and days."""
    return _cluster_page(campaign_id, cluster_id)


@staff.post(f"{_ONE}/group")
@gate.requires(Permission.ANSWER_WRITE)
def group_cluster(campaign_id: int, cluster_id: int) -> ResponseReturnValue:
    """Make one group of answers of the cluster's opinions that are in none yet."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = queries.get_cluster(session, campaign, cluster_id)
    now = clock.now()
    every = OpinionFilter(cluster_id=found.id, ungrouped=True)
    if not opinion_number(session, campaign, every):
        problem = _("このまとまりの意見は、すべてグループに入っています。")
        return _cluster_page(campaign_id, cluster_id, problem=problem), StateConflict.status
    try:
        group = create_group(session, campaign, GroupWords(), actor=actor, now=now)
        number = put_in_group(
            session, campaign, Selection(every=every), group, actor=actor, now=now
        )
    except (InvalidInput, StateConflict) as error:
        transaction.discard()
        return _cluster_page(campaign_id, cluster_id, problem=str(error)), error.status
    group_id, group_number = group.id, group.number
    transaction.commit()
    flash(
        _(
            "%(number)s番のグループを作り、%(opinions)s件の意見を入れました。",
            number=group_number,
            opinions=f"{number:,}",
        ),
        "success",
    )
    return redirect(url_for(".group", campaign_id=campaign_id, group_id=group_id), 303)


def _cluster_page(campaign_id: int, cluster_id: int, *, problem: str = "") -> str:
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    session = db.session()
    found = queries.get_cluster(session, campaign, cluster_id)
    representative = queries.representative_text(session, found)
    after = row_number(request.args.get("after"), largest=_LARGEST)
    texts = queries.member_texts(session, found, limit=_TEXTS + 1, after=after)
    shown = texts[:_TEXTS]
    here = url_for(".cluster", campaign_id=campaign.id, cluster_id=found.id)
    return pages.page(
        "campaigns/staff/cluster.html",
        campaign,
        actor,
        tab="clusters",
        cluster=found,
        representative=representative,
        count=queries.cluster_counts(session, [found.id]).get(found.id, ClusterCount()),
        page=Page(
            [_compared(representative, member) for member in shown],
            f"{here}?after={shown[-1].first_id}" if len(texts) > _TEXTS else None,
            here if after else None,
        ),
        days=[
            (day, CHANNEL_LABELS[channel], number)
            for day, channel, number in queries.days_of(session, found)
        ],
        groups=queries.groups_of(session, found),
        shows_groups="staff.campaigns.group" in current_app.view_functions,
        writing=writing(session, campaign, actor),
        problem=problem,
    )


def _compared(representative: str, member: MemberText) -> Compared:
    same = member.text == representative
    return Compared(member, same, None if same else differing_words(representative, member.text))


def _asked_place(text: str | None) -> tuple[int, int] | None:
    """Return opinions and id of the last cluster of the page before."""
    opinions, _dash, cluster_id = (text or "").partition("-")
    numbers = row_number(opinions), row_number(cluster_id, largest=_LARGEST)
    return None if numbers[0] is None or numbers[1] is None else (numbers[0], numbers[1])


def _rows(slots: list[Slot]) -> list[TimeRow]:
    rows: defaultdict[datetime, dict[Channel, int]] = defaultdict(dict)
    for slot in slots:
        rows[slot.begins][slot.channel] = slot.submissions
    return [TimeRow(begins, rows[begins]) for begins in sorted(rows)]
