"""Every route is accounted for: who may open it, and that nobody else can (promises P4, P14)."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.core.actors import Role
from participation.policy import Permission
from participation.policy.permission_map import PERMISSION_MAP, Scope
from participation.web.gate import access_of, check_declarations
from tests.architecture.things import make_things
from tests.factories import make_department, make_user, post, sign_in

SEEN = {200, 204, 302, 303, 304}
FORBIDDEN = 403
NOT_FOUND = 404
READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")
# Pages whose address alone says too little: a query is missing, the step before was not taken, or
# another person's job, which does not exist for anybody else whatever the role.
SAYS_TOO_LITTLE = {
    "staff.accounts.app_code",
    "staff.administration.job",
    "staff.administration.job_status",
    "staff.administration.move_people",
    "staff.campaigns.download_result",
    "staff.campaigns.opinion_file",
    "staff.campaigns.preview_result_opinions",
    "staff.reports.create_entry",
    "staff.reports.edition_file",
    "staff.reports.export_file",
}


def staff_rules(app: Flask) -> list[tuple[str, str, Permission]]:
    """(endpoint, method, permission) of every staff route."""
    found = []
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        if isinstance(access, Permission):
            found += [
                (rule.endpoint, method, access)
                for method in sorted((rule.methods or set()) & {"GET", "POST"})
            ]
    return sorted(set(found), key=lambda row: row[:2])


def names_a_thing(app: Flask, endpoint: str) -> bool:
    """Whether any address of ``endpoint`` has a variable part."""
    return any(rule.arguments for rule in app.url_map.iter_rules(endpoint))


def wrote(statements: list[str]) -> bool:
    """Whether any of ``statements`` may have changed the database."""
    return not all(statement.startswith(READS) for statement in statements)


def test_every_route_declares_its_access(app: Flask):
    assert check_declarations(app) == []


def test_an_undeclared_route_is_refused_and_found(app: Flask):
    app.add_url_rule("/planted", "planted", lambda: "secret")
    assert check_declarations(app) == ["planted: neither @public nor @requires"]
    response = app.test_client().get("/planted")
    assert response.status_code == FORBIDDEN
    assert b"secret" not in response.data


def test_a_post_cannot_ride_on_a_read_permission(app: Flask):
    def view() -> str:
        return ""

    view.access = Permission.AUDIT_READ  # type: ignore[attr-defined]
    app.add_url_rule("/planted", "planted", view, methods=["POST"])
    assert check_declarations(app) == ["planted: ['POST'] rides on audit.read"]


def test_a_stranger_opens_no_staff_page(app: Flask, client: FlaskClient, session: Session):
    things = make_things(session, make_department(session), None)
    for endpoint, method, _permission in staff_rules(app):
        url = things.url(app, endpoint)
        response = client.get(url) if method == "GET" else post(client, url)
        assert response.status_code in {302, 303}, (endpoint, method, response.status_code)
        assert "/staff/sign-in" in response.headers["Location"]


@pytest.mark.slow
@pytest.mark.parametrize("role", list(Role))
def test_route_by_role_and_department(app: Flask, session: Session, queries: list[str], role: Role):
    """Each route for each role: own things, another department's, none of its business."""
    own, other = make_department(session, "青少年課"), make_department(session, "職員課")
    needs_department = role in {Role.CONTRIBUTOR, Role.APPROVER}
    user = make_user(session, role, own if needs_department else None)
    colleague = make_user(session, Role.CONTRIBUTOR, own, name="同僚 太郎")
    scopes = PERMISSION_MAP[role]
    client = app.test_client()
    rules = staff_rules(app)
    faults = []
    for department in (own, other):
        things = None
        for endpoint, method, permission in rules:
            if department is other and not names_a_thing(app, endpoint):
                continue  # the same request as before
            if things is None:  # at first, and after a post that changed something
                things = make_things(session, department, colleague)
                sign_in(client, session, user)
            url = things.url(app, endpoint)
            queries.clear()
            response = client.get(url) if method == "GET" else post(client, url)
            scope = scopes.get(permission)
            owned = things.is_department_owned(app, endpoint)
            if scope is None:
                allowed = {FORBIDDEN}
            elif scope is Scope.OWN and department is other and owned:
                allowed = {NOT_FOUND}
            elif method == "GET":
                allowed = SEEN | ({404, 409, 422} if endpoint in SAYS_TOO_LITTLE else set())
            else:
                # An empty post may be told to correct itself, but never that it may not.
                allowed = SEEN | {400, 404, 409, 422}
            if method == "POST" and response.status_code in SEEN and wrote(queries):
                things = None
            if response.status_code not in allowed:
                whose = "own" if department is own else "other"
                faults.append((endpoint, method, whose, response.status_code, sorted(allowed)))
    assert not faults, "\n".join(map(str, faults))


def test_headers_are_on_every_answer(app: Flask, client: FlaskClient):
    for url in ("/", "/health/live", "/nowhere", "/staff/", "/static/css/base.css", "/reports/"):
        response = client.get(url)
        for header in (
            "Content-Security-Policy",
            "X-Content-Type-Options",
            "Referrer-Policy",
            "X-Frame-Options",
        ):
            assert response.headers.get(header), (url, header)
        assert "unsafe" not in response.headers["Content-Security-Policy"]
