"""Several telephones at one door: ticked off once, no walk-in lost, no mail twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import system_actor
from participation.db.extension import db
from participation.mail.models import OutboxMessage
from participation.workshops.models import Attendance, CheckInWay, Workshop, WorkshopDay
from participation.workshops.queries.day_lists import attendee
from participation.workshops.services import attendance as services
from participation.workshops.services.reminders import remind_due
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_registration, make_workshop

ACTOR = system_actor("tests")
PHONES = 6


def at_once(app, act):
    """Run ``act`` on every phone at the same moment; return what each got."""
    barrier = Barrier(PHONES)

    def run():
        with app.app_context():
            session = db.session()
            barrier.wait(timeout=30)
            try:
                found = act(session)
                session.commit()
            finally:
                db.session.remove()
            return found

    with ThreadPoolExecutor(PHONES) as threads:
        return [one.result(timeout=60) for one in [threads.submit(run) for _ in range(PHONES)]]


def test_ticked_off_once(app, session):
    workshop = make_workshop(
        session, make_department(session), starts_at=clock.now() - timedelta(minutes=10)
    )
    registration = make_registration(session, make_pool(session, workshop), seats=2)
    workshop_id, day_id = workshop.id, workshop.days[0].id
    application_id = registration.application_id
    session.commit()

    def act(own):
        day = own.get_one(WorkshopDay, day_id)
        try:
            services.check_in(
                own,
                own.get_one(Workshop, workshop_id),
                day,
                attendee(own, day, application_id),
                people=2,
                way=CheckInWay.QR,
                actor=ACTOR,
                now=clock.now(),
            )
        except services.AlreadyIn:
            own.rollback()
            return False
        return True

    assert sorted(at_once(app, act)) == [False] * (PHONES - 1) + [True]
    session.rollback()
    assert [one.people for one in session.scalars(select(Attendance))] == [2]
    recorded = select(func.count()).where(AuditEvent.action == "workshops.attendance.recorded")
    assert session.scalar(recorded) == 1


def test_every_walk_in_counts(app, session):
    workshop = make_workshop(
        session, make_department(session), starts_at=clock.now() - timedelta(minutes=10)
    )
    workshop_id, day_id = workshop.id, workshop.days[0].id
    session.commit()

    def act(own):
        services.add_walk_in(
            own,
            own.get_one(Workshop, workshop_id),
            own.get_one(WorkshopDay, day_id),
            actor=ACTOR,
            now=clock.now(),
        )

    at_once(app, act)
    session.rollback()
    assert session.get_one(WorkshopDay, day_id, populate_existing=True).walk_ins == PHONES


def test_every_worker_reminds_and_one_mail_goes_out(app, session):
    workshop = make_workshop(
        session, make_department(session), starts_at=clock.now() + timedelta(hours=5)
    )
    pool = make_pool(session, workshop)
    for number in range(5):
        make_registration(session, pool, sender={"name": "人", "email": f"p{number}@example.jp"})
    session.commit()
    now = clock.now()
    assert sum(at_once(app, lambda own: remind_due(own, now))) == 5
    session.rollback()
    assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 5
