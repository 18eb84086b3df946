"""Inviting people, and what they do with the link."""

from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import update
from sqlalchemy.orm import Session

from participation import audit
from participation.accounts import letters, passwords, second_factor
from participation.accounts.models import Invitation, StaffUser
from participation.accounts.queries import find_by_email, find_invitation, normal_email
from participation.accounts.services.appointments import AppointmentTerms, appoint
from participation.accounts.services.sessions import end_all_sessions
from participation.accounts.tokens import new_token, token_hash
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.mail import services as mail
from participation.privacy.crypto import keyring

VALID_FOR = timedelta(days=7)
# The path of accounts.views.invitation; a service knows no routes, a test keeps the two equal.
PATH = "/staff/invitation/"


def invite(
    session: Session,
    *,
    name: str,
    email: str,
    terms: AppointmentTerms,
    base_url: str,
    actor: Actor,
    now: datetime,
) -> tuple[StaffUser, str]:
    """Make a person with a first appointment and send them the link.

    Args:
        session: the session of the act.
        name: as the person writes it.
        email: where the link goes; also what the person signs in with.
        terms: role, department and days of the first appointment.
        base_url: the public address of this site; never taken from a request.
        actor: who invites.
        now: when.

    Returns:
        The person, and the link for an operator who hands it over by hand.

    Raises:
        InvalidInput: an address that is none or known already, no name, or impossible terms.

    """
    name, email = _check_name(name), check_email(email)
    if find_by_email(session, email) is not None:
        raise InvalidInput(
            "このメールアドレスの職員は登録済みです。職員の一覧から開いて、任命を追加してください。",
            field="email",
        )
    user = StaffUser(email=email, name=name, created_at=now, appointments=[])
    session.add(user)
    session.flush()
    audit.record(
        session,
        "accounts.person.invited",
        actor=actor,
        now=now,
        subject=f"staff:{user.id}",
        department_id=terms.department_id,
        after={"name": name, "email": email},
    )
    appoint(session, user, terms=terms, actor=actor, now=now)
    return user, _send_link(session, user, base_url=base_url, again=False, now=now)


def invite_again(
    session: Session, user: StaffUser, *, base_url: str, actor: Actor, now: datetime
) -> str:
    """Send a new link; the earlier ones stop working. Also the way back for a lost telephone.

    Nothing of the account changes until the person has used the link.

    Raises:
        StateConflict: the person is disabled.

    """
    if user.disabled_at is not None:
        raise StateConflict("利用停止中の職員です。先に利用を再開してください。")
    audit.record(
        session,
        "accounts.person.invited_again",
        actor=actor,
        now=now,
        subject=f"staff:{user.id}",
    )
    return _send_link(session, user, base_url=base_url, again=True, now=now)


def usable_invitation(session: Session, token: str, now: datetime) -> tuple[Invitation, StaffUser]:
    """Return the invitation of a link and its person.

    Raises:
        NotFound: unknown, used, replaced or expired, or the person is disabled: from outside
            they look the same.

    """
    invitation = find_invitation(session, token)
    user = session.get(StaffUser, invitation.user_id) if invitation else None
    if (
        invitation is None
        or user is None
        or user.disabled_at is not None
        or invitation.used_at is not None
        or invitation.expires_at <= now
    ):
        raise NotFound(
            "この招待リンクは使えません。期限（7日間）が過ぎたか、すでに使われています。"
            "システム管理者に招待の再送を依頼してください。"
        )
    return invitation, user


def set_invited_password(session: Session, token: str, *, password: str, now: datetime) -> None:
    """First step of the link: the new password, and a new secret for the codes.

    Both wait on the invitation until the first code has come.

    Raises:
        NotFound: the link is no good.
        InvalidInput: the password breaks a rule.

    """
    invitation, user = usable_invitation(session, token, now)
    passwords.check_rules(password, email=user.email, name=user.name)
    invitation.password_hash = passwords.hash_password(password)
    invitation.totp_secret = keyring(session).encrypt(
        second_factor.new_secret(),
        table="invitation",
        column="totp_secret",
        row=str(invitation.id),
    )
    session.flush()


def invited_secret(session: Session, token: str, now: datetime) -> tuple[StaffUser, str]:
    """Return the person and the secret to show before the second step of the link.

    Raises:
        NotFound: the link is no good.
        StateConflict: the first step has not been done.

    """
    invitation, user = usable_invitation(session, token, now)
    if invitation.password_hash is None or invitation.totp_secret is None:
        raise StateConflict(
            "先にパスワードを設定してください。招待メールのリンクから開き直せます。"
        )
    secret = keyring(session).decrypt(
        invitation.totp_secret, table="invitation", column="totp_secret", row=str(invitation.id)
    )
    return user, secret


def accept_invitation(session: Session, token: str, *, code: str, now: datetime) -> StaffUser:
    """Second step of the link: with the first code the account gets its new ways in.

    All sessions of before end. Works once, even when two requests race.

    Raises:
        NotFound: the link is no good.
        StateConflict: the first step has not been done.
        InvalidInput: the code is wrong.

    """
    user, secret = invited_secret(session, token, now)
    invitation, _user = usable_invitation(session, token, now)
    step = second_factor.matching_step(secret, code, now, after=None)
    if step is None:
        raise InvalidInput(
            "認証コードが正しくありません。アプリに表示されている最新の6桁を入力してください。",
            field="code",
        )
    taken = session.scalars(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.used_at.is_(None))
        .values(used_at=now)
        .returning(Invitation.id)
    )
    if taken.one_or_none() is None:
        raise NotFound("この招待リンクは使えません。すでに使われています。")
    user.password_hash = invitation.password_hash
    user.totp_secret = keyring(session).encrypt(
        secret, table="staff_user", column="totp_secret", row=str(user.id)
    )
    user.totp_pending = None
    user.totp_confirmed_at = now
    user.totp_last_step = step
    invitation.password_hash = invitation.totp_secret = None
    _withdraw_links(session, user, now)
    end_all_sessions(session, user, now=now)
    session.flush()
    audit.record(
        session,
        "accounts.invitation.accepted",
        actor=Actor(user.id, user.name),
        now=now,
        subject=f"staff:{user.id}",
    )
    return user


def check_email(email: str) -> str:
    """Return the address as it is stored.

    Raises:
        InvalidInput: it is none.

    """
    email = normal_email(email)
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        raise InvalidInput(
            "メールアドレスの形になっていません。例：hanako@city.example.jp", field="email"
        ) from None
    return email


def _check_name(name: str) -> str:
    if not name.strip():
        raise InvalidInput("氏名を入力してください。", field="name")
    return name.strip()


def _send_link(
    session: Session, user: StaffUser, *, base_url: str, again: bool, now: datetime
) -> str:
    _withdraw_links(session, user, now)
    token = new_token()
    invitation = Invitation(
        user_id=user.id, token_hash=token_hash(token), created_at=now, expires_at=now + VALID_FOR
    )
    session.add(invitation)
    session.flush()
    link = f"{base_url}{PATH}{token}"
    subject, body = letters.invitation(
        name=user.name, link=link, expires_at=invitation.expires_at, again=again
    )
    mail.send(
        session,
        kind="accounts.invitation",
        recipient=user.email,
        subject=subject,
        body=body,
        now=now,
    )
    return link


def _withdraw_links(session: Session, user: StaffUser, now: datetime) -> None:
    session.execute(
        update(Invitation)
        .where(Invitation.user_id == user.id, Invitation.used_at.is_(None))
        .values(used_at=now, password_hash=None, totp_secret=None)
    )
