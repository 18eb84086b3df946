"""The access gate: an endpoint says who may come in, or nobody may."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from flask_login import current_user

from participation.core.actors import Actor
from participation.core.errors import NotFound, PermissionDenied
from participation.db.engine import reading
from participation.policy import Permission, holds, reaches

View = TypeVar("View", bound=Callable[..., Any])
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# Parent of every staff blueprint; features register theirs below it (app.py).
STAFF_PREFIX = "/staff"


def new_staff_blueprint() -> Blueprint:
    """Return the parent of all staff pages; everything below it needs sign-in."""
    return Blueprint("staff", __name__, url_prefix=STAFF_PREFIX)


class DepartmentOwned(Protocol):
    """Anything that belongs to one department."""

    @property
    def department_id(self) -> int:
        """The department it belongs to."""


@dataclass(frozen=True)
class Owned:
    """A department as the owner of something that is yet to be made."""

    department_id: int


def public(view: View) -> View:
    """Declare that everybody may open this endpoint."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare that an endpoint needs ``permission``; its view must then ``authorize`` as well."""

    def declare(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return declare


def access_of(app: Flask, endpoint: str) -> str | Permission | None:
    """Return what ``endpoint`` declares: ``"public"``, a permission, or None."""
    if endpoint == "static":
        return "public"
    access: str | Permission | None = getattr(app.view_functions[endpoint], "access", None)
    return access


def current_actor() -> Actor:
    """Return the signed-in actor.

    Raises:
        PermissionDenied: nobody is signed in.

    """
    if not current_user.is_authenticated:
        raise PermissionDenied("サインインしてください。")
    actor: Actor = current_user.actor
    return actor


def authorize(permission: Permission, thing: DepartmentOwned | None = None) -> Actor:
    """Check that the signed-in actor has ``permission``, over ``thing`` if one is given.

    Returns:
        The actor, for the service that follows.

    Raises:
        PermissionDenied: the actor has it nowhere.
        NotFound: the actor has it, but not over the department of ``thing``; from outside this
            looks as if the thing did not exist.

    """
    actor = current_actor()
    if not holds(actor, permission):
        raise PermissionDenied("この操作を行う権限がありません。")
    if thing is not None and not reaches(actor, permission, thing.department_id):
        raise NotFound("お探しのものは見つかりませんでした。")
    g.authorized = True
    return actor


def init_app(app: Flask) -> None:
    """Put the gate in front of every request of ``app``."""

    @app.before_request
    def _gate() -> Any:
        # A reader on SQLite must not queue for the write lock (db/engine.py).
        reading.set(request.method in SAFE_METHODS)
        endpoint = request.endpoint
        if endpoint is None:  # 404 and 405 are Flask's own answers
            return None
        access = access_of(app, endpoint)
        if access == "public":
            return None
        if not isinstance(access, Permission):
            app.logger.error("endpoint %s declares no access", endpoint)
            abort(403)
        if not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        if not holds(current_user.actor, access):
            raise PermissionDenied(
                "この画面を開く権限がありません。担当の変更は管理者に依頼してください。"
            )
        return None

    if app.testing:

        @app.after_request
        def _was_authorized(response: Response) -> Response:
            access = access_of(app, request.endpoint) if request.endpoint else None
            succeeded = response.status_code < 400  # noqa: PLR2004
            if isinstance(access, Permission) and succeeded and current_user.is_authenticated:
                assert g.get("authorized"), f"{request.endpoint} never called authorize()"
            return response


def check_declarations(app: Flask) -> list[str]:
    """Return what is wrong with the declared access of the app's routes; empty when all is well."""
    faults = []
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        unsafe = (rule.methods or set()) - SAFE_METHODS
        if access is None:
            faults.append(f"{rule.endpoint}: neither @public nor @requires")
        elif isinstance(access, Permission) and unsafe and access.only_reads:
            faults.append(f"{rule.endpoint}: {sorted(unsafe)} rides on {access.value}")
        elif (
            access == "public"
            and rule.endpoint.startswith("staff.")
            and not (rule.endpoint.startswith("staff.accounts."))
        ):
            faults.append(f"{rule.endpoint}: a staff page is public")
    return faults
