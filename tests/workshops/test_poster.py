"""The poster: what stands on it, that its code leads to the page, and when it is printed anew."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from pypdfium2 import PdfDocument
from sqlalchemy import select

from participation.core import clock
from participation.core.actors import Role
from participation.departments.models import Department
from participation.files.models import StoredFile
from participation.jobs.models import Job
from participation.jobs.worker import run_duties, run_pending
from participation.workshops.models import (
    SeatKind,
    SignUp,
    WorkshopPoster,
    WorkshopState,
)
from participation.workshops.poster_print import poster_pdf
from participation.workshops.services.posters import renew_posters, words_of
from tests.factories import make_department, make_user, post, sign_in
from tests.workshops.arrange import make_pool, make_workshop

CREATED = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def workshop(session):
    return make_workshop(
        session,
        make_department(session, "公園緑地課"),
        days=2,
        summary="公園の使い方を話し合います。",
        target="市内に在住の方",
        section_name="公園係",
        phone="0463-00-0000",
        how_else="電話でも申し込めます。",
        needs=["sign_language"],
    )


def printed(session, workshop):
    poster = words_of(session, workshop, now=clock.now())
    return poster, PdfDocument(poster_pdf(poster, created=CREATED))


def test_one_sheet_says_what_when_where_and_how(session, client, workshop):
    make_pool(session, workshop, capacity=40)
    make_pool(session, workshop, kind=SeatKind.CHILDCARE, capacity=5)
    session.commit()
    poster, document = printed(session, workshop)
    assert len(document) == 1
    text = document[0].get_textpage().get_text_bounded().replace("\r\n", "")
    for words in (
        workshop.title,
        "公園の使い方を話し合います。",
        "市役所 全員協議会室",
        "会場40人（先着順）",
        "無料",
        "託児",
        "手話通訳",
        "電話でも申し込めます。",
        "公園緑地課 公園係",
        "0463-00-0000",
        poster.address,
    ):
        assert words in text
    for day in poster.days:
        assert day.date in text
        assert day.hours in text
    assert poster.address == f"http://localhost/workshops/{workshop.id}/"
    assert client.get(f"/workshops/{workshop.id}/").status_code == 200


@pytest.mark.slow
def test_however_much_there_is_to_say(session):
    workshop = make_workshop(
        session,
        make_department(session),
        days=12,
        title="見本市都市計画マスタープラン及び立地適正化計画の改定に係る地域別市民説明会" * 3,
        summary="あいう" * 100,
        how_else="\n".join(f"方法{number}：電話でも窓口でも申し込めます。" for number in range(6)),
        target="市内に在住、在勤又は在学の方" * 5,
    )
    for day in workshop.days:
        day.heading, day.venue = "第1回「まちを歩いて考える」" * 2, "とても長い名前の公民館" * 3
    make_pool(session, workshop)
    poster, document = printed(session, workshop)
    assert len(document) == 1
    assert poster.more_days == 4
    assert "ほか4回" in document[0].get_textpage().get_text_bounded()


def test_the_same_words_give_the_same_bytes(session, workshop):
    poster = words_of(session, workshop, now=clock.now())
    assert poster_pdf(poster, created=CREATED) == poster_pdf(poster, created=CREATED)


def test_without_signing_up(session, workshop):
    workshop.sign_up = SignUp.NONE
    poster = words_of(session, workshop, now=clock.now())
    assert poster.signing_up == ("申込みはいりません。当日、会場へお越しください。",)
    assert not poster.online


def test_it_is_printed_anew_when_its_words_change(app, session, workshop):
    now = clock.now()
    assert renew_posters(session, now) == 1
    assert renew_posters(session, now) == 0  # it is under way
    session.commit()
    run_pending(app)
    session.expire_all()
    first = session.get_one(WorkshopPoster, workshop.id).file_id
    assert first is not None
    assert renew_posters(session, now) == 0
    workshop.days[0].venue = "中央公民館"
    session.commit()
    run_duties(app, now)
    run_pending(app)
    session.expire_all()
    second = session.get_one(WorkshopPoster, workshop.id).file_id
    assert second not in {None, first}
    assert session.get(StoredFile, first) is None


def test_what_is_prepared_or_over_is_left_alone(session, workshop):
    workshop.state = WorkshopState.PREPARING
    session.flush()
    assert renew_posters(session, clock.now()) == 0
    workshop.state = WorkshopState.ANNOUNCED
    workshop.last_day = clock.local_date(clock.now() - timedelta(days=1))
    session.flush()
    assert renew_posters(session, clock.now()) == 0
    assert session.scalar(select(Job)) is None


def test_residents_get_it_once_it_is_announced(app, session, client, workshop):
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, _department(session, workshop)))
    workshop.state = WorkshopState.PREPARING
    session.commit()
    staff, public = f"/staff/workshops/{workshop.id}/poster", f"/workshops/{workshop.id}/poster.pdf"
    assert client.get(staff).status_code == 200
    assert post(client, staff).status_code == 303
    run_pending(app)
    assert "いまの催しの内容と同じです" in client.get(staff).get_data(as_text=True)
    assert client.get(f"{staff}.pdf").data.startswith(b"%PDF")
    stranger = app.test_client()
    assert stranger.get(public).status_code == 404
    session.rollback()
    workshop.state = WorkshopState.ANNOUNCED
    session.commit()
    answer = stranger.get(public)
    assert answer.data.startswith(b"%PDF")
    assert answer.mimetype == "application/pdf"


def at_once(clients, address):
    """Post to ``address`` as several people at the same moment; return the answers."""
    barrier = Barrier(len(clients))

    def ask(client):
        barrier.wait(timeout=30)
        return post(client, address)

    with ThreadPoolExecutor(len(clients)) as threads:
        return list(threads.map(ask, clients))


@pytest.mark.parametrize("number", range(3))
def test_the_first_one_asked_for_twice_at_once(app, session, workshop, number):
    del number  # which of the two comes first is left to chance
    department = _department(session, workshop)
    people = [make_user(session, Role.CONTRIBUTOR, department) for _ in range(2)]
    session.commit()
    clients = [app.test_client() for _ in people]
    for client, person in zip(clients, people, strict=True):
        sign_in(client, session, person)
    session.commit()
    address = f"/staff/workshops/{workshop.id}/poster"
    session.rollback()
    answers = at_once(clients, address)
    assert [answer.status_code for answer in answers] == [303, 303]
    # One sees how the work goes on, the other that somebody has asked for it.
    assert sorted("/jobs/" in answer.headers["Location"] for answer in answers) == [False, True]
    for client in clients:
        assert "チラシを作成しています" in client.get(address).get_data(as_text=True)
    run_pending(app)
    assert len(session.scalars(select(Job)).all()) == 1
    assert len(session.scalars(select(StoredFile)).all()) == 1
    session.rollback()
    for client, answer in zip(clients, answers, strict=True):
        page = client.get(answer.headers["Location"], follow_redirects=True)
        assert (page.status_code, page.request.path) == (200, address)
        assert "いまの催しの内容と同じです" in page.get_data(as_text=True)
        assert client.get(f"{address}.pdf").data.startswith(b"%PDF")


def test_asked_for_twice_by_one_person_it_is_the_same_print(app, session, client, workshop):
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, _department(session, workshop)))
    session.commit()
    address = f"/staff/workshops/{workshop.id}/poster"
    session.rollback()
    first, second = (post(client, address).headers["Location"] for _ in range(2))
    assert first == second
    assert "/jobs/" in first


def _department(session, workshop):
    return session.get_one(Department, workshop.department_id)
