"""通, 人 and 件: what the database counts is what a slow and plain reading of the rule counts."""

import re
import secrets
from collections import Counter, defaultdict
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    AnonymousPolicy,
    Campaign,
    CountingRule,
    Opinion,
    OpinionGroup,
    ResponseCategory,
    Submission,
)
from participation.campaigns.queries.counts import Counts, GroupCount, counts, group_counts
from participation.campaigns.texts import text_key
from participation.core import clock
from participation.core.errors import NotFound
from participation.submissions.models import Channel, Receipt
from tests.campaigns.arrange import make_campaign, make_submission, opinions_of
from tests.factories import make_department

GROUPS = 3


@dataclass(frozen=True)
class Sent:
    """A submission as the strategy draws it."""

    person: int | None
    channel: Channel
    late: bool
    out_of_scope: bool
    rerouted: bool
    anonymous: bool
    duplicate_of: int | None  # position of an original
    opinions: tuple[tuple[int | None, bool, bool], ...]  # (group, out of scope, split)


flags = st.sampled_from([False, False, False, True])
opinion = st.tuples(st.none() | st.integers(0, GROUPS - 1), flags, flags)
sent = st.builds(
    Sent,
    person=st.none() | st.integers(0, 3),
    channel=st.sampled_from(Channel),
    late=flags,
    out_of_scope=flags,
    rerouted=flags,
    anonymous=flags,
    duplicate_of=st.none() | st.integers(0, 4),
    opinions=st.lists(opinion, max_size=4).map(tuple),
)
categories = st.lists(
    st.none() | st.sampled_from(["A", "C", "F"]), min_size=GROUPS, max_size=GROUPS
)


def plain_counts(campaign, rows, category_of) -> Counts:
    """The rule of domain.md 1.7 read aloud, one submission after the other."""

    def place(row):
        if row.late:
            return "late"
        if row.rerouted:
            return "rerouted"
        if row.out_of_scope:
            return "out_of_scope"
        if row.anonymous and campaign.anonymous_policy is AnonymousPolicy.REFERENCE:
            return "reference"
        return "counted"

    originals = originals_of(rows)
    families = defaultdict(list)
    for position, row in enumerate(rows):
        if place(row) == "counted":
            families[originals.get(position, position)].append(position)
    speaking = {root if root in family else family[0] for root, family in families.items()}

    def person(position):
        return rows[position].person if rows[position].person is not None else f"s{position}"

    items = defaultdict(set)  # (group, flagged) → what counts as one 件 each
    outside = 0
    for position, row in enumerate(rows):
        apart = place(row) == "out_of_scope" and position not in originals
        if position not in speaking and not apart:
            continue
        for number, (group, flagged, split) in enumerate(row.opinions):
            if split:
                continue
            together = campaign.counting_rule is CountingRule.PERSON_AND_GROUP
            one = person(position) if together and group is not None else (position, number)
            items[group, flagged or apart].add(one)
    by_category = Counter()
    opinions = 0
    for (group, flagged), ones in items.items():
        code = None if group is None else category_of[group]
        if flagged:
            outside += len(ones)
            continue
        by_category[code] += len(ones)
        if code == "F":
            outside += len(ones)
        else:
            opinions += len(ones)
    places = Counter(map(place, rows))
    return {
        "submissions": places["counted"],
        "persons": len({person(position) for position in speaking}),
        "opinions": opinions,
        "late": places["late"],
        "out_of_scope_submissions": places["out_of_scope"],
        "out_of_scope_opinions": outside,
        "duplicates": places["counted"] - len(speaking),
        "reference": places["reference"],
        "rerouted": places["rerouted"],
        "by_channel": dict(Counter(row.channel for row in rows if place(row) == "counted")),
        "by_category": {code: by_category[code] for code in (*"ABCDEF", None)},
        "groups": GROUPS,
        "amendments": 0,
    }


def originals_of(rows):
    """Which row is a duplicate of which; an original is never a duplicate itself."""
    found = {}
    roots = set()
    for position, row in enumerate(rows):
        target = row.duplicate_of
        free = target is not None and target < len(rows) and target != position
        if free and target not in found and position not in roots:
            found[position] = target
            roots.add(target)
    return found


def store(session: Session, campaign: Campaign, rows, category_of) -> None:
    now = clock.now()
    codes = {
        row.code: row.id
        for row in session.scalars(
            select(ResponseCategory).where(ResponseCategory.campaign_id == campaign.id)
        )
    }
    groups = [
        OpinionGroup(
            campaign_id=campaign.id,
            number=number,
            position=number,
            category_id=codes.get(code),
            updated_at=now,
        )
        for number, code in enumerate(category_of, start=1)
    ]
    receipts = [
        Receipt(
            number=secrets.token_hex(6),
            secret_hash="0" * 64,
            idempotency_key=secrets.token_hex(32),
            subject=f"campaign:{campaign.id}",
            channel=row.channel,
            received_at=now,
        )
        for row in rows
    ]
    session.add_all([*groups, *receipts])
    session.flush()
    submissions = []
    for row, receipt in zip(rows, receipts, strict=True):
        submission = Submission(
            campaign_id=campaign.id,
            receipt_id=receipt.id,
            channel=row.channel,
            received_at=now,
            arrived_on=clock.local_date(now),
            late=row.late,
            anonymous=row.anonymous,
            out_of_scope=row.out_of_scope,
            rerouted_to="市長への手紙" if row.rerouted else "",
            person_key=None if row.person is None else f"{row.person:064}",
        )
        session.add(submission)
        session.flush()  # one by one: their order is the order of the ids
        submissions.append(submission)
    for position, target in originals_of(rows).items():
        submissions[position].duplicate_of_id = submissions[target].id
    for submission, row in zip(submissions, rows, strict=True):
        for number, (group, outside, split) in enumerate(row.opinions, start=1):
            session.add(
                Opinion(
                    campaign_id=campaign.id,
                    submission_id=submission.id,
                    number=number,
                    text="意見",
                    text_key=text_key("意見"),
                    group_id=None if group is None else groups[group].id,
                    out_of_scope=outside,
                    split=split,
                )
            )
    session.flush()


@pytest.mark.slow
@settings(max_examples=40)
@given(
    rows=st.lists(sent, max_size=9),
    category_of=categories,
    rule=st.sampled_from(CountingRule),
    policy=st.sampled_from(AnonymousPolicy),
)
def test_the_numbers_are_those_of_the_rule_read_aloud(session, rows, category_of, rule, policy):
    department = make_department(session)
    campaign = make_campaign(session, department, counting_rule=rule, anonymous_policy=policy)
    store(session, campaign, rows, category_of)
    try:
        found = counts(session, campaign.id)
        expected = plain_counts(campaign, rows, category_of)
        assert {
            **vars(found),
            "by_category": {code: line.opinions for code, line in found.by_category.items()},
        } == expected
        assert found.received == len(rows)
        assert {code: line.groups for code, line in found.by_category.items()} == {
            code: category_of.count(code) for code in (*"ABCDEF", None)
        }
        groups = group_counts(session, campaign)
        in_groups = sum(count.opinions for count in groups.values())
        assert in_groups == sum(expected["by_category"].values())
        assert sum(count.received for count in groups.values()) == sum(
            not split for row in rows for _group, _outside, split in row.opinions
        )
    finally:
        session.rollback()


@pytest.fixture
def campaign(session) -> Campaign:
    return make_campaign(session, make_department(session))


def test_a_campaign_without_anything_has_zero_of_all(session, campaign):
    found = counts(session, campaign.id)
    assert (found.submissions, found.persons, found.opinions, found.received) == (0, 0, 0, 0)
    assert found.by_channel == {}
    assert found.by_category["A"] == ("反映（案を修正）", 0, 0)
    assert group_counts(session, campaign) == {}
    with pytest.raises(NotFound):
        counts(session, 2**31 - 1)


def test_the_same_text_by_fax_and_by_post_is_two_letters_and_one_opinion(session, campaign):
    web = make_submission(session, campaign, "意見です。", person_key="a" * 64)
    make_submission(
        session,
        campaign,
        "意見です。",
        channel=Channel.FAX,
        person_key="b" * 64,  # the name was typed differently; a person saw that it is the same
        duplicate_of_id=web.id,
    )
    found = counts(session, campaign.id)
    assert (found.submissions, found.persons, found.opinions, found.duplicates) == (2, 1, 1, 1)
    assert found.by_channel == {Channel.WEB: 1, Channel.FAX: 1}


def test_when_the_original_came_late_the_one_in_time_speaks(session, campaign):
    late = make_submission(session, campaign, "意見です。", late=True)
    for _ in range(2):
        make_submission(session, campaign, "意見です。", duplicate_of_id=late.id)
    found = counts(session, campaign.id)
    assert (found.submissions, found.opinions, found.duplicates, found.late) == (2, 1, 1, 1)


def test_a_split_opinion_counts_by_its_parts(session, campaign):
    submission = make_submission(session, campaign, "一つ目。二つ目。")
    whole = opinions_of(session, submission)[0]
    whole.split = True
    for number, text in ((2, "一つ目。"), (3, "二つ目。")):
        session.add(
            Opinion(
                campaign_id=campaign.id,
                submission_id=submission.id,
                number=number,
                text=text,
                text_key=text_key(text),
                split_from_id=whole.id,
            )
        )
    session.commit()
    found = counts(session, campaign.id)
    assert (found.submissions, found.persons, found.opinions) == (1, 1, 2)
    assert group_counts(session, campaign) == {None: GroupCount(2, 1, 2)}


@pytest.mark.parametrize("size", [3, 40])
def test_the_number_of_statements_does_not_grow(session, campaign, queries, size):
    for _ in range(size):
        make_submission(session, campaign, "一", "二")
    session.rollback()
    queries.clear()
    counts(session, campaign.id)
    # The campaign, submissions, persons, categories, groups, opinions with and without, amendments.
    assert len(queries) == 8


def test_the_opinions_are_counted_from_the_index_alone(session, campaign):
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by the sizes of its tables, which are nothing here")
    make_submission(session, campaign, "一", "二")
    seen = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        seen.append((statement, parameters))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    counts(session, campaign.id)
    group_counts(session, campaign)
    event.remove(engine, "before_cursor_execute", note)
    plans = []
    for statement, parameters in seen:
        if "opinion.group_id" in statement:
            rows = session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            )
            plans.append([row[3] for row in rows])
    assert len(plans) >= 3
    for plan in plans:
        [opinion] = [line for line in plan if re.match(r"(SEARCH|SCAN) opinion\b", line)]
        assert "USING COVERING INDEX ix_opinion_group_id" in opinion, plan
