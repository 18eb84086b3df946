"""What people change about their own ways in; each asks for the current password."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.accounts import letters, passwords, second_factor
from participation.accounts.models import StaffUser
from participation.accounts.services.sessions import end_all_sessions
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.mail import services as mail
from participation.privacy.crypto import keyring


def change_password(
    session: Session,
    user: StaffUser,
    *,
    current: str,
    password: str,
    session_id: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Set a new password; every other session of the person ends.

    Raises:
        InvalidInput: the current one is wrong, or the new one breaks a rule.

    """
    check_current_password(user, current)
    passwords.check_rules(password, email=user.email, name=user.name)
    user.password_hash = passwords.hash_password(password)
    end_all_sessions(session, user, now=now, but=session_id)
    session.flush()
    audit.record(
        session, "accounts.password.changed", actor=actor, now=now, subject=f"staff:{user.id}"
    )
    _tell(session, user, "パスワード", now)


def begin_new_second_factor(
    session: Session, user: StaffUser, *, current: str, actor: Actor, now: datetime
) -> None:
    """Make a new secret that waits for its first code; until then the old one counts.

    Raises:
        InvalidInput: the current password is wrong.

    """
    check_current_password(user, current)
    user.totp_pending = keyring(session).encrypt(
        second_factor.new_secret(), table="staff_user", column="totp_pending", row=str(user.id)
    )
    session.flush()
    audit.record(
        session, "accounts.second_factor.begun", actor=actor, now=now, subject=f"staff:{user.id}"
    )


def pending_secret(session: Session, user: StaffUser) -> str:
    """Return the secret to show while it waits for its first code.

    Raises:
        StateConflict: none is waiting.

    """
    if user.totp_pending is None:
        raise StateConflict(
            "認証アプリの再設定は始まっていません。アカウントの画面から始めてください。"
        )
    return keyring(session).decrypt(
        user.totp_pending, table="staff_user", column="totp_pending", row=str(user.id)
    )


def confirm_new_second_factor(
    session: Session,
    user: StaffUser,
    *,
    code: str,
    session_id: int,
    actor: Actor,
    now: datetime,
) -> None:
    """With the first code the new secret replaces the old; every other session ends.

    Raises:
        InvalidInput: the code is wrong.
        StateConflict: no new secret is waiting.

    """
    secret = pending_secret(session, user)
    step = second_factor.matching_step(secret, code, now, after=None)
    if step is None:
        raise InvalidInput(
            "認証コードが正しくありません。新しく登録した方の6桁を入力してください。", field="code"
        )
    user.totp_secret = keyring(session).encrypt(
        secret, table="staff_user", column="totp_secret", row=str(user.id)
    )
    user.totp_pending = None
    user.totp_confirmed_at = now
    user.totp_last_step = step
    end_all_sessions(session, user, now=now, but=session_id)
    session.flush()
    audit.record(
        session, "accounts.second_factor.changed", actor=actor, now=now, subject=f"staff:{user.id}"
    )
    _tell(session, user, "認証アプリの設定", now)


def check_current_password(user: StaffUser, current: str) -> None:
    """Refuse when ``current`` is not the person's password.

    Raises:
        InvalidInput: then.

    """
    if not passwords.verify(user.password_hash, current):
        raise InvalidInput("現在のパスワードが正しくありません。", field="current")


def _tell(session: Session, user: StaffUser, what: str, now: datetime) -> None:
    subject, body = letters.ways_in_changed(name=user.name, what=what, moment=now)
    mail.send(
        session, kind="accounts.changed", recipient=user.email, subject=subject, body=body, now=now
    )
