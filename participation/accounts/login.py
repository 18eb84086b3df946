"""Who is signed in: our own cookie, looked up in the database at every request."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, cast

from flask import (
    Flask,
    Request,
    current_app,
    g,
    jsonify,
    redirect,
    request,
    url_for,
)
from flask import session as browser
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.wrappers import Response as AnyResponse

from participation.accounts import holding, queries
from participation.accounts.models import StaffSession, StaffUser
from participation.core import clock
from participation.core.actors import Actor
from participation.core.settings import Settings
from participation.db.engine import WAIT_SECONDS, reading
from participation.db.extension import db
from participation.db.patience import patience
from participation.web.gate import SAFE_METHODS, STAFF_PREFIX

# The row is written at most this often; the idle limit is exact to this.
SEEN_EVERY = timedelta(minutes=1)
# Seconds for one statement: an export of a large campaign is slow, but nobody waits for ever.
_STAFF_PATIENCE = 30.0


class SignedIn(UserMixin):  # type: ignore[misc]
    """The signed-in person with the rights of this moment; plain values, no row."""

    def __init__(self, *, user: StaffUser, actor: Actor, session_id: int, seen: datetime) -> None:
        """Copy what pages need."""
        self.id = user.id
        self.name = user.name
        self.email = user.email
        self.actor = actor
        self.session_id = session_id
        self.seen = seen


def init_app(app: Flask) -> None:
    """Make ``current_user`` come from the staff cookie."""
    manager = LoginManager()
    # We keep no user in Flask's own cookie: ours is looked up on the server, revocable at once.
    manager.session_protection = None
    manager.init_app(app)
    manager.request_loader(_load)
    manager.unauthorized_handler(_send_to_sign_in)
    # Before the check of the CSRF token: a form whose session has run out may have lost that too.
    app.before_request_funcs.setdefault(None, []).insert(0, _before_request)
    app.after_request(holding.forget_what_was_sent)


def cookie_name(app: Flask | None = None) -> str:
    """Return the name of the cookie; over TLS it is bound to this host."""
    settings: Settings = (app or current_app).extensions["settings"]
    return "__Host-staff" if settings.uses_tls else "staff"


def give_cookie(response: AnyResponse, token: str) -> None:
    """Put the token of a new session into ``response`` and start Flask's own session afresh.

    What the browser carried before signing in (CSRF token, messages) is not carried over; only
    the chosen language is.
    """
    locale = browser.get("locale")
    browser.clear()
    if locale is not None:
        browser["locale"] = locale
    settings: Settings = current_app.extensions["settings"]
    response.set_cookie(
        cookie_name(),
        token,
        path="/",
        secure=settings.uses_tls,
        httponly=True,
        samesite="Lax",
    )


def take_cookie(response: AnyResponse) -> None:
    """Take the cookie away and start Flask's own session afresh."""
    locale = browser.get("locale")
    browser.clear()
    if locale is not None:
        browser["locale"] = locale
    settings: Settings = current_app.extensions["settings"]
    response.delete_cookie(
        cookie_name(), path="/", secure=settings.uses_tls, httponly=True, samesite="Lax"
    )


def cookie_token() -> str:
    """Return the token that the browser sent, or an empty text."""
    return request.cookies.get(cookie_name(), "")


def network() -> str:
    """Return the network of the browser's address: /24, or /56 of IPv6."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    bits = 24 if address.version == 4 else 56  # noqa: PLR2004
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def device() -> str:
    """Return a rough name of the browser for the person's own list: Firefox・Windows."""
    agent = request.user_agent.string
    browsers = (
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    systems = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    )
    named = [
        next((name for sign, name in signs if sign in agent), "") for signs in (browsers, systems)
    ]
    return "・".join(part for part in named if part)


@contextmanager
def apart() -> Iterator[None]:
    """Run reads in a transaction of their own that is over afterwards.

    For what comes before slow work: SQLite's one write lock must not be held meanwhile.
    """
    token = reading.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        reading.reset(token)


def _load(incoming: Request) -> SignedIn | None:
    token = incoming.cookies.get(cookie_name())
    if not token or g.get("staff_unknown") or g.get("database_down"):
        return None  # the page that says that nothing can be asked must not ask
    try:
        return _signed_in(token, clock.now())
    except (DBAPIError, PoolTimeout):
        # The page that says so asks again who is signed in; it must not fail on that.
        g.staff_unknown = True
        raise


def _signed_in(token: str, now: datetime) -> SignedIn | None:
    session = db.session()
    found = queries.find_session(session, token)
    if found is None or not queries.is_live(found, now):
        return None
    user = queries.get_user(session, found.user_id)
    if user.disabled_at is not None:
        return None
    return SignedIn(
        user=user,
        actor=queries.actor_of(session, user, now),
        session_id=found.id,
        seen=found.last_seen_at,
    )


def _before_request() -> AnyResponse | None:
    reading.set(request.method in SAFE_METHODS)
    is_staff = request.path.startswith(f"{STAFF_PREFIX}/")
    patience.set(_STAFF_PATIENCE if is_staff else WAIT_SECONDS)
    if not is_staff or not cookie_token():
        return None
    if current_user.is_authenticated:
        _note_seen(cast("SignedIn", current_user), clock.now())
        return holding.hold_stale_form()
    return holding.hold_late_form(cookie_token())


def _note_seen(person: SignedIn, now: datetime) -> None:
    """Write that the session is in use, in a short transaction before the request's own."""
    if now - person.seen < SEEN_EVERY:
        return
    session = db.session()
    session.rollback()
    reading.set(False)
    try:
        session.execute(
            update(StaffSession)
            .where(StaffSession.id == person.session_id, StaffSession.last_seen_at < now)
            .values(last_seen_at=now)
        )
        session.commit()
    except DBAPIError as error:
        # Reading goes on while the database takes no writes.
        session.rollback()
        current_app.logger.warning("last_seen_at not written: %s", type(error).__name__)
    finally:
        reading.set(request.method in SAFE_METHODS)


def _send_to_sign_in() -> Any:
    if request.accept_mimetypes.best == "application/json":
        response = jsonify(error=_("サインインしてください。"))
        response.status_code = 401
        return response
    target = request.full_path.rstrip("?") if request.method in SAFE_METHODS else None
    return redirect(url_for("staff.accounts.sign_in", next=target), 303)
