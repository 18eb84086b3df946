"""Addresses with a sign that no database stores: an answer, never a fault of the database."""

import pytest

from participation.core.actors import Role
from tests.architecture.things import make_things
from tests.factories import make_department, make_user, sign_in


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/workshops/{workshop_id}/draws/{draw_id}/?number=%00x", 200),
        ("/workshops/?area=%00x&kind=%00x", 200),
        ("/staff/workshops/{workshop_id}/check-in?code=%00x", 404),
        ("/staff/workshops/{workshop_id}/attendance/{day_id}/list?q=1%00", 200),
    ],
)
def test_nul(client, session, address, status):
    department = make_department(session)
    values = make_things(session, department, None).values
    sign_in(client, session, make_user(session, Role.APPROVER, department))
    assert client.get(address.format(**values)).status_code == status
