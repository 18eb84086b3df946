"""Promises P5 and P7 at the desk and at the door: lists, prints, letters and searches."""

import logging
from datetime import timedelta

from sqlalchemy import func, select

from participation.core import clock
from participation.core.actors import Role
from participation.files.models import StoredFile
from participation.jobs.worker import run_duties, run_pending
from participation.mail.models import OutboxMessage
from participation.submissions.models import Sender
from participation.workshops.models import Application, AttendeeSheet, Registration
from tests.factories import make_department, make_user, post, sign_in
from tests.submissions.test_canaries import (
    CANARY,
    Traces,
    database_bytes,
    leaks,
    stored_files,
    value,
)
from tests.workshops.arrange import make_pool, make_registration, make_workshop


def test_names_at_the_door_stay_in_their_place_and_go(app, client, session, settings, caplog):
    caplog.set_level(logging.DEBUG)
    department = make_department(session, "みどり課")
    workshop = make_workshop(
        session,
        department,
        days=2,
        starts_at=clock.now() - timedelta(minutes=20),
        title="公園の会",
        retention_days=0,
    )
    sender = {
        **{key: value(key, "door") for key in ("name", "kana", "phone", "email")},
        "needs": "other",
        "needs_note": value("name", "needs"),
    }
    pool = make_pool(session, workshop)
    held = make_registration(session, pool, sender=sender)
    by_phone = make_registration(session, pool, sender={**sender, "email": ""})
    session.commit()
    user = make_user(session, Role.APPROVER, department)
    sign_in(client, session, user)
    traces, base = Traces(client), f"/staff/workshops/{workshop.id}"
    day = f"{base}/attendance/{workshop.days[0].id}"
    application, called = held.application_id, by_phone.application_id
    session.rollback()

    for page in (
        "/registrations",
        "/registrations/names",
        "/registrations/export/csv",
        f"/registrations/{application}",
        "/attendance",
        "/letters",
    ):
        assert traces.note(client.get(base + page), page).status_code == 200
    for path, fields in (
        (f"{base}/registrations/names", {"reason": "確認"}),
        (f"{base}/registrations/{application}/sender", {"reason": "確認"}),
        (f"{day}/list", {"q": CANARY}),
    ):
        assert CANARY in traces.note(post(client, path, fields)).text, path
    exported = {"export-reason": "確認", "export-file_format": "csv"}
    taken = traces.note(post(client, f"{base}/registrations/export-names", exported))
    assert CANARY in taken.data.decode("utf-8-sig")
    ticked = {"application": application, "people": "1", "act": "in"}
    assert traces.note(post(client, f"{day}/check-in", ticked)).status_code == 303
    note = {"reason": "", "note": "折り返し電話"}
    assert traces.note(post(client, f"{base}/registrations/{called}/note", note)).status_code == 303
    assert traces.note(post(client, f"{day}/lists")).status_code == 303
    assert traces.note(post(client, f"{day}/lists.xlsx")).status_code == 200
    told = {"text": "会場の入口が変わります。", "by_mail": "y"}
    assert traces.note(post(client, f"{base}/notices/new", told)).status_code == 303
    run_pending(app)
    run_duties(app, clock.now())
    session.expire_all()
    [sheet] = session.scalars(select(AttendeeSheet)).all()
    assert sheet.file_id is not None
    sheet_id = sheet.id
    session.rollback()
    printed = traces.note(post(client, f"{base}/lists/{sheet_id}"))
    assert printed.data.startswith(b"%PDF")

    assert leaks(caplog.text.encode()) == []
    assert leaks("\n".join(traces.headers).encode()) == []
    assert {name: found for name, page in traces.pages.items() if (found := leaks(page))} == {}
    assert leaks(database_bytes(session, settings)) == []
    assert leaks(stored_files(settings)) == []

    later = clock.now() + timedelta(days=60)
    session.rollback()
    run_duties(app, later)
    run_duties(app, later + timedelta(days=1))
    session.expire_all()
    assert session.scalars(select(Sender.contents)).all() == [None, None]
    assert session.scalars(select(Registration.person_key)).all() == [None, None]
    assert {one.has_mail for one in session.scalars(select(Application))} == {False}
    assert session.scalar(select(func.count()).select_from(AttendeeSheet)) == 0
    kinds = session.scalars(select(OutboxMessage.kind)).all()
    assert not [kind for kind in kinds if kind.startswith("workshops.")]
    names = session.scalars(select(StoredFile.name)).all()
    assert "名簿.pdf" not in names
