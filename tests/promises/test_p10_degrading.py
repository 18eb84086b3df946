"""P10: when nothing can be stored, people are told within five seconds, and nothing is lost."""

import time

import psycopg
import pytest
from sqlalchemy import func, select, text

from participation.campaigns.models import Submission
from participation.db.extension import db
from tests.campaigns.arrange import make_campaign
from tests.campaigns.test_submit_pages import begin, filled, hidden, receipt_page, url
from tests.factories import make_department, post

LIMIT = 5.0


@pytest.fixture
def campaign(session):
    return make_campaign(session, make_department(session))


def is_sqlite(session):
    return session.get_bind().dialect.name == "sqlite"


def refused_in_time(client, address, data):
    begun = time.monotonic()
    answer = post(client, address, data)
    took = time.monotonic() - begun
    assert answer.status_code == 503
    assert took < LIMIT, took
    for words in ("受け付けができません", "郵送", "FAX", "市役所 みどり課", "消印有効"):
        assert words in answer.text, words
    assert "夏の散歩がつらいため" in answer.text, "what was typed is given back"
    assert not any("receipt" in one for one in answer.headers.getlist("Set-Cookie"))
    assert answer.headers["Retry-After"]
    return answer


def sent_again(client, address, data, answer):
    """The button of that page sends the same form, by the moment of the first try."""
    marks = {"tried": hidden(answer.text, "tried")}
    return receipt_page(client, post(client, address, data | marks))


def test_a_database_that_is_locked(client, app, session, campaign):
    address, data = url(campaign), filled(campaign, begin(client, campaign), act="send")
    # On SQLite any transaction outside of a request begins with the write lock.
    lock = "SELECT last_id FROM audit_head" + ("" if is_sqlite(session) else " FOR UPDATE")
    session.rollback()
    with app.app_context(), db.engine.connect() as other:
        other.execute(text(lock))
        answer = refused_in_time(client, address, data)
        assert client.get(address.replace("submit/", "")).status_code == 200, "reading goes on"
    sent_again(client, address, data, answer)
    assert session.scalar(select(func.count()).select_from(Submission)) == 1


def test_a_database_that_is_full(client, app, session, campaign):
    if not is_sqlite(session):
        pytest.skip("see test_p10_full.py")
    key = begin(client, campaign)
    with app.app_context():
        engine = db.engine
    engine.dispose()
    pages = session.execute(text("PRAGMA page_count")).scalar()
    session.rollback()

    from sqlalchemy import event

    def full(connection, _record):
        connection.execute(f"PRAGMA max_page_count={pages}")

    engine.dispose()
    event.listen(engine, "connect", full)
    data = filled(campaign, key, act="send") | {"o0-text": "長い意見。" * 3000}
    begun = time.monotonic()
    answer = post(client, url(campaign), data)
    assert answer.status_code == 503
    assert time.monotonic() - begun < LIMIT
    assert "郵送" in answer.text
    event.remove(engine, "connect", full)
    engine.dispose()
    receipt_page(client, post(client, url(campaign), data))


def test_a_database_that_is_down(client, app, session, campaign, database_url):
    if is_sqlite(session):
        pytest.skip("a file is not down; see locked and full")
    address, data = url(campaign), filled(campaign, begin(client, campaign), act="send")
    name = database_url.partition("?")[0].rpartition("/")[2]
    admin = database_url.replace(f"/{name}", "/postgres")
    session.rollback()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        try:
            answer = refused_in_time(client, address, data)
        finally:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    sent_again(client, address, data, answer)
    assert session.scalar(select(func.count()).select_from(Submission)) == 1
