"""Two people at one document: one wins, the other is told, nothing is doubled."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, CampaignNotice, Document, DocumentVersion
from participation.campaigns.services.document_versions import VersionContent, edit_version
from participation.campaigns.services.document_versions import version_seen as seen_of
from participation.core import clock
from participation.core.errors import StateConflict
from tests.campaigns.arrange import make_campaign
from tests.campaigns.documents_arrange import (
    ACTOR,
    CHANGED,
    add_version,
    make_document,
    publish_version,
)
from tests.factories import make_department
from tests.reports.test_entry_races import at_once

ROUNDS = 4


@pytest.fixture
def numbers(session: Session) -> tuple[int, int]:
    campaign = make_campaign(session, make_department(session))
    document, _first = make_document(session, campaign)
    found = campaign.id, document.id
    session.close()
    return found


def things(session: Session, numbers: tuple[int, int]) -> tuple[Campaign, Document]:
    return session.get_one(Campaign, numbers[0]), session.get_one(Document, numbers[1])


def test_of_two_new_versions_there_is_one(app: Flask, session: Session, numbers: tuple[int, int]):
    def act(own: Session) -> None:
        add_version(own, *things(own, numbers), CHANGED)

    outcomes = at_once(app, act, act, act)
    assert sum(isinstance(one, StateConflict) for one in outcomes) == 2
    count = select(func.count()).select_from(DocumentVersion)
    assert session.scalar(count.where(DocumentVersion.published_at.is_(None))) == 1


def test_what_is_published_is_what_was_looked_at(
    app: Flask, session: Session, numbers: tuple[int, int]
):
    for turn in range(ROUNDS):
        campaign, document = things(session, numbers)
        version = add_version(session, campaign, document, f"{CHANGED}\n\n{turn}回目。")
        number, seen, source = version.id, seen_of(version), version.source
        session.commit()
        session.close()

        def publish(own: Session, number: int = number) -> None:
            version = own.get_one(DocumentVersion, number)
            publish_version(own, things(own, numbers)[0], version)

        def edit(own: Session, number: int = number, seen: str = seen) -> None:
            edit_version(
                own,
                things(own, numbers)[0],
                own.get_one(DocumentVersion, number),
                VersionContent(None, "間に書き換えた。", "変えた。"),
                seen=seen,
                actor=ACTOR,
                now=clock.now(),
            )

        outcomes = at_once(app, publish, edit, publish)
        stored = session.get_one(DocumentVersion, number)
        assert (stored.source == source) is isinstance(outcomes[1], StateConflict)
        refused = sum(isinstance(one, StateConflict) for one in (outcomes[0], outcomes[2]))
        assert refused == (1 if stored.published_at else 2)
        if stored.published_at is None:  # the edit came between: nobody had looked at its words
            publish_version(session, things(session, numbers)[0], stored)
            session.commit()
        session.close()
    notices = select(func.count()).select_from(CampaignNotice)
    assert session.scalar(notices) == ROUNDS + 1
