"""The staff home: what waits for the signed-in person today; and who may do what."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from participation.administration.views.blueprints import staff
from participation.core import clock
from participation.core.actors import Role
from participation.db.extension import db
from participation.departments import queries as departments
from participation.policy import Permission
from participation.policy.labels import (
    PERMISSION_LABELS,
    ROLE_EXPLANATIONS,
    ROLE_LABELS,
    SCOPE_LABELS,
)
from participation.policy.permission_map import PERMISSION_MAP
from participation.web import gate
from participation.web.feature import Feature, WaitingTask
from participation.web.templating import translated


@staff.get("/")
@gate.requires(Permission.STAFF_HOME)
def home() -> ResponseReturnValue:
    """List what waits, feature by feature."""
    actor = gate.authorize(Permission.STAFF_HOME)
    features: tuple[Feature, ...] = current_app.extensions["features"]
    session, now = db.session(), clock.now()
    tasks: list[WaitingTask] = [
        task
        for feature in features
        if feature.waiting is not None
        for task in feature.waiting(session, actor, now)
        if task.count
    ]
    ids = {grant.department_id for grant in actor.grants if grant.department_id is not None}
    names = departments.names(session, ids, clock.local_date(now))
    roles = [
        (ROLE_LABELS[grant.role], names.get(grant.department_id or 0, "")) for grant in actor.grants
    ]
    return render_template("administration/home.html", tasks=tasks, roles=roles, today=now)


@staff.get("/permissions")
@gate.requires(Permission.STAFF_HOME)
def permissions() -> ResponseReturnValue:
    """Show who may do what, rendered from the one page of code that decides it."""
    gate.authorize(Permission.STAFF_HOME)
    rows = [
        (
            PERMISSION_LABELS[permission],
            [_reach(role, permission) for role in Role],
        )
        for permission in Permission
    ]
    return render_template(
        "administration/permissions.html",
        roles=[
            (translated(ROLE_LABELS[role]), translated(ROLE_EXPLANATIONS[role])) for role in Role
        ],
        rows=rows,
    )


def _reach(role: Role, permission: Permission) -> str:
    scope = PERMISSION_MAP[role].get(permission)
    return SCOPE_LABELS[scope] if scope else ""
