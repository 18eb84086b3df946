"""Every page of the administration opens for those who may, empty and filled."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.core.actors import Role
from tests.factories import make_department, make_user, sign_in

HOSTILE = "<script>alert(1)</script>\"'&"
READABLE = {
    Role.ADMINISTRATOR: [
        "/staff/",
        "/staff/permissions",
        "/staff/people",
        "/staff/departments",
        "/staff/city",
        "/staff/account",
        "/staff/held",
    ],
    Role.AUDITOR: [
        "/staff/",
        "/staff/permissions",
        "/staff/people",
        "/staff/departments",
        "/staff/city",
        "/staff/account",
        "/staff/held",
    ],
    Role.COORDINATOR: ["/staff/", "/staff/permissions", "/staff/departments", "/staff/account"],
    Role.CONTRIBUTOR: ["/staff/", "/staff/permissions", "/staff/account", "/staff/held"],
}


@pytest.mark.parametrize("role", list(READABLE))
def test_pages_open(role: Role, client: FlaskClient, session: Session) -> None:
    department = make_department(session)
    sign_in(client, session, make_user(session, role, department))
    for path in READABLE[role]:
        assert client.get(path).status_code == 200, path
