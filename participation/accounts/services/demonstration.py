"""People who are ready to sign in without a letter: for a demonstration, refused in production."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.accounts import passwords, second_factor
from participation.accounts.models import StaffUser
from participation.accounts.queries import find_by_email
from participation.accounts.services.appointments import AppointmentTerms, appoint
from participation.accounts.services.invitations import check_email
from participation.core.actors import Actor
from participation.core.errors import PermissionDenied, StateConflict
from participation.core.settings import Settings
from participation.privacy.crypto import keyring

# Printed by ./demo; a system in production refuses everything here.
PASSWORD = "asagao-no-kaikaku-1059"  # noqa: S105


def create_ready_user(
    session: Session,
    *,
    name: str,
    email: str,
    password: str,
    terms: AppointmentTerms,
    settings: Settings,
    actor: Actor,
    now: datetime,
    secret: str | None = None,
) -> StaffUser:
    """Make a person with password and second factor in place; an existing one is left alone.

    Args:
        session: the session of the act.
        name: the person's name.
        email: what they sign in with.
        password: held to the same rules as everybody's.
        terms: role, department and days of the appointment.
        settings: tells whether this is production.
        actor: who does it.
        now: when.
        secret: base 32; a new one is made when left out.

    Raises:
        PermissionDenied: in production.
        InvalidInput: the password or the terms break a rule.

    """
    _refuse_production(settings)
    email = check_email(email)
    known = find_by_email(session, email)
    if known is not None:
        return known
    passwords.check_rules(password, email=email, name=name)
    user = StaffUser(
        email=email,
        name=name,
        created_at=now,
        password_hash=passwords.hash_password(password),
        totp_confirmed_at=now,
        appointments=[],
    )
    session.add(user)
    session.flush()
    user.totp_secret = keyring(session).encrypt(
        secret or second_factor.new_secret(),
        table="staff_user",
        column="totp_secret",
        row=str(user.id),
    )
    session.flush()
    audit.record(
        session,
        "accounts.person.made_ready",
        actor=actor,
        now=now,
        subject=f"staff:{user.id}",
        department_id=terms.department_id,
        after={"name": name, "email": email},
    )
    appoint(session, user, terms=terms, actor=actor, now=now)
    return user


def demo_people(session: Session, *, settings: Settings) -> list[StaffUser]:
    """Return the people who have the demo's password, in the order in which they were made.

    Raises:
        PermissionDenied: in production.

    """
    _refuse_production(settings)
    found = session.scalars(
        select(StaffUser).where(StaffUser.disabled_at.is_(None)).order_by(StaffUser.id)
    )
    return [user for user in found if passwords.verify(user.password_hash, PASSWORD)]


def usable_code(session: Session, user: StaffUser, *, settings: Settings, now: datetime) -> str:
    """Return a code with which ``user`` gets in now: the next one when the current is used up.

    Raises:
        PermissionDenied: in production.
        StateConflict: the person has no second factor, or used the next code too.

    """
    _refuse_production(settings)
    if user.totp_secret is None:
        raise StateConflict("この職員は認証アプリを設定していません。")
    secret = keyring(session).decrypt(
        user.totp_secret, table="staff_user", column="totp_secret", row=str(user.id)
    )
    step = second_factor.current_step(now)
    step = max(step, (user.totp_last_step or 0) + 1)
    if step > second_factor.current_step(now) + second_factor.WINDOW:
        raise StateConflict(
            "次のコードも使用済みです。30秒ほど待ってからもう一度実行してください。"
        )
    return second_factor.code_at(secret, step)


def _refuse_production(settings: Settings) -> None:
    if settings.is_production:
        raise PermissionDenied("本番環境では使えません。users invite で招待してください。")
