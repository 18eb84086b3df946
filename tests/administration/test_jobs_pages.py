"""The pages of long work: one's own, or everybody's for those who oversee them."""

import pytest
from sqlalchemy import select, update

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Actor, Role
from participation.jobs.models import Job, JobState
from participation.jobs.services import enqueue
from tests.factories import make_department, make_user, post, sign_in

URL = "/staff/jobs"


@pytest.fixture
def department(session):
    return make_department(session)


@pytest.fixture
def contributor(client, session, department):
    user = make_user(session, Role.CONTRIBUTOR, department)
    sign_in(client, session, user)
    return user.id


@pytest.fixture
def make_job(session):
    def make(staff_id, **values):
        job = enqueue(
            session,
            "reports.build_edition",
            {},
            actor=Actor(staff_id, "伊勢 花子"),
            now=clock.now(),
            label="令和6年度の年次報告",
        )
        session.flush()
        if values:
            session.execute(update(Job).where(Job.id == job.id).values(**values))
        job_id = job.id
        session.commit()
        return job_id

    return make


RUNNING = {
    "state": JobState.RUNNING,
    "done_units": 3,
    "total_units": 12,
    "label": "表を作っています",
}
FAILED = {"state": JobState.FAILED, "error": "列がありません。列を選んでください。"}


def _text(response):
    return response.get_data(as_text=True)


def test_a_running_job_shows_how_far_it_is_and_comes_again_without_scripts(
    client, contributor, make_job
):
    job_id = make_job(contributor, **RUNNING)
    page = _text(client.get(f"{URL}/{job_id}?next=/staff/reports/editions/4"))
    assert "年次報告の作成" in page
    assert 'max="12" value="3"' in page
    assert "処理中：表を作っています：12件中3件" in page
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    status = f"{URL}/{job_id}/status?next=/staff/reports/editions/4"
    assert f'data-poll="{status}"' in page
    answer = client.get(status).get_json()
    assert answer == {
        "done": 3,
        "total": 12,
        "state": "running",
        "label": "処理中：表を作っています：12件中3件",
        "url": f"{URL}/{job_id}?next=/staff/reports/editions/4",
    }


def test_a_job_that_is_done_goes_on_to_where_it_was_asked_for(client, contributor, make_job):
    job_id = make_job(contributor, state=JobState.DONE)
    onward = client.get(f"{URL}/{job_id}?next=/staff/reports/editions/4")
    assert (onward.status_code, onward.headers["Location"]) == (303, "/staff/reports/editions/4")
    page = _text(client.get(f"{URL}/{job_id}"))
    assert "処理が終わりました" in page
    assert "refresh" not in page


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"]
)
def test_it_never_leads_off_the_site(client, contributor, make_job, elsewhere):
    job_id = make_job(contributor, state=JobState.DONE)
    response = client.get(f"{URL}/{job_id}", query_string={"next": elsewhere})
    assert response.status_code == 200
    assert "evil" not in _text(response)
    status = client.get(f"{URL}/{job_id}/status", query_string={"next": elsewhere})
    assert status.get_json()["url"] == f"{URL}/{job_id}"


def test_a_failed_job_says_why_and_what_to_do(client, contributor, make_job):
    job_id = make_job(contributor, **FAILED)
    page = _text(client.get(f"{URL}/{job_id}?next=/staff/reports/editions/4"))
    assert "列がありません。列を選んでください。" in page
    assert 'href="/staff/reports/editions/4"' in page
    assert "もう一度実行する" not in page, "only administrators may"
    assert post(client, f"{URL}/{job_id}/retry").status_code == 403


def test_a_job_that_is_put_off_says_that_it_will_be_tried_again(client, contributor, make_job):
    job_id = make_job(contributor, state=JobState.QUEUED, error="処理の途中で…")
    assert "まもなくもう一度試します" in _text(client.get(f"{URL}/{job_id}"))


def test_an_administrator_runs_it_again_and_that_is_recorded(client, session, make_job):
    administrator = make_user(session, Role.ADMINISTRATOR)
    sign_in(client, session, administrator)
    job_id = make_job(1234, **FAILED)
    assert "もう一度実行する" in _text(client.get(f"{URL}/{job_id}?next=/staff/"))
    response = post(client, f"{URL}/{job_id}/retry", {"next": "/staff/"})
    assert (response.status_code, response.headers["Location"]) == (
        303,
        f"{URL}/{job_id}?next=/staff/",
    )
    assert session.get_one(Job, job_id, populate_existing=True).state is JobState.QUEUED
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject) == ("jobs.job.retried", f"job:{job_id}")
    session.rollback()
    assert post(client, f"{URL}/{job_id}/retry").status_code == 409


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.CONTRIBUTOR, False),
        (Role.APPROVER, False),
        (Role.COORDINATOR, True),
        (Role.ADMINISTRATOR, True),
        (Role.AUDITOR, True),
    ],
)
def test_who_sees_the_jobs_of_others(client, session, make_job, role, sees):
    user = make_user(session, role, make_department(session))
    sign_in(client, session, user)
    own, other = make_job(user.id), make_job(user.id + 1)
    status = 200 if sees else 404
    assert client.get(f"{URL}/{own}").status_code == 200
    assert client.get(f"{URL}/{other}").status_code == status
    assert client.get(f"{URL}/{other}/status").status_code == status
    page = _text(client.get(URL))
    assert f'href="{URL}/{own}"' in page
    assert (f'href="{URL}/{other}"' in page) is sees


def test_the_list_is_filtered_paged_and_has_words_when_empty(client, contributor, make_job):
    assert "まだ処理はありません" in _text(client.get(URL))
    for _ in range(51):
        make_job(contributor)
    make_job(contributor, **FAILED)
    assert "条件に合う処理はありません" in _text(client.get(URL, query_string={"state": "done"}))
    failed = _text(client.get(URL, query_string={"state": "failed"}))
    assert failed.count("列がありません") == 1
    first = _text(client.get(URL, query_string={"state": "queued"}))
    assert first.count("令和6年度の年次報告") == 50
    [link] = [part for part in first.split('"') if "before=" in part]
    assert _text(client.get(link.replace("&amp;", "&"))).count("令和6年度の年次報告") == 1


def test_a_job_that_is_not_there_is_not_found(client, contributor):
    assert client.get(f"{URL}/999999").status_code == 404
    assert client.get(f"{URL}/99999999999999999999").status_code == 404
