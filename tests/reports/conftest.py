"""Fixtures of the yearly report's tests."""

import pytest

from participation.reports.services import guideline as services
from tests.reports.drafts import BY
from tests.reports.world import load_small
from tests.workers import start

__all__ = ["start"]


@pytest.fixture
def enacted(session):
    return load_small(session)


@pytest.fixture
def draft(session, enacted):
    draft = services.draft_version(session, enacted, note="見直し", **BY)
    session.commit()
    return draft
