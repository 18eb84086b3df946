"""Somebody at the door of a workshop."""

from datetime import timedelta

from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Role
from participation.workshops.models import (
    Application,
    Attendance,
)
from participation.workshops.services.disclosing import SHOWN
from tests.factories import make_department, make_user, post, sign_in
from tests.workshops.arrange import make_pool, make_registration, make_workshop


class Door:
    """A workshop of two days, the first today, and somebody at its door."""

    def __init__(self, session, client):
        self.session, self.client = session, client
        self.department = make_department(session)
        self.workshop = make_workshop(
            session,
            self.department,
            days=2,
            starts_at=clock.now() - timedelta(minutes=20),
            title="公園の会",
        )
        self.today, self.next = self.workshop.days
        self.pool = make_pool(session, self.workshop)
        self.user = make_user(session, Role.CONTRIBUTOR, self.department)
        self.base = f"/staff/workshops/{self.workshop.id}"
        self.day = f"{self.base}/attendance/{self.today.id}"

    def enter(self, user=None):
        sign_in(self.client, self.session, user or self.user)
        return self

    def register(self, name="相模 花子", kana="さがみ はなこ", **more):
        sender = {"name": name, "kana": kana, "phone": "0463-11-1111", **more.pop("sender", {})}
        found = make_registration(self.session, self.pool, sender=sender, **more)
        self.session.commit()
        return self.session.get_one(Application, found.application_id)

    def scan(self, application, **more):
        return self.client.get(
            f"{self.base}/check-in", query_string={"code": application.door_code, **more}
        )

    def act(self, application, **data):
        return post(self.client, f"{self.day}/check-in", {"application": application.id, **data})

    def attendance(self):
        self.session.expire_all()
        return self.session.scalars(select(Attendance)).all()

    def looks(self, action=SHOWN):
        return self.session.scalar(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.action == action)
        )
