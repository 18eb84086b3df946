"""What belongs to one event is not there under another's address (promise P4)."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.core.actors import Role
from participation.workshops.models import Workshop, WorkshopState
from tests.architecture.things import make_things
from tests.factories import make_department, make_user, post, sign_in

CHILDREN = {
    "application_id",
    "day_id",
    "draw_id",
    "letter_id",
    "pool_id",
    "sheet_id",
    "workshop_file_id",
}
NOT_FOUND = 404


def test_a_child_of_another_event_is_not_found(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    own = make_department(session, "青少年課")
    user = make_user(session, Role.APPROVER, own)
    mine = make_things(session, own, None).values
    others = {
        "a colleague's": make_things(session, own, None).values,
        "another department's": make_things(
            session, make_department(session, "職員課"), None
        ).values,
    }
    session.get_one(Workshop, mine["workshop_id"]).state = WorkshopState.REPORTED
    session.commit()
    sign_in(client, session, user)
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if "workshop_id" in rule.arguments and CHILDREN & rule.arguments
    ]
    assert len(rules) >= 25
    assert set().union(*(rule.arguments for rule in rules)) >= CHILDREN
    faults = []
    for whose, theirs in others.items():
        for rule in rules:
            values = {name: (theirs if name in CHILDREN else mine)[name] for name in rule.arguments}
            with app.test_request_context():
                url = app.url_for(rule.endpoint, **values)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answer = client.get(url) if method == "GET" else post(client, url)
                if answer.status_code != NOT_FOUND:
                    faults.append((whose, method, rule.rule, answer.status_code))
    assert not faults, "\n".join(map(str, faults))
