"""Fixtures of the workshops' tests."""

import pytest
from sqlalchemy.orm import Session

from participation.departments.models import Department
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_workshop
from tests.workshops.door import Door


@pytest.fixture
def department(session: Session) -> Department:
    return make_department(session, "みどり課")


@pytest.fixture
def workshop(session):
    return make_workshop(session, make_department(session))


@pytest.fixture
def pool(session, workshop):
    pool = make_pool(session, workshop, capacity=30)
    session.commit()
    return pool


@pytest.fixture
def door(session, client):
    return Door(session, client).enter()
