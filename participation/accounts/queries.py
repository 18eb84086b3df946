"""Reads about people, their appointments, sessions and invitations."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from participation.accounts.models import (
    DEPARTMENT_ROLES,
    Appointment,
    Invitation,
    StaffSession,
    StaffUser,
)
from participation.accounts.tokens import token_hash
from participation.core.actors import Actor, Grant, Role
from participation.core.clock import local_date
from participation.core.errors import NotFound
from participation.core.text import compare_key
from participation.departments import queries as departments
from participation.departments.models import DepartmentPeriod

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
# Between the password and the code.
CODE_LIMIT = timedelta(minutes=10)


def normal_email(email: str) -> str:
    """Return the form in which addresses are stored and compared."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def get_user(session: Session, user_id: int) -> StaffUser:
    """Return one person.

    Raises:
        NotFound: there is none of this number.

    """
    user = session.get(StaffUser, user_id)
    if user is None:
        raise NotFound("お探しの職員は見つかりませんでした。職員の一覧から選んでください。")
    return user


def find_by_email(session: Session, email: str) -> StaffUser | None:
    """Return the person with this address, in any width and case."""
    return session.scalars(
        select(StaffUser).where(StaffUser.email == normal_email(email))
    ).one_or_none()


def get_appointment(session: Session, appointment_id: int) -> Appointment:
    """Return one appointment.

    Raises:
        NotFound: there is none of this number.

    """
    appointment = session.get(Appointment, appointment_id)
    if appointment is None:
        raise NotFound("お探しの任命は見つかりませんでした。職員の画面から選んでください。")
    return appointment


def active_on(day: date) -> ColumnElement[bool]:
    """Return the condition that an appointment gives its right on ``day``."""
    return (
        Appointment.ended_at.is_(None)
        & (Appointment.valid_from <= day)
        & or_(Appointment.valid_to.is_(None), Appointment.valid_to >= day)
    )


def actor_of(session: Session, user: StaffUser, now: datetime) -> Actor:
    """Return the rights that ``user`` has at ``now``: nothing is remembered from before.

    A role in a department counts while the department exists; once another has taken over, the
    rights are with the successor's people.
    """
    day = local_date(now)
    if user.disabled_at is not None:
        return Actor(user.id, user.name)
    active = [appointment for appointment in user.appointments if appointment.is_active(day)]
    ids = {a.department_id for a in active if a.department_id is not None}
    living = _existing(session, ids, day) if ids else frozenset()
    closure = departments.predecessor_closure(session, ids, day) if ids else {}
    grants = [
        Grant(
            role=a.role,
            department_id=a.department_id,
            department_ids=frozenset() if a.department_id is None else closure[a.department_id],
        )
        for a in active
        if a.role not in DEPARTMENT_ROLES or a.department_id in living
    ]
    return Actor(user.id, user.name, tuple(grants))


def _existing(session: Session, ids: set[int], day: date) -> frozenset[int]:
    return frozenset(
        session.scalars(
            select(DepartmentPeriod.department_id).where(
                DepartmentPeriod.department_id.in_(ids),
                DepartmentPeriod.valid_from <= day,
                or_(DepartmentPeriod.valid_to.is_(None), DepartmentPeriod.valid_to >= day),
            )
        )
    )


def find_session(session: Session, token: str) -> StaffSession | None:
    """Return the session of a cookie, whether it is still good or not."""
    return session.scalars(
        select(StaffSession).where(StaffSession.token_hash == token_hash(token))
    ).one_or_none()


def is_live(found: StaffSession, now: datetime) -> bool:
    """Whether a session is signed in at ``now``: both factors, not ended, not idle, not too old."""
    return (
        found.second_factor_at is not None
        and found.ended_at is None
        and now - found.last_seen_at < IDLE_LIMIT
        and now - found.created_at < ABSOLUTE_LIMIT
    )


def is_waiting_for_code(found: StaffSession, now: datetime) -> bool:
    """Whether the password was right and the code may still come."""
    return (
        found.second_factor_at is None
        and found.ended_at is None
        and now - found.created_at < CODE_LIMIT
    )


def live_sessions(session: Session, user_id: int, now: datetime) -> list[StaffSession]:
    """Return the signed-in browsers of a person, the latest first."""
    found = session.scalars(
        select(StaffSession)
        .where(StaffSession.user_id == user_id, StaffSession.ended_at.is_(None))
        .order_by(StaffSession.last_seen_at.desc(), StaffSession.id.desc())
    )
    return [one for one in found if is_live(one, now)]


def find_invitation(session: Session, token: str) -> Invitation | None:
    """Return the invitation of a link, whether it is still good or not."""
    return session.scalars(
        select(Invitation).where(Invitation.token_hash == token_hash(token))
    ).one_or_none()


def open_invitation(session: Session, user_id: int, now: datetime) -> Invitation | None:
    """Return the invitation that a person can still use."""
    return session.scalars(
        select(Invitation)
        .where(
            Invitation.user_id == user_id,
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id.desc())
        .limit(1)
    ).first()


@dataclass(frozen=True)
class PeopleFilter:
    """What the list of people is narrowed to; empty means no narrowing."""

    words: str = ""
    role: Role | None = None
    department_id: int | None = None
    state: str = "active"  # active | invited | none | disabled | all


def people(session: Session, chosen: PeopleFilter, day: date) -> list[StaffUser]:
    """Return the people that fit, by name; a city has a few hundred.

    Names are compared after NFKC, which a database cannot do.
    """
    statement = select(StaffUser).order_by(StaffUser.name, StaffUser.id)
    if chosen.state == "disabled":
        statement = statement.where(StaffUser.disabled_at.is_not(None))
    elif chosen.state != "all":
        statement = statement.where(StaffUser.disabled_at.is_(None))
    if chosen.state == "active":
        statement = statement.where(StaffUser.password_hash.is_not(None))
    if chosen.state == "invited":
        statement = statement.where(StaffUser.password_hash.is_(None))
    if chosen.state == "none":
        statement = statement.where(~StaffUser.appointments.any(active_on(day)))
    if chosen.role is not None:
        statement = statement.where(
            StaffUser.appointments.any(active_on(day) & (Appointment.role == chosen.role))
        )
    if chosen.department_id is not None:
        statement = statement.where(
            StaffUser.appointments.any(
                active_on(day) & (Appointment.department_id == chosen.department_id)
            )
        )
    found = list(session.scalars(statement))
    words = compare_key(chosen.words).casefold()
    if not words:
        return found
    return [
        user for user in found if words in compare_key(user.name).casefold() or words in user.email
    ]


def appointed_in(session: Session, department_id: int, day: date) -> list[Appointment]:
    """Return the appointments in a department that are not over on ``day``, by person."""
    return list(
        session.scalars(
            select(Appointment)
            .join(StaffUser)
            .where(
                Appointment.department_id == department_id,
                Appointment.ended_at.is_(None),
                or_(Appointment.valid_to.is_(None), Appointment.valid_to >= day),
                StaffUser.disabled_at.is_(None),
            )
            .order_by(StaffUser.name, Appointment.id)
        )
    )


def emails_with_role(
    session: Session, role: Role, day: date, *, department_ids: frozenset[int] | None = None
) -> list[str]:
    """Return the addresses of those who hold ``role`` on ``day``, of some departments if given."""
    statement = (
        select(StaffUser.email)
        .join(Appointment)
        .where(Appointment.role == role, active_on(day), StaffUser.disabled_at.is_(None))
        .distinct()
        .order_by(StaffUser.email)
    )
    if department_ids is not None:
        statement = statement.where(Appointment.department_id.in_(department_ids))
    return list(session.scalars(statement))
