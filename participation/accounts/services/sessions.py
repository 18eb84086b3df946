"""Signing in and out: every way in opens a session of its own, every session can be ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from participation import audit
from participation.accounts import passwords, second_factor
from participation.accounts.models import SignInDelay, StaffSession, StaffUser
from participation.accounts.queries import (
    ABSOLUTE_LIMIT,
    actor_of,
    find_session,
    is_waiting_for_code,
    normal_email,
)
from participation.accounts.tokens import new_token, token_hash
from participation.core.actors import Actor
from participation.core.errors import NotFound
from participation.privacy.crypto import keyring

# Failures that cost nothing; after them each one doubles the wait, up to the longest.
FREE_FAILURES = 5
LONGEST_WAIT = timedelta(seconds=60)
# Whoever has got to the code knows the password: there the wait may grow longer.
LONGEST_WAIT_FOR_CODE = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
# How long an ended session's row stays, so that a form left open can still be held for its owner.
REMEMBERED_FOR = timedelta(days=30)


@dataclass(frozen=True)
class SignInAnswer:
    """What came of one attempt: a token for the cookie, or nothing and perhaps a wait."""

    token: str | None = None
    wait: timedelta | None = None


def begin_sign_in(
    session: Session,
    *,
    email: str,
    password: str,
    checked_hash: str | None,
    network: str,
    device: str,
    now: datetime,
) -> SignInAnswer:
    """First step: the password. Opens a session that is good for nothing but the code page.

    The slow comparison is ``password_matches``, to be made outside of a transaction; this act
    takes its outcome.

    Args:
        session: the session of the act.
        email: as typed.
        password: as typed; only to store it under stronger parameters when those have changed.
        checked_hash: the stored hash that the password was found to match, else None.
        network: where it comes from; failures are counted for each network apart, so that nobody
            can shut out somebody who works elsewhere.
        device: for the person's own list of sessions.
        now: when.

    Returns:
        A token, or no token: the same for unknown, disabled and not yet invited people.

    """
    key = _delay_key(session, f"{normal_email(email)}\n{network}", "password")
    wait = _wait(session, key, now, longest=LONGEST_WAIT)
    if wait is not None:
        return SignInAnswer(wait=wait)
    user = None if checked_hash is None else _user_with_hash(session, email, checked_hash)
    if user is None:
        _count_failure(session, key, now)
        return SignInAnswer()
    _forget_failures(session, key)
    if passwords.needs_rehash(user.password_hash or ""):
        user.password_hash = passwords.hash_password(password)
    return SignInAnswer(token=_open(session, user, device=device, now=now, complete=False))


def finish_sign_in(session: Session, token: str, *, code: str, now: datetime) -> SignInAnswer:
    """Second step: the code. Ends the session of the first step and opens the real one.

    Raises:
        NotFound: the first step is too long ago or never was; begin again.

    """
    waiting = find_session(session, token)
    user = session.get(StaffUser, waiting.user_id) if waiting else None
    if waiting is None or user is None or not _may_give_code(waiting, user, now):
        raise NotFound("時間が過ぎました。もう一度パスワードから入力してください。")
    key = _delay_key(session, str(user.id), "code")
    wait = _wait(session, key, now, longest=LONGEST_WAIT_FOR_CODE)
    if wait is not None:
        return SignInAnswer(wait=wait)
    if not use_code(session, user, code, now=now):
        _count_failure(session, key, now)
        return SignInAnswer()
    _forget_failures(session, key)
    waiting.ended_at = now
    opened = _open(session, user, device=waiting.device, now=now, complete=True)
    audit.record(
        session,
        "accounts.session.opened",
        actor=actor_of(session, user, now),
        now=now,
        subject=f"staff:{user.id}",
    )
    return SignInAnswer(token=opened)


def open_session(session: Session, user: StaffUser, *, device: str, now: datetime) -> str:
    """Sign in somebody who has just proved password and code, and return the token."""
    token = _open(session, user, device=device, now=now, complete=True)
    audit.record(
        session,
        "accounts.session.opened",
        actor=actor_of(session, user, now),
        now=now,
        subject=f"staff:{user.id}",
    )
    return token


def use_code(session: Session, user: StaffUser, code: str, *, now: datetime) -> bool:
    """Whether ``code`` is right and was never used; if so it is used up.

    The step is taken by a conditional update, so that of two requests with the same code only
    one gets in.
    """
    if user.totp_secret is None:
        return False
    secret = keyring(session).decrypt(
        user.totp_secret, table="staff_user", column="totp_secret", row=str(user.id)
    )
    step = second_factor.matching_step(secret, code, now, after=user.totp_last_step)
    if step is None:
        return False
    taken = session.scalars(
        update(StaffUser)
        .where(
            StaffUser.id == user.id,
            StaffUser.totp_last_step.is_(None) | (StaffUser.totp_last_step < step),
        )
        .values(totp_last_step=step)
        .returning(StaffUser.id)
    )
    return taken.one_or_none() is not None


def end_session(session: Session, found: StaffSession, *, actor: Actor, now: datetime) -> None:
    """End one session; the browser that holds it is signed out at its next request."""
    if found.ended_at is not None:
        return
    found.ended_at = now
    session.flush()
    if found.second_factor_at is not None:
        audit.record(
            session,
            "accounts.session.ended",
            actor=actor,
            now=now,
            subject=f"staff:{found.user_id}",
        )


def end_all_sessions(
    session: Session, user: StaffUser, *, now: datetime, but: int | None = None
) -> None:
    """End every session of a person, except the one with the number ``but``."""
    statement = update(StaffSession).where(
        StaffSession.user_id == user.id, StaffSession.ended_at.is_(None)
    )
    if but is not None:
        statement = statement.where(StaffSession.id != but)
    session.execute(statement.values(ended_at=now))


def erase_old(session: Session, now: datetime) -> int:
    """Erase session rows and failure counts that serve nobody any more; return how many.

    A session's row outlives the session by 30 days: what somebody typed in a page of it can
    still be held for them.
    """
    sessions = session.scalars(
        delete(StaffSession)
        .where(StaffSession.created_at < now - ABSOLUTE_LIMIT - REMEMBERED_FOR)
        .returning(StaffSession.id)
    ).all()
    delays = session.scalars(
        delete(SignInDelay)
        .where(SignInDelay.last_failed_at < now - FORGOTTEN_AFTER)
        .returning(SignInDelay.key)
    ).all()
    return len(sessions) + len(delays)


def _may_give_code(waiting: StaffSession, user: StaffUser, now: datetime) -> bool:
    return is_waiting_for_code(waiting, now) and user.disabled_at is None


def _user_with_hash(session: Session, email: str, checked_hash: str) -> StaffUser | None:
    """The person, unless hash or state changed while the password was being compared."""
    return session.scalars(
        select(StaffUser).where(
            StaffUser.email == normal_email(email),
            StaffUser.password_hash == checked_hash,
            StaffUser.disabled_at.is_(None),
        )
    ).one_or_none()


def _open(session: Session, user: StaffUser, *, device: str, now: datetime, complete: bool) -> str:
    token = new_token()
    session.add(
        StaffSession(
            token_hash=token_hash(token),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            second_factor_at=now if complete else None,
            device=device,
        )
    )
    session.flush()
    return token


def _delay_key(session: Session, text: str, step: str) -> str:
    return keyring(session).blind_index(text, f"sign_in_delay.{step}")


def _wait(session: Session, key: str, now: datetime, *, longest: timedelta) -> timedelta | None:
    """Return how long the next attempt still has to wait, None when it may be made.

    An attempt that comes too early is not looked at and not counted: whoever knows the password
    gets in after the wait, however often somebody else tries.
    """
    delay = session.get(SignInDelay, key, with_for_update=True)
    if delay is None or delay.failures < FREE_FAILURES:
        return None
    seconds = min(2 ** min(delay.failures - FREE_FAILURES + 1, 20), longest.total_seconds())
    left = delay.last_failed_at + timedelta(seconds=seconds) - now
    return left if left > timedelta(0) else None


def _count_failure(session: Session, key: str, now: datetime) -> None:
    # In one statement: the first failures of one account may come at the same moment.
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(SignInDelay)
        .values(key=key, failures=1, last_failed_at=now)
        .on_conflict_do_update(
            index_elements=[SignInDelay.key],
            set_={"failures": SignInDelay.failures + 1, "last_failed_at": now},
        )
    )


def _forget_failures(session: Session, key: str) -> None:
    session.execute(delete(SignInDelay).where(SignInDelay.key == key))
