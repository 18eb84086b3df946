"""The answer form: printed by the worker, and anew when its words change."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pypdfium2
import pytest
from sqlalchemy import func, select

from participation.campaigns.answer_form_print import code_of
from participation.campaigns.models import AnswerForm, CampaignState
from participation.core import clock
from participation.core.actors import Role
from participation.files.models import StoredFile
from participation.jobs.models import Job
from participation.jobs.worker import run_duties, run_pending
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department, make_user, post, sign_in

NOW = clock.now()


@pytest.fixture
def department(session):
    return make_department(session, "みどり課")


def work(app, session):
    session.rollback()
    run_duties(app, NOW)
    run_pending(app)
    session.rollback()


def words_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()
    return len(pages), re.sub(r"\s", "", "".join(pages))


@pytest.mark.slow
def test_the_form_has_the_words_of_the_campaign(app, client, session, department):
    campaign = make_campaign(session, department, title="緑の基本計画（案）", phone="0463-00-0000")
    hidden = make_campaign(session, department, state=CampaignState.PREPARING)
    page = f"/campaigns/{campaign.id}/"
    assert client.get(page + "answer-form.pdf").status_code == 404
    work(app, session)
    assert "answer-form.pdf" in client.get(page).text
    answer = client.get(page + "answer-form.pdf")
    assert answer.mimetype == "application/pdf"
    count, words = words_of(answer.data)
    assert count == 2
    for wanted in (
        "緑の基本計画（案）",
        "みどり課",
        "消印有効",
        "市内に住所を有する方",
        "氏名",
        "該当箇所",
    ):
        assert wanted in words
    assert f"http://localhost/campaigns/{campaign.id}/" in words
    assert "必着" not in words  # no channel has that rule
    # Nothing to do until a word changes; then it is printed again and the old file is gone.
    jobs = session.scalar(select(func.count()).select_from(Job))
    work(app, session)
    assert session.scalar(select(func.count()).select_from(Job)) == jobs
    old = session.get_one(AnswerForm, campaign.id).file_id
    campaign.title = "改めた題名"
    session.commit()
    work(app, session)
    session.expire_all()
    assert session.get(StoredFile, old) is None
    assert "改めた題名" in words_of(client.get(page + "answer-form.pdf").data)[1]
    assert session.get(AnswerForm, hidden.id) is None
    assert client.get(f"/campaigns/{hidden.id}/answer-form.pdf").status_code == 404


def test_staff_print_it_before_anybody_else_sees_it(app, client, session, department):
    campaign = make_campaign(session, department, state=CampaignState.PREPARING)
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    url = f"/staff/campaigns/{campaign.id}/answer-form"
    assert "提出用紙はまだありません" in client.get(url).text
    assert client.get(url + ".pdf").status_code == 303
    first, second = post(client, url), post(client, url)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]  # it is being printed
    assert len(session.scalars(select(Job)).all()) == 1
    session.rollback()
    assert "提出用紙を作成しています" in client.get(url).text
    work(app, session)
    assert "いまの募集の内容と同じです" in client.get(url).text
    assert client.get(url + ".pdf").data.startswith(b"%PDF")
    campaign.phone = "0463-99-9999"
    session.commit()
    assert "募集の内容が変わりました" in client.get(url).text


def test_the_first_one_asked_for_twice_at_once(app, session, department):
    campaign = make_campaign(session, department, state=CampaignState.PREPARING)
    url = f"/staff/campaigns/{campaign.id}/answer-form"
    clients = [app.test_client() for _ in range(2)]
    for client in clients:
        sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    session.commit()
    barrier = Barrier(2)

    def ask(client):
        barrier.wait(timeout=30)
        return post(client, url).status_code

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(ask, clients)) == [303, 303]
    assert len(session.scalars(select(Job)).all()) == 1


def test_the_code_is_that_of_the_address():
    code = code_of("https://participation.example.jp/campaigns/12/")
    dark = {
        (int(x) + step, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", code.path)
        for step in range(int(length))
    }
    margin = {(x, y) for x, y in dark if min(x, y) < 2 or max(x, y) >= code.size - 2}
    assert margin == set()
    finder = {(2 + x, 2 + y) for x in range(7) for y in range(7)}
    ring = {(x, y) for x, y in finder if (x - 2) in {1, 5} or (y - 2) in {1, 5}}
    core = {(x, y) for x, y in ring if 3 <= x <= 7 and 3 <= y <= 7}
    assert core.isdisjoint(dark)  # the white ring of the finder pattern
    assert (2, 2) in dark
