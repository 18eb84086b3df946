"""Duplicates point to the first of them, whatever the order in which they were found."""

import pytest
from sqlalchemy import select

from participation.audit.models import AuditEvent
from participation.campaigns.models import Submission
from participation.campaigns.queries.submissions import number_of
from participation.campaigns.services.flags import Flags, fingerprint, flags_of, set_flags
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import InvalidInput
from tests.campaigns.arrange import make_campaign, make_submission
from tests.factories import make_department


@pytest.fixture
def three(session):
    campaign = make_campaign(session, make_department(session))
    return campaign, [make_submission(session, campaign) for _ in range(3)]


def mark(session, campaign, submission, original):
    number = "" if original is None else number_of(session, original)
    set_flags(
        session,
        campaign,
        submission,
        Flags(duplicate_of=number),
        note="同じ文です",
        seen=fingerprint(flags_of(session, submission)),
        actor=system_actor("tests"),
        now=clock.now(),
    )
    session.commit()


def test_what_repeats_a_repetition_repeats_the_first(session, three):
    campaign, (first, second, third) = three
    mark(session, campaign, third, second)
    mark(session, campaign, second, first)
    assert (second.duplicate_of_id, third.duplicate_of_id) == (first.id, first.id)
    told = session.scalars(
        select(AuditEvent).where(AuditEvent.subject == f"submission:{third.id}")
    ).all()
    assert [event.after for event in told] == [
        {"duplicate_of": number_of(session, second)},
        {"duplicate_of": number_of(session, first)},
    ]


def test_a_repetition_is_not_the_first(session, three):
    campaign, (first, second, third) = three
    mark(session, campaign, second, first)
    with pytest.raises(InvalidInput) as told:
        mark(session, campaign, third, second)
    assert "もとの意見の番号" in str(told.value)
    session.rollback()
    with pytest.raises(InvalidInput):  # nor do two repeat each other
        mark(session, campaign, first, second)
    session.rollback()
    mark(session, campaign, second, None)
    assert session.scalars(select(Submission.duplicate_of_id)).all() == [None] * 3
