"""Rights are given, ended and moved by somebody else, and never the last administrator's."""

import threading
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.accounts.models import Appointment, StaffUser
from participation.accounts.queries import actor_of, appointed_in
from participation.accounts.services import appointments, people
from participation.accounts.services.appointments import AppointmentTerms
from participation.audit.models import AuditEvent
from participation.core.actors import Actor, Role, system_actor
from participation.core.errors import DomainError, InvalidInput, PermissionDenied, StateConflict
from participation.db.extension import db
from tests.factories import make_department, make_user

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
SYSTEM = system_actor("tests")


def make_administrator(session: Session, *, able: bool = True) -> StaffUser:
    user = make_user(session, Role.ADMINISTRATOR)
    if able:
        user.totp_confirmed_at = NOW
        session.commit()
    return user


def as_actor(session: Session, user: StaffUser) -> Actor:
    return actor_of(session, user, NOW)


def last_event(session: Session) -> AuditEvent:
    return session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()


def test_an_appointment_is_recorded_with_its_terms(session: Session) -> None:
    administrator, user = make_administrator(session), make_user(session)
    department = make_department(session)
    terms = AppointmentTerms(Role.APPROVER, department.id, TODAY, date(2027, 3, 31))
    made = appointments.appoint(
        session, user, terms=terms, actor=as_actor(session, administrator), now=NOW
    )
    event = last_event(session)
    assert event.actor_id == administrator.id
    assert event.department_id == department.id
    assert event.after == {
        "appointment": made.id,
        "role": "approver",
        "department": department.id,
        "valid_from": "2026-11-22",
        "valid_to": "2027-03-31",
    }


def test_nobody_changes_their_own_rights(session: Session) -> None:
    administrator = make_administrator(session)
    make_administrator(session)
    oneself = as_actor(session, administrator)
    (own,) = administrator.appointments
    terms = AppointmentTerms(Role.AUDITOR, None, TODAY)
    acts = [
        lambda: appointments.appoint(session, administrator, terms=terms, actor=oneself, now=NOW),
        lambda: appointments.end_appointment(session, own, reason="x", actor=oneself, now=NOW),
        lambda: appointments.transfer(
            session, own, terms=terms, reason="x", actor=oneself, now=NOW
        ),
        lambda: people.disable_person(session, administrator, reason="x", actor=oneself, now=NOW),
        lambda: people.restore_person(session, administrator, reason="x", actor=oneself, now=NOW),
        lambda: people.update_person(
            session, administrator, name="x", email="x@example.jp", actor=oneself, now=NOW
        ),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()


def test_what_appoint_refuses(session: Session) -> None:
    user, department = make_user(session), make_department(session)
    gone = make_department(session, "旧課", until=date(2025, 3, 31))

    def appoint(role: Role, department_id: int | None, *days: date | None) -> None:
        terms = AppointmentTerms(role, department_id, *(days or (TODAY,)))  # type: ignore[arg-type]
        appointments.appoint(session, user, terms=terms, actor=SYSTEM, now=NOW)

    for role in (Role.CONTRIBUTOR, Role.APPROVER):
        with pytest.raises(InvalidInput, match="課の指定が必要"):
            appoint(role, None)
    with pytest.raises(InvalidInput, match="存在しません"):
        appoint(Role.CONTRIBUTOR, gone.id)
    with pytest.raises(InvalidInput, match="最終日"):
        appoint(Role.CONTRIBUTOR, department.id, TODAY, date(2026, 11, 21))
    with pytest.raises(InvalidInput, match="最終日"):
        appoint(Role.CONTRIBUTOR, department.id, date(2020, 1, 1), date(2020, 2, 1))
    appoint(Role.CONTRIBUTOR, department.id)
    with pytest.raises(InvalidInput, match="すでにあります"):
        appoint(Role.CONTRIBUTOR, department.id, date(2027, 4, 1))
    appoint(Role.APPROVER, department.id)
    people.disable_person(session, user, reason="退職", actor=SYSTEM, now=NOW)
    with pytest.raises(StateConflict, match="利用停止中"):
        appoint(Role.AUDITOR, None)


def test_ending_at_once_and_with_a_day(session: Session) -> None:
    department = make_department(session)
    first = make_user(session, Role.CONTRIBUTOR, department)
    second = make_user(session, Role.CONTRIBUTOR, department)
    (now_over,), (later_over,) = first.appointments, second.appointments
    with pytest.raises(InvalidInput, match="理由"):
        appointments.end_appointment(session, now_over, reason="　", actor=SYSTEM, now=NOW)
    appointments.end_appointment(session, now_over, reason="異動", actor=SYSTEM, now=NOW)
    assert not now_over.is_active(TODAY)
    event = last_event(session)
    assert (event.reason, event.before) == (
        "異動",
        {
            "appointment": now_over.id,
            "role": "contributor",
            "department": department.id,
            "valid_to": None,
        },
    )
    with pytest.raises(StateConflict, match="すでに終わって"):
        appointments.end_appointment(session, now_over, reason="異動", actor=SYSTEM, now=NOW)
    with pytest.raises(InvalidInput, match="今日以降"):
        appointments.end_appointment(
            session,
            later_over,
            reason="異動",
            last_day=date(2026, 11, 21),
            actor=SYSTEM,
            now=NOW,
        )
    appointments.end_appointment(
        session, later_over, reason="異動", last_day=date(2027, 3, 31), actor=SYSTEM, now=NOW
    )
    assert later_over.is_active(date(2027, 3, 31))
    assert not later_over.is_active(date(2027, 4, 1))


def test_a_transfer_later_leaves_no_gap_and_no_overlap(session: Session) -> None:
    old, new = make_department(session, "あ課"), make_department(session, "い課")
    user = make_user(session, Role.CONTRIBUTOR, old)
    (before,) = user.appointments
    after = appointments.transfer(
        session,
        before,
        terms=AppointmentTerms(Role.APPROVER, new.id, date(2027, 4, 1)),
        reason="人事異動",
        actor=SYSTEM,
        now=NOW,
    )
    for day, active in ((date(2027, 3, 31), before), (date(2027, 4, 1), after)):
        assert [a for a in user.appointments if a.is_active(day)] == [active]


def test_what_transfer_refuses_leaves_everything_as_it_was(session: Session) -> None:
    department = make_department(session)
    user = make_user(session, Role.CONTRIBUTOR, department)
    (appointment,) = user.appointments

    def transfer(role: Role, to: int | None, day: date, reason: str = "異動") -> None:
        appointments.transfer(
            session,
            appointment,
            terms=AppointmentTerms(role, to, day),
            reason=reason,
            actor=SYSTEM,
            now=NOW,
        )

    with pytest.raises(InvalidInput, match="今日以降"):
        transfer(Role.APPROVER, department.id, date(2026, 11, 21))
    with pytest.raises(InvalidInput, match="同じ"):
        transfer(Role.CONTRIBUTOR, department.id, date(2027, 4, 1))
    with pytest.raises(InvalidInput, match="理由"):
        transfer(Role.APPROVER, department.id, TODAY, "")
    session.rollback()
    assert len(session.scalars(select(Appointment)).all()) == 1


def test_the_last_administrator_stays(session: Session) -> None:
    last = make_administrator(session)
    make_administrator(session, able=False)  # invited, but cannot sign in yet
    (appointment,) = last.appointments
    for act in (
        lambda: appointments.end_appointment(
            session, appointment, reason="x", actor=SYSTEM, now=NOW
        ),
        lambda: people.disable_person(session, last, reason="x", actor=SYSTEM, now=NOW),
        lambda: appointments.transfer(
            session,
            appointment,
            terms=AppointmentTerms(Role.AUDITOR, None, TODAY),
            reason="x",
            actor=SYSTEM,
            now=NOW,
        ),
    ):
        with pytest.raises(StateConflict, match="最後のシステム管理者"):
            act()
        session.rollback()
    make_administrator(session)
    people.disable_person(session, last, reason="退職", actor=SYSTEM, now=NOW)


def test_two_administrators_cannot_end_each_other_at_once(app: Flask, session: Session) -> None:
    pair = [make_administrator(session), make_administrator(session)]
    work = [(pair[0].id, pair[1].appointments[0].id), (pair[1].id, pair[0].appointments[0].id)]
    session.rollback()
    barrier = threading.Barrier(2)
    outcome: list[str] = []

    def end(actor_id: int, appointment_id: int) -> None:
        with app.app_context():
            own = db.session()
            barrier.wait(10)
            actor = own.get(StaffUser, actor_id)
            found = own.get(Appointment, appointment_id)
            assert actor is not None
            assert found is not None
            try:
                appointments.end_appointment(
                    own, found, reason="x", actor=actor_of(own, actor, NOW), now=NOW
                )
                own.commit()
                outcome.append("ended")
            except DomainError as error:
                own.rollback()
                outcome.append(type(error).__name__)
            db.session.remove()

    threads = [threading.Thread(target=end, args=pair_of_ids) for pair_of_ids in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcome) == ["StateConflict", "ended"]


def test_a_whole_department_moves_to_its_successor(session: Session) -> None:
    old, new = make_department(session, "旧課"), make_department(session, "新課")
    administrator = make_user(session, Role.ADMINISTRATOR, old)
    contributor = make_user(session, Role.CONTRIBUTOR, old)
    both = make_user(session, Role.APPROVER, old)
    appointments.appoint(
        session, both, terms=AppointmentTerms(Role.APPROVER, new.id, TODAY), actor=SYSTEM, now=NOW
    )
    made = appointments.transfer_department(
        session,
        old,
        new,
        on=TODAY,
        reason="組織改編",
        actor=as_actor(session, administrator),
        now=NOW,
    )
    assert [(a.user_id, a.role, a.department_id) for a in made] == [
        (contributor.id, Role.CONTRIBUTOR, new.id)
    ]
    assert [a.user_id for a in appointed_in(session, old.id, TODAY)] == [administrator.id]
    assert {a.user_id for a in appointed_in(session, new.id, TODAY)} == {contributor.id, both.id}
