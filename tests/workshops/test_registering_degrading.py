"""P10 for registrations: when nothing can be stored, people are told in time, nothing is lost."""

import time

import pytest
from sqlalchemy import func, select, text

from participation.db.extension import db
from participation.workshops.models import Application
from tests.factories import make_department, post
from tests.workshops.arrange import make_pool, make_workshop
from tests.workshops.test_register_pages import begin, filled, hidden, receipt_page, url

LIMIT = 5.0


@pytest.mark.slow
def test_a_database_that_is_locked(client, app, session):
    workshop = make_workshop(
        session, make_department(session), how_else="電話でも受け付けています", phone="0463-94-4711"
    )
    pool = make_pool(session, workshop)
    session.commit()
    address = url(workshop)
    data = filled(workshop, begin(client, workshop), pool, act="send")
    # On SQLite any transaction outside of a request begins with the write lock.
    sqlite = session.get_bind().dialect.name == "sqlite"
    lock = "SELECT taken FROM seat_pool" + ("" if sqlite else " FOR UPDATE")
    session.rollback()
    with app.app_context(), db.engine.connect() as other:
        other.execute(text(lock))
        begun = time.monotonic()
        answer = post(client, address, data)
        took = time.monotonic() - begun
        assert client.get(address).status_code == 200, "reading goes on"
    assert answer.status_code == 503
    assert took < LIMIT
    for words in ("受け付けができません", "電話でも受け付けています", "0463-94-4711"):
        assert words in answer.text
    assert not any("receipt" in one for one in answer.headers.getlist("Set-Cookie"))
    assert answer.headers["Retry-After"]
    marks = {"tried": hidden(answer.text, "tried")}
    receipt_page(client, post(client, address, data | marks))
    assert session.scalar(select(func.count()).select_from(Application)) == 1
