"""Fixtures of the yearly report's tests."""

import pytest

from participation.reports.models import EntryKind
from participation.reports.services import guideline as services
from tests.reports.drafts import BY
from tests.reports.world import YEAR, World, load_small, make_world
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


@pytest.fixture
def world(session) -> World:
    world = make_world(session)
    world.old_entry("前々年度の実績。", kind=EntryKind.RESULT, year=YEAR - 2)
    world.old_entry("前年度の実績。", kind=EntryKind.RESULT, year=YEAR - 1)
    world.old_entry("今年度の予定。", kind=EntryKind.PLAN, year=YEAR)
    world.old_entry("青少年課の実績。", code="2-1", kind=EntryKind.RESULT, department=world.other)
    return world
