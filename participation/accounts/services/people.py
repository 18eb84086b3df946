"""Changing, disabling and restoring people."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from participation import audit
from participation.accounts import letters
from participation.accounts.models import Invitation, StaffUser
from participation.accounts.queries import find_by_email
from participation.accounts.services.appointments import (
    end_appointment,
    keep_an_administrator_without,
)
from participation.accounts.services.invitations import check_email
from participation.accounts.services.sessions import end_all_sessions
from participation.core.actors import Actor
from participation.core.clock import local_date
from participation.core.errors import InvalidInput, PermissionDenied, StateConflict
from participation.mail import services as mail


def update_person(
    session: Session, user: StaffUser, *, name: str, email: str, actor: Actor, now: datetime
) -> None:
    """Change name or address. The old address is told, since the new one can receive links.

    Raises:
        PermissionDenied: one's own record.
        InvalidInput: no name, no address, or an address of somebody else.

    """
    _refuse_own(user, actor)
    name, email = name.strip(), check_email(email)
    if not name:
        raise InvalidInput("氏名を入力してください。", field="name")
    holder = find_by_email(session, email)
    if holder is not None and holder.id != user.id:
        raise InvalidInput("このメールアドレスは別の職員が使っています。", field="email")
    new = {"name": name, "email": email}
    before = {key: getattr(user, key) for key in new if getattr(user, key) != new[key]}
    if not before:
        return
    if "email" in before:
        subject, body = letters.ways_in_changed(name=user.name, what="メールアドレス", moment=now)
        mail.send(
            session,
            kind="accounts.changed",
            recipient=user.email,
            subject=subject,
            body=body,
            now=now,
        )
    user.name, user.email = name, email
    session.flush()
    audit.record(
        session,
        "accounts.person.updated",
        actor=actor,
        now=now,
        subject=f"staff:{user.id}",
        before=before,
        after={key: new[key] for key in before},
    )


def disable_person(
    session: Session, user: StaffUser, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Shut a person out at once: appointments, sessions and links end.

    Raises:
        PermissionDenied: oneself.
        InvalidInput: no reason.
        StateConflict: disabled already, or the last administrator.

    """
    _refuse_own(user, actor)
    if not reason.strip():
        raise InvalidInput("利用停止の理由を入力してください。例：退職のため", field="reason")
    if user.disabled_at is not None:
        raise StateConflict("すでに利用停止になっています。")
    keep_an_administrator_without(session, user, now)
    today = local_date(now)
    for appointment in user.appointments:
        over = appointment.valid_to is not None and appointment.valid_to < today
        if appointment.ended_at is None and not over:
            end_appointment(session, appointment, reason=reason, actor=actor, now=now)
    user.disabled_at = now
    end_all_sessions(session, user, now=now)
    session.execute(
        update(Invitation)
        .where(Invitation.user_id == user.id, Invitation.used_at.is_(None))
        .values(used_at=now, password_hash=None, totp_secret=None)
    )
    session.flush()
    audit.record(
        session,
        "accounts.person.disabled",
        actor=actor,
        now=now,
        subject=f"staff:{user.id}",
        before={"disabled_at": None},
        after={"disabled_at": now.isoformat()},
        reason=reason,
    )


def restore_person(
    session: Session, user: StaffUser, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Let a disabled person in again. Rights do not come back; they are given anew.

    Raises:
        PermissionDenied: oneself.
        InvalidInput: no reason.
        StateConflict: not disabled.

    """
    _refuse_own(user, actor)
    if not reason.strip():
        raise InvalidInput("再開の理由を入力してください。", field="reason")
    if user.disabled_at is None:
        raise StateConflict("利用停止になっていません。")
    before, user.disabled_at = user.disabled_at, None
    session.flush()
    audit.record(
        session,
        "accounts.person.restored",
        actor=actor,
        now=now,
        subject=f"staff:{user.id}",
        before={"disabled_at": before.isoformat()},
        after={"disabled_at": None},
        reason=reason,
    )


def _refuse_own(user: StaffUser, actor: Actor) -> None:
    if actor.staff_id == user.id:
        raise PermissionDenied(
            "ご自身の登録は変更できません。ほかのシステム管理者に依頼してください。"
        )
