"""A file of an outcome can be named otherwise; residents read it once somebody else publishes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput, StateConflict
from participation.workshops.models import WorkshopFileKind, WorkshopOutcome
from participation.workshops.queries.outcomes import files_of, get_file
from participation.workshops.services import outcome_files
from tests.factories import make_department, make_user, post, sign_in
from tests.workshops.arrange import make_workshop
from tests.workshops.pictures import photograph
from tests.workshops.test_outcome import publish, write

OLD, NEW = "話し合う参加者", "地図を囲んで話し合う参加者"
WRITER = system_actor("書く人")


@pytest.fixture
def events(session):
    """An event with one photograph, and its department."""
    department = make_department(session, "みどり課")
    workshop = make_workshop(session, department, starts_at=clock.now() - timedelta(days=3))
    write(session, workshop)
    outcome_files.add_file(
        session,
        workshop,
        WorkshopFileKind.PHOTO,
        data=photograph(),
        name="IMG_1.jpg",
        title=OLD,
        version=1,
        actor=WRITER,
        now=clock.now(),
    )
    session.commit()
    return workshop, department


def rename(session, workshop, title, **more):
    values = {"version": session.get_one(WorkshopOutcome, workshop.id).version, **more}
    done = outcome_files.rename_file(
        session,
        workshop,
        files_of(session, workshop.id)[0],
        title=title,
        actor=WRITER,
        now=clock.now(),
        **values,
    )
    session.commit()
    return done


def test_of_a_file_that_waits(session, events):
    workshop, _department = events
    assert rename(session, workshop, f"　{NEW} ")
    assert not rename(session, workshop, NEW)
    assert files_of(session, workshop.id)[0].file.title == NEW
    event = session.scalar(
        select(AuditEvent).where(AuditEvent.action == "workshops.outcome.file_renamed")
    )
    assert (event.before, event.after) == ({"title": OLD}, {"title": NEW})
    for wrong in ("", " 　", "あ" * 201):
        with pytest.raises(InvalidInput, match="写真に何が写っているか"):
            rename(session, workshop, wrong)
    with pytest.raises(StateConflict, match="ほかの人が開催結果を変更しました"):
        rename(session, workshop, OLD, version=0)


def test_residents_read_the_old_one_until_somebody_publishes(client, session, events):
    workshop, _department = events
    publish(session, workshop)
    session.commit()
    address = f"/workshops/{workshop.id}/outcome/"
    rename(session, workshop, "別の名前")
    rename(session, workshop, NEW)
    shown = client.get(address).text
    assert f'alt="{OLD}"' in shown
    assert NEW not in shown
    assert "別の名前" not in shown
    publish(session, workshop, reason="写真の説明を直しました。")
    session.commit()
    shown = client.get(address).text
    assert f'alt="{NEW}"' in shown
    assert OLD not in shown.replace(NEW, "")
    # There and back again: nothing waits.
    rename(session, workshop, OLD)
    rename(session, workshop, NEW)
    with pytest.raises(StateConflict, match="公表している内容と同じです"):
        publish(session, workshop, reason="もう一度")


def test_no_title_stays_of_a_file_that_is_taken_away(session, events):
    workshop, _department = events
    publish(session, workshop)
    session.commit()
    rename(session, workshop, NEW)
    outcome = session.get_one(WorkshopOutcome, workshop.id)
    outcome_files.remove_file(
        session,
        workshop,
        files_of(session, workshop.id)[0],
        version=outcome.version,
        actor=WRITER,
        now=clock.now(),
    )
    session.commit()
    assert OLD not in str(outcome.published)
    with pytest.raises(StateConflict, match="公表している内容と同じです"):
        publish(session, workshop, reason="もう一度")


def test_through_the_pages(client, session, events):
    workshop, department = events
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    base = f"/staff/workshops/{workshop.id}/outcome/"
    file_id = files_of(session, workshop.id)[0].file.id
    address = f"{base}files/{file_id}/edit"
    assert f'href="{address}"' in client.get(base).text
    page = client.get(address).text
    assert f'value="{OLD}"' in page
    version = session.get_one(WorkshopOutcome, workshop.id).version
    refused = post(client, address, {"version": version, "title": ""})
    assert refused.status_code == 422
    stale = post(client, address, {"version": version - 1, "title": NEW})
    assert stale.status_code == 409
    assert f'value="{NEW}"' in stale.text
    assert post(client, address, {"version": version, "title": NEW}).status_code == 303
    session.expire_all()
    assert get_file(session, workshop, file_id).file.title == NEW
    assert NEW in client.get(base).text
    other = make_workshop(session, make_department(session, "税務課"))
    session.commit()
    assert (
        client.get(f"/staff/workshops/{other.id}/outcome/files/{file_id}/edit").status_code == 404
    )
    foreign = make_workshop(session, department)
    session.commit()
    gone = client.get(f"/staff/workshops/{foreign.id}/outcome/files/{file_id}/edit")
    assert gone.status_code == 404
