"""An event that only staff have seen can be deleted; every other one says why it stays."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.city.models import SubjectArea
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.errors import NotFound, StateConflict
from participation.db.base import Base
from participation.files import services as files
from participation.files.models import StoredFile
from participation.workshops.models import (
    Questionnaire,
    RegistrationStatus,
    SeatKind,
    SeatMethod,
    SignUp,
    Workshop,
    WorkshopDay,
    WorkshopInvitation,
    WorkshopPoster,
    WorkshopState,
)
from participation.workshops.services.attendee_sheets import request_sheet
from participation.workshops.services.removing import remove_workshop
from participation.workshops.services.workshops import create_workshop
from tests.factories import make_department, make_user, post, sign_in
from tests.workshops.arrange import make_pool, make_registration, make_workshop

ACTOR = system_actor("試験")
PREPARING = WorkshopState.PREPARING


@pytest.fixture
def department(session):
    return make_department(session, "みどり課")


def remove(session, workshop):
    remove_workshop(session, workshop, version=workshop.version, actor=ACTOR, now=clock.now())
    session.commit()


def with_everything(session, department):
    now = clock.now()
    workshop = make_workshop(session, department, state=PREPARING, days=2, title="取りやめの会")
    make_pool(session, workshop, method=SeatMethod.LOTTERY)
    make_pool(session, workshop, day=workshop.days[0], kind=SeatKind.CHILDCARE)
    session.add(SubjectArea(reference=f"workshop:{workshop.id}", area="環境"))
    session.add(
        WorkshopInvitation(workshop_id=workshop.id, number=1, code_hash="a" * 64, created_at=now)
    )
    session.add(
        Questionnaire(
            workshop_id=workshop.id,
            opens_at=now,
            closes_at=now + timedelta(days=1),
            updated_at=now,
        )
    )
    stored = files.store(
        session, b"%PDF-1.7", name="p.pdf", media_type="application/pdf", actor=ACTOR, now=now
    )
    session.add(WorkshopPoster(workshop_id=workshop.id, digest="d", file_id=stored.id))
    request_sheet(session, workshop, workshop.days[0], by_number=True, actor=ACTOR, now=now)
    session.commit()
    return workshop


def rows_about_workshops(session):
    """Every row of every table that refers to an event, whatever is added one day."""
    tables = [
        table
        for table in Base.metadata.sorted_tables
        if table.name == "workshop"
        or any(key.column.table.name == "workshop" for key in table.foreign_keys)
    ]
    assert len(tables) > 10
    return {
        table.name: count
        for table in tables
        if (count := session.scalar(select(func.count()).select_from(table)))
    }


def test_everything_prepared_goes_and_the_log_keeps_it(session, department):
    kept = make_workshop(session, department)
    before = rows_about_workshops(session)
    workshop = with_everything(session, department)
    workshop_id = workshop.id
    remove(session, workshop)
    assert rows_about_workshops(session) == before
    assert session.get_one(Workshop, kept.id)
    assert session.scalar(select(func.count()).select_from(SubjectArea)) == 0
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0
    event = session.scalar(
        select(AuditEvent).where(AuditEvent.action == "workshops.workshop.deleted")
    )
    assert event.subject == f"workshop:{workshop_id}"
    assert event.before["title"] == "取りやめの会"
    assert len(event.before["days"]) == 2
    assert event.before["codes"] == 1


@pytest.mark.parametrize("state", [one for one in WorkshopState if one is not PREPARING])
def test_what_was_announced_stays(session, department, state):
    workshop = make_workshop(session, department, state=state)
    with pytest.raises(StateConflict, match="公表した催しは消せません"):
        remove(session, workshop)


def test_what_somebody_registered_for_stays(session, department):
    workshop = make_workshop(session, department, state=PREPARING)
    make_registration(session, make_pool(session, workshop), status=RegistrationStatus.CANCELLED)
    with pytest.raises(StateConflict, match="記録があるため、消せません"):
        remove(session, workshop)


def test_what_was_edited_meanwhile_and_what_is_gone(session, department):
    workshop = make_workshop(session, department, state=PREPARING)
    session.commit()
    with pytest.raises(StateConflict, match="ほかの人がこの催しを変更しました"):
        remove_workshop(
            session, workshop, version=workshop.version - 1, actor=ACTOR, now=clock.now()
        )
    session.rollback()
    version = workshop.version
    remove(session, workshop)
    with pytest.raises(NotFound, match="すでに消されています"):
        remove_workshop(session, workshop, version=version, actor=ACTOR, now=clock.now())


def test_the_next_event_has_a_number_and_a_history_of_its_own(client, session, department):
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    workshop = make_workshop(session, department, state=PREPARING)
    session.commit()
    gone = workshop.id
    remove(session, workshop)
    now = clock.now()
    made = create_workshop(
        session,
        department=department,
        title="次の会",
        kind="town_meeting",
        sign_up=SignUp.NONE,
        year=now.year,
        actor=ACTOR,
        now=now,
    )
    session.commit()
    # Entries of the report, addresses that were sent around and the log say which event by it.
    assert made.id > gone
    page = client.get(f"/staff/workshops/{made.id}").text
    assert "削除" not in page
    assert "作成" in page


def test_through_the_pages_with_a_confirmation(client, session, department):
    workshop = with_everything(session, department)
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    address = f"/staff/workshops/{workshop.id}"
    assert f"{address}/delete" in client.get(address).text
    asked = client.get(f"{address}/delete")
    assert "「取りやめの会」を消します" in asked.text
    assert "招待コード1件も使えなくなります" in asked.text
    stale = post(client, f"{address}/delete", {"version": workshop.version + 1})
    assert stale.status_code == 409
    assert session.scalar(select(func.count()).select_from(WorkshopDay)) == 2
    done = post(client, f"{address}/delete", {"version": workshop.version})
    assert done.status_code == 303
    assert done.location == "/staff/workshops/"
    assert "「取りやめの会」を消しました" in client.get("/staff/workshops/").text
    assert client.get(address).status_code == 404
    assert post(client, f"{address}/delete", {"version": 1}).status_code == 404


def test_the_page_says_why_not_and_rights_hold(client, session, department):
    announced = make_workshop(session, department)
    other = make_workshop(session, make_department(session, "税務課"), state=PREPARING)
    session.commit()
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    address = f"/staff/workshops/{announced.id}"
    assert f"{address}/delete" not in client.get(address).text
    page = client.get(f"{address}/delete")
    assert "公表した催しは消せません" in page.text
    assert 'name="version"' not in page.text
    refused = post(client, f"{address}/delete", {"version": announced.version})
    assert refused.status_code == 409
    assert refused.text.count("公表した催しは消せません") == 1
    assert client.get(f"/staff/workshops/{other.id}/delete").status_code == 404
    tried = post(client, f"/staff/workshops/{other.id}/delete", {"version": other.version})
    assert tried.status_code == 404
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Workshop)) == 2
