"""Following by mail: the form, the confirmation behind a link, changing, and leaving."""

from datetime import datetime

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.errors import InvalidInput, NotFound
from participation.db.engine import reading_until_a_write
from participation.db.extension import db
from participation.mail.services import check_address
from participation.portal.blueprints import public
from participation.portal.labels import RHYTHM_LABELS
from participation.portal.letters import (
    LETTER_LANGUAGES,
    confirmation,
    known_language,
    rhythm_of,
)
from participation.portal.models import Follower, Rhythm
from participation.portal.services import followers, following, leaving
from participation.portal.services.following import Wish
from participation.portal.views.topics import Topics, topics
from participation.privacy.crypto import keyring
from participation.submissions import pressure
from participation.submissions.networks import network_key
from participation.submissions.patience import LEAST, has_waited, start_waiting
from participation.web import gate, transaction
from participation.web.language import choose
from participation.web.templating import translated

_LONGEST_ADDRESS = 254
_INVALID, _GONE, _TOO_MANY = 422, 404, 429


@public.get("/follow/")
@gate.public
def follow() -> ResponseReturnValue:
    """Ask for an address and what to tell it; what ``topic`` names is chosen already."""
    return _form(_asked(request.args.getlist("topic")))


@public.post("/follow/")
@gate.public
def ask_to_follow() -> ResponseReturnValue:
    """Mail the link that confirms; a known and an unknown address get the same answer."""
    chosen = _asked(request.form.getlist("topic"))
    address = request.form.get("email", "")[: _LONGEST_ADDRESS + 1].strip()
    now = clock.now()
    session = db.session()
    wish = _wish(chosen)
    errors = _faults(address, wish)
    if errors:
        return _form(chosen, errors=errors, status=_INVALID)
    waited = _must_wait(session, address, now)
    if waited:
        return _form(chosen, waited=waited, status=_TOO_MANY)
    following.ask(session, address, wish, write=confirmation(wish.language), now=now)
    transaction.commit()
    return redirect(url_for(".follow_asked"), 303)


@public.get("/follow/asked/")
@gate.public
def follow_asked() -> ResponseReturnValue:
    """Say that a letter is on its way, if the address can get one."""
    return render_template("portal/follow_asked.html")


@public.get("/follow/confirm/<token>")
@gate.public
def confirm_follow(token: str) -> ResponseReturnValue:
    """Show the button: opening the link, as programs that look through mail do, decides nothing."""
    try:
        with reading_until_a_write():
            follower = _found(token)
    except NotFound as error:
        return _gone(error)
    if follower.confirmed_at is not None:
        return redirect(url_for(".follow_settings", token=token), 303)
    chosen = _asked(followers.topics_of(db.session(), follower))
    return _private(
        render_template(
            "portal/follow_confirm.html",
            token=token,
            chosen=chosen,
            rhythm=RHYTHM_LABELS[follower.rhythm],
        )
    )


@public.post("/follow/confirm/<token>")
@gate.public
def confirm_follow_act(token: str) -> ResponseReturnValue:
    """Begin to tell."""
    session = db.session()
    try:
        follower = following.confirm(session, token, now=clock.now())
    except NotFound as error:
        transaction.discard()
        return _gone(error)
    token = followers.token_of(keyring(session), follower.id)
    transaction.commit()
    return redirect(url_for(".follow_settings", token=token, state="confirmed"), 303)


@public.get("/follow/settings/<token>")
@gate.public
def follow_settings(token: str) -> ResponseReturnValue:
    """Show what is told, and how often; not before it was confirmed."""
    try:
        follower = _found(token)
    except NotFound as error:
        return _gone(error)
    if follower.confirmed_at is None:
        return redirect(url_for(".confirm_follow", token=token), 303)
    chosen = _asked(followers.topics_of(db.session(), follower))
    return _settings(token, chosen, follower, state=request.args.get("state", ""))


@public.post("/follow/settings/<token>")
@gate.public
def change_follow(token: str) -> ResponseReturnValue:
    """Tell other things from now on."""
    session, now = db.session(), clock.now()
    chosen = _asked(request.form.getlist("topic"))
    try:
        follower = following.find(session, token, now=now)
        following.change(session, follower, _wish(chosen), now=now)
    except NotFound as error:
        transaction.discard()
        return _gone(error)
    except InvalidInput as error:
        transaction.discard()
        errors = {error.field or "topics": str(error)}
        return _settings(token, chosen, _found(token), errors=errors, status=_INVALID)
    transaction.commit()
    return redirect(url_for(".follow_settings", token=token, state="saved"), 303)


@public.get("/follow/leave/<token>")
@gate.public
def leave(token: str) -> ResponseReturnValue:
    """Show the button that ends it; the same for a token that nobody has."""
    return _private(render_template("portal/follow_leave.html", token=token, done=False))


@public.post("/follow/leave/<token>")
@gate.public
def leave_act(token: str) -> ResponseReturnValue:
    """End it at once, from the page or by a mail program's one click (RFC 8058).

    A mail program has no token against cross-site posts; whoever knows this address may end the
    subscription and nothing else. No redirect either: mail programs do not follow one.
    """
    leaving.leave(db.session(), token)
    transaction.commit()
    return _private(render_template("portal/follow_leave.html", token=token, done=True))


def init_app(app: Flask) -> None:
    """Let mail programs post to the one address without a token of ours."""
    app.extensions["csrf"].exempt(leave_act)


def _found(token: str) -> Follower:
    return following.find(db.session(), token, now=clock.now())


def _asked(wanted: list[str]) -> Topics:
    return topics(db.session(), wanted, clock.local_date(clock.now()))


def _wish(chosen: Topics) -> Wish:
    return Wish(
        topics=chosen.known(),
        rhythm=rhythm_of(request.form.get("rhythm")),
        language=known_language(request.form.get("language", "")),
    )


def _faults(address: str, wish: Wish) -> dict[str, str]:
    """Return what is wrong, by the control that it is about."""
    errors = {}
    try:
        check_address(address)
    except InvalidInput as error:
        errors["email"] = str(error)
    try:
        following.checked_topics(wish.topics)
    except InvalidInput as error:
        errors["topics"] = str(error)
    return errors


def _must_wait(session: Session, address: str, now: datetime) -> str:
    """Return the mark of a form that has to wait: many letters were asked for from its network.

    The mark is good for this address alone, so that waiting once does not open the way to many.
    """
    keys = keyring(session)
    key = followers.address_key(keys, address)
    mark = request.form.get("waited", "")[:200]
    if has_waited(keys, key, mark, now):
        return ""
    if pressure.count(pressure.LETTERS, network_key(keys, request.remote_addr)):
        return ""
    return start_waiting(keys, key, now)


def _form(
    chosen: Topics,
    *,
    errors: dict[str, str] | None = None,
    waited: str = "",
    status: int = 200,
) -> Response:
    return _private(
        render_template(
            "portal/follow.html",
            chosen=chosen,
            errors=errors or {},
            waited=waited or request.form.get("waited", "")[:200],
            must_wait=LEAST.seconds if waited else 0,
            email=request.form.get("email", ""),
            **_choices(
                rhythm_of(request.form.get("rhythm")), request.form.get("language") or choose()
            ),
        ),
        status,
    )


def _settings(
    token: str,
    chosen: Topics,
    follower: Follower,
    *,
    errors: dict[str, str] | None = None,
    state: str = "",
    status: int = 200,
) -> Response:
    said = {"confirmed": _("登録しました。"), "saved": _("変更しました。")}
    return _private(
        render_template(
            "portal/follow_settings.html",
            token=token,
            chosen=chosen,
            errors=errors or {},
            said=said.get(state, ""),
            next_at=follower.next_at,
            **_choices(follower.rhythm, follower.language),
        ),
        status,
    )


def _choices(rhythm: Rhythm, language: str) -> dict[str, object]:
    return {
        "rhythms": [(one.value, translated(label)) for one, label in RHYTHM_LABELS.items()],
        "rhythm": rhythm.value,
        "languages_of_letters": list(LETTER_LANGUAGES.items()),
        "language_of_letters": known_language(language),
    }


def _gone(error: NotFound) -> Response:
    return _private(render_template("portal/follow_gone.html", message=str(error)), _GONE)


def _private(page: str, status: int = 200) -> Response:
    """Return a page that stays on no device: its address is a key."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
