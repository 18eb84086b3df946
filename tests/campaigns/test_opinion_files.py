"""Files of more opinions than a request can write: complete, for their person alone, for a day."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, update

from participation.campaigns.jobs import opinion_files as jobs
from participation.campaigns.models import Campaign, Opinion, OpinionMask
from participation.campaigns.queries.exports import exported_opinions
from participation.campaigns.queries.opinions import MASKED
from participation.campaigns.services import opinion_files as services
from participation.campaigns.views import opinion_files as views
from participation.core import clock
from participation.core.actors import Role
from participation.db.extension import db
from participation.files.models import StoredFile
from participation.files.services import sweep_abandoned
from participation.jobs.models import Job, JobState
from participation.jobs.worker import run_pending
from participation.sheets.read import read_table
from tests.campaigns.answers_arrange import Desk, make_desk
from tests.factories import make_user, post, sign_in

TEXTS = tuple(f"{number}つ目の意見です。" for number in range(7))


@pytest.fixture
def desk(session, client, monkeypatch) -> Desk:
    monkeypatch.setattr(views, "MOST_AT_ONCE", 5)
    desk = make_desk(session)
    desk.opinion(*TEXTS)
    session.commit()
    sign_in(client, session, desk.writer)
    return desk


def url(desk, path=""):
    return f"/staff/campaigns/{desk.campaign.id}/opinions{path}"


def words(response):
    return response.get_data(as_text=True)


def texts_in(data):
    return [cells[5] for _line, cells in read_table(data, filename="x").rows]


def made(app, client, desk, file_format="xlsx"):
    """The address of a file that the worker has just made."""
    address = url(desk, "/files")
    desk.session.rollback()
    asked = post(client, address, {"format": file_format})
    assert asked.status_code == 303
    assert f"next={address}" in asked.headers["Location"]
    run_pending(app)
    job = desk.session.scalars(select(Job).order_by(Job.id.desc())).first()
    assert job.state is JobState.DONE, job.error
    return f"{address}/{job.id}"


def test_as_many_as_a_request_can_write_come_at_once(desk, client, monkeypatch):
    monkeypatch.setattr(views, "MOST_AT_ONCE", len(TEXTS))
    assert texts_in(client.get(url(desk, "/export/xlsx")).data) == list(TEXTS)


@pytest.mark.parametrize("file_format", ["xlsx", "csv", "csv-cp932"])
def test_every_one_of_more_is_in_the_file(desk, app, client, session, file_format):
    answer = client.get(url(desk, f"/export/{file_format}"))
    assert (answer.status_code, answer.headers["Location"]) == (303, url(desk, "/files"))
    page = words(client.get(url(desk, "/files")))
    assert "提出された意見7件" in page
    address = made(app, client, desk, file_format)
    assert address in words(client.get(url(desk, "/files")))
    answer = client.get(address)
    assert texts_in(answer.data) == list(TEXTS)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert session.get_one(Job, int(address.rsplit("/")[-1])).total_units == len(TEXTS)


def test_it_says_what_is_masked_and_split_as_the_export_of_few_does(desk, app, client, session):
    hidden, parent, *_others = exported = list(desk.opinion("山田さんの話。", "分けた意見。"))
    assert len(exported) == 2
    parent.split = True
    mask = {"field": "text", "start": 0, "stop": 2, "reason": "氏名", "made_at": desk.now}
    session.add(OpinionMask(opinion_id=hidden.id, made_by=desk.writer.id, **mask))
    session.commit()
    found = texts_in(client.get(made(app, client, desk)).data)
    assert found == [*TEXTS, f"{MASKED}さんの話。"]


def test_what_the_encoding_lacks_is_named(desk, app, client):
    desk.opinion("𠮷田の橋を直す。")
    desk.session.commit()
    address = made(app, client, desk, "csv-cp932")
    assert "〓田の橋を直す。" in texts_in(client.get(address).data)
    page = words(client.get(url(desk, "/files")))
    assert "シフトJISにない次の文字" in page
    assert "𠮷" in page


def test_nobody_else_gets_it(desk, app, client, session):
    address = made(app, client, desk)
    for user, status in ((desk.colleague, 404), (desk.auditor, 404), (desk.stranger, 404)):
        other = app.test_client()
        sign_in(other, session, user)
        assert other.get(address).status_code == status
    other = make_desk(session)
    session.commit()
    elsewhere = address.replace(url(desk), url(other))
    sign_in(client, session, other.writer)
    assert client.get(elsewhere).status_code == 404


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.AUDITOR])
def test_who_only_reads_has_one_made_too(desk, app, session, role):
    reader = app.test_client()
    sign_in(reader, session, make_user(session, role))
    assert texts_in(reader.get(made(app, reader, desk)).data) == list(TEXTS)


def test_who_may_not_read_has_none_made(desk, app, session):
    for user, status in ((desk.stranger, 404), (make_user(session, Role.ADMINISTRATOR), 403)):
        other = app.test_client()
        sign_in(other, session, user)
        assert other.get(url(desk, "/files")).status_code == status
        assert post(other, url(desk, "/files"), {"format": "xlsx"}).status_code == status
    assert session.scalars(select(Job)).all() == []


def test_an_unknown_format_is_refused(desk, client, session):
    assert post(client, url(desk, "/files"), {"format": "doc"}).status_code == 404
    assert session.scalars(select(Job)).all() == []


def test_it_is_gone_after_a_day(desk, app, client, session):
    address = made(app, client, desk)
    session.execute(update(Job).values(created_at=clock.now() - services.KEPT))
    session.commit()
    assert client.get(address).status_code == 404
    assert address not in words(client.get(url(desk, "/files")))
    assert session.scalars(select(StoredFile)).all() != []
    sweep_abandoned(session, now=clock.now() + services.KEPT)
    assert session.scalars(select(StoredFile)).all() == []


def test_a_file_swept_early_is_not_offered(desk, app, client, session):
    address = made(app, client, desk)
    sweep_abandoned(session, now=clock.now() + services.KEPT)
    session.commit()
    assert client.get(address).status_code == 404
    assert address not in words(client.get(url(desk, "/files")))


def test_a_failure_is_said(desk, app, client):
    desk.opinion("𠮷" * 20_000)
    desk.session.commit()
    address = url(desk, "/files")
    desk.session.rollback()
    post(client, address, {"format": "xlsx"})
    run_pending(app)
    page = words(client.get(url(desk, "/files")))
    assert "ファイルを作れませんでした" in page
    assert "CSVで書き出すか" in page


def test_run_again_it_makes_no_second_file(desk, app, client, session):
    made(app, client, desk)
    session.execute(update(Job).values(state=JobState.QUEUED, lease_until=None))
    session.commit()
    run_pending(app)
    assert len(session.scalars(select(StoredFile)).all()) == 1


def test_asked_for_twice_at_once_it_is_made_once(desk, app, session):
    campaign_id, actor = desk.campaign.id, desk.actor()
    session.rollback()
    barrier = Barrier(2)

    def ask(_number):
        with app.app_context():
            own = db.session()
            barrier.wait(timeout=30)
            campaign = own.get_one(Campaign, campaign_id)
            job = services.request_file(own, campaign, "xlsx", actor=actor, now=clock.now())
            job_id = job.id
            own.commit()
            db.session.remove()
            return job_id

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(ask, range(2))
    assert first == second
    run_pending(app)
    assert len(session.scalars(select(StoredFile)).all()) == 1


def test_opinions_that_change_while_it_is_written_are_not_mixed(desk, app, client, monkeypatch):
    """A split in the middle: the whole or its parts, never both and never neither."""

    def while_written(session, campaign):
        rows = iter(list(exported_opinions(session, campaign))[:1])
        yield from rows
        with app.app_context():
            other = db.session()
            other.execute(update(Opinion).where(Opinion.text == TEXTS[6]).values(split=True))
            other.commit()
            db.session.remove()
        yield from list(exported_opinions(session, campaign))[1:]

    monkeypatch.setattr(jobs, "exported_opinions", while_written)
    assert texts_in(client.get(made(app, client, desk)).data) == list(TEXTS)
