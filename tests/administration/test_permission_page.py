"""The page of permissions shows the one map that decides, complete and in Japanese."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.core.actors import Role
from participation.policy import Permission
from participation.policy.labels import (
    PERMISSION_LABELS,
    ROLE_EXPLANATIONS,
    ROLE_LABELS,
    SCOPE_LABELS,
)
from participation.policy.permission_map import PERMISSION_MAP, Scope
from tests.factories import make_department, make_user, sign_in


def test_everything_has_a_name() -> None:
    assert set(PERMISSION_LABELS) == set(Permission)
    assert set(ROLE_LABELS) == set(ROLE_EXPLANATIONS) == set(Role)
    assert set(SCOPE_LABELS) == set(Scope)
    assert len(set(PERMISSION_LABELS.values())) == len(Permission)


def test_every_cell_says_what_the_map_says(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, make_department(session)))
    page = client.get("/staff/permissions").text
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    rows = [row.split("<td")[1:] for row in body.split("</tr>")[:-1]]
    for row, permission in zip(rows, Permission, strict=True):
        for cell, role in zip(row, Role, strict=True):
            scope = PERMISSION_MAP[role].get(permission)
            word = cell.split(">")[1].split("<")[0]
            assert word == (SCOPE_LABELS[scope] if scope else "")
