"""Giving, ending and moving rights. Nobody changes their own; the last administrator stays."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.accounts.models import DEPARTMENT_ROLES, Appointment, StaffUser
from participation.accounts.queries import active_on, appointed_in
from participation.core import wareki
from participation.core.actors import Actor, Role
from participation.core.clock import local_date
from participation.core.errors import InvalidInput, PermissionDenied, StateConflict
from participation.departments import queries as departments
from participation.departments.models import Department

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class AppointmentTerms:
    """Role, department and days (both included) of an appointment."""

    role: Role
    department_id: int | None
    valid_from: date
    valid_to: date | None = None


def appoint(
    session: Session, user: StaffUser, *, terms: AppointmentTerms, actor: Actor, now: datetime
) -> Appointment:
    """Give ``user`` a role from a day on.

    Raises:
        PermissionDenied: one's own rights.
        InvalidInput: a role that needs a department has none, the department does not exist then,
            the days are the wrong way round or over, or the person has this role there already.
        StateConflict: the person is disabled.

    """
    _refuse_own(user, actor)
    _lock(session, user)
    if user.disabled_at is not None:
        raise StateConflict("利用停止中の職員です。先に利用を再開してください。")
    _check_terms(session, terms, now)
    for other in user.appointments:
        if other.ended_at is None and _same_place(other, terms) and _overlap(other, terms):
            raise InvalidInput(
                "同じ役割と課の任命が、この期間にすでにあります。", field="valid_from"
            )
    appointment = Appointment(
        role=terms.role,
        department_id=terms.department_id,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        ended_reason="",
    )
    user.appointments.append(appointment)
    session.flush()
    audit.record(
        session,
        "accounts.appointment.made",
        actor=actor,
        now=now,
        subject=f"staff:{user.id}",
        department_id=terms.department_id,
        after={"appointment": appointment.id, **_plain(terms)},
    )
    return appointment


def end_appointment(
    session: Session,
    appointment: Appointment,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    last_day: date | None = None,
) -> None:
    """End an appointment at once, or with the end of ``last_day``.

    Raises:
        PermissionDenied: one's own rights.
        InvalidInput: no reason, or a last day that is past or before the first.
        StateConflict: it is over already, or nobody would be left to administer the system.

    """
    user = appointment.user
    _refuse_own(user, actor)
    _lock(session, user)
    today = local_date(now)
    if not reason.strip():
        raise InvalidInput("終了の理由を入力してください。例：人事異動のため", field="reason")
    if appointment.ended_at is not None or _is_over(appointment, today):
        raise StateConflict("この任命はすでに終わっています。")
    if last_day is not None and last_day < max(today, appointment.valid_from):
        raise InvalidInput(
            "最終日は今日以降（開始日より後）にしてください。今すぐ終える場合は空欄にしてください。",
            field="last_day",
        )
    _keep_an_administrator(
        session, {appointment.id}, on=today if last_day is None else last_day + ONE_DAY
    )
    before = {"valid_to": _iso(appointment.valid_to)}
    if last_day is None:
        appointment.ended_at = now
    else:
        appointment.valid_to = last_day
    appointment.ended_reason = reason
    session.flush()
    audit.record(
        session,
        "accounts.appointment.ended",
        actor=actor,
        now=now,
        subject=f"staff:{user.id}",
        department_id=appointment.department_id,
        before={
            "appointment": appointment.id,
            "role": appointment.role.value,
            "department": appointment.department_id,
            **before,
        },
        after={
            "valid_to": _iso(appointment.valid_to),
            "ended_at": now.isoformat() if last_day is None else None,
        },
        reason=reason,
    )


def transfer(
    session: Session,
    appointment: Appointment,
    *,
    terms: AppointmentTerms,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Appointment:
    """Move a person (人事異動): the old appointment ends where the new one begins, in one act.

    When the new one begins today, the old right is gone at once; else on the day before.

    Raises:
        PermissionDenied: one's own rights.
        InvalidInput: as for ``appoint`` and ``end_appointment``.
        StateConflict: the old one is over, or the last administrator would go.

    """
    today = local_date(now)
    if terms.valid_from < today:
        raise InvalidInput("異動の日は今日以降にしてください。", field="valid_from")
    begins_today = terms.valid_from == today
    # A move on a later day to the same place would be no move; to begin first keeps somebody
    # whose only appointment moves from being without one in between.
    if _same_place(appointment, terms):
        raise InvalidInput(
            "異動先が今と同じです。役割か課を変えてください。", field="department_id"
        )
    last_day = None if begins_today else terms.valid_from - ONE_DAY
    if last_day is not None and last_day < appointment.valid_from:
        last_day = None  # it never began: it ends now
    made = appoint(session, appointment.user, terms=terms, actor=actor, now=now)
    end_appointment(session, appointment, reason=reason, actor=actor, now=now, last_day=last_day)
    return made


def transfer_department(
    session: Session,
    source: Department,
    target: Department,
    *,
    on: date,
    reason: str,
    actor: Actor,
    now: datetime,
) -> list[Appointment]:
    """Move everybody of one department to its successor, each in the same role.

    Whoever has the role there already just loses the old appointment. The actor's own
    appointment is left to somebody else.

    Raises:
        InvalidInput, StateConflict: as for ``transfer``.

    """
    made = []
    for appointment in appointed_in(session, source.id, local_date(now)):
        if appointment.user_id == actor.staff_id:
            continue
        terms = AppointmentTerms(
            role=appointment.role,
            department_id=target.id,
            valid_from=max(on, appointment.valid_from, local_date(now)),
            valid_to=appointment.valid_to,
        )
        held = any(
            other.ended_at is None and _same_place(other, terms) and _overlap(other, terms)
            for other in appointment.user.appointments
        )
        if held:
            end_appointment(session, appointment, reason=reason, actor=actor, now=now)
        else:
            made.append(
                transfer(session, appointment, terms=terms, reason=reason, actor=actor, now=now)
            )
    return made


def keep_an_administrator_without(session: Session, user: StaffUser, now: datetime) -> None:
    """Refuse when without ``user`` nobody would be left to administer the system.

    Raises:
        StateConflict: then.

    """
    ids = {a.id for a in user.appointments if a.role is Role.ADMINISTRATOR}
    _keep_an_administrator(session, ids, on=local_date(now))


def _keep_an_administrator(session: Session, going: set[int], *, on: date) -> None:
    # The rows stay locked until the commit: two administrators who end each other at the same
    # moment queue up, and the second is refused.
    active = set(
        session.scalars(
            select(Appointment.id)
            .join(StaffUser)
            .where(
                Appointment.role == Role.ADMINISTRATOR,
                active_on(on),
                StaffUser.disabled_at.is_(None),
            )
            .order_by(Appointment.id)
            .with_for_update(of=Appointment)
        )
    )
    able = set(
        session.scalars(
            select(Appointment.id)
            .join(StaffUser)
            .where(Appointment.id.in_(active), StaffUser.totp_confirmed_at.is_not(None))
        )
    )
    if active & going and not able - going:
        raise StateConflict(
            "最後のシステム管理者です。先に別のシステム管理者を任命し、"
            "その人がサインインの設定を終えてから操作してください。"
        )


def _check_terms(session: Session, terms: AppointmentTerms, now: datetime) -> None:
    if terms.valid_to is not None and terms.valid_to < max(terms.valid_from, local_date(now)):
        raise InvalidInput("最終日は開始日と今日より後にしてください。", field="valid_to")
    if terms.department_id is None:
        if terms.role in DEPARTMENT_ROLES:
            raise InvalidInput("この役割には課の指定が必要です。", field="department_id")
        return
    department = departments.get_department(session, terms.department_id)
    first = max(terms.valid_from, local_date(now))
    if not department.exists_on(first):
        raise InvalidInput(
            f"{department.name_on(first)}は{wareki.format_date(first)}に存在しません。"
            "開始日か課を確かめてください。",
            field="department_id",
        )


def _refuse_own(user: StaffUser, actor: Actor) -> None:
    if actor.staff_id == user.id:
        raise PermissionDenied(
            "ご自身の権限は変更できません。ほかのシステム管理者に依頼してください。"
        )


def _lock(session: Session, user: StaffUser) -> None:
    session.execute(select(StaffUser.id).where(StaffUser.id == user.id).with_for_update())
    session.refresh(user, ["appointments", "disabled_at"])


def _same_place(appointment: Appointment, terms: AppointmentTerms) -> bool:
    return (appointment.role, appointment.department_id) == (terms.role, terms.department_id)


def _overlap(appointment: Appointment, terms: AppointmentTerms) -> bool:
    return (terms.valid_to is None or appointment.valid_from <= terms.valid_to) and (
        appointment.valid_to is None or terms.valid_from <= appointment.valid_to
    )


def _is_over(appointment: Appointment, today: date) -> bool:
    return appointment.valid_to is not None and appointment.valid_to < today


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _plain(terms: AppointmentTerms) -> dict[str, object]:
    return {
        "role": terms.role.value,
        "department": terms.department_id,
        "valid_from": terms.valid_from.isoformat(),
        "valid_to": _iso(terms.valid_to),
    }
