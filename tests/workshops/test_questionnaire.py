"""Questionnaires: written, fixed by the first answer, answered on the web and from paper."""

import csv
import io
import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.sheets.read import read_table
from participation.submissions import pressure
from participation.workshops.models import QuestionnaireAnswer, Workshop, WorkshopState
from participation.workshops.queries.questionnaires import find_questionnaire, results_of
from participation.workshops.questions import Question, check_answers, read_questions
from participation.workshops.services import questionnaires as services
from tests.factories import make_user, post, sign_in
from tests.workshops.arrange import make_workshop
from tests.workshops.outcome_things import QUESTIONS, make_questionnaire

ACTOR = system_actor("tests")
EVIL = '=HYPERLINK("http://example.jp")<script>alert(1)</script>'


@pytest.fixture
def workshop(session, department):
    made = make_workshop(session, department, starts_at=clock.now() - timedelta(days=1))
    session.commit()
    return made


def save(session, workshop, questions, *, version=0, **more):
    now = clock.now()
    values = {
        "introduction": "",
        "opens_at": now,
        "closes_at": now + timedelta(days=7),
        "actor": ACTOR,
        "now": now,
        **more,
    }
    return services.save_questionnaire(
        session, workshop, questions=questions, version=version, **values
    )


def answer(session, workshop, answers, key="k" * 20, **more):
    found = find_questionnaire(session, workshop.id)
    values = {"form_key": key, "actor": ACTOR, "now": clock.now(), **more}
    return services.store_answer(session, workshop, found, answers, **values)


def count(session):
    return session.scalar(select(func.count()).select_from(QuestionnaireAnswer))


def test_questions_are_fixed_by_the_first_answer(session, workshop):
    questions = [Question("q1", "よかったですか", "scale", (), required=True)]
    assert save(session, workshop, questions)
    stored = find_questionnaire(session, workshop.id)
    window = {"opens_at": stored.opens_at, "closes_at": stored.closes_at}
    assert not save(session, workshop, questions, version=1, **window)
    more = [*questions, Question("q2", "ご感想", "text")]
    assert save(session, workshop, more, version=1)
    with pytest.raises(StateConflict, match="ほかの人が"):
        save(session, workshop, questions, version=1)
    answer(session, workshop, {"q1": 5})
    with pytest.raises(StateConflict, match="質問は変えられません"):
        save(session, workshop, questions, version=2)
    # Until when it is answered may be moved all the same.
    later = clock.now() + timedelta(days=30)
    assert save(session, workshop, more, version=2, closes_at=later)


@pytest.mark.parametrize(
    "questions",
    [
        [],
        [Question("q1", " ", "text")],
        [Question("q1", "選ぶ", "one", ("一つだけ",))],
        [Question("q1", "選ぶ", "several", ("同じ", "同じ"))],
        [Question("q1", "選ぶ", "one", ("あ", "い" * 101))],
        [Question(f"q{n}", f"質問{n}", "text") for n in range(1, 12)],
    ],
)
def test_questions_that_cannot_be(session, workshop, questions):
    with pytest.raises(InvalidInput):
        save(session, workshop, questions)


def test_what_counts_as_an_answer():
    questions = read_questions(QUESTIONS)
    answers, errors = check_answers(
        questions,
        {"q1": ["4"], "q2": ["知人", "広報", "広報"], "q3": ["大田"], "q4": [" よい\r\n会 "]},
    )
    assert errors == {}
    assert answers == {"q1": 4, "q2": ["広報", "知人"], "q3": "大田", "q4": "よい\n会"}
    answers, errors = check_answers(
        questions, {"q1": ["6"], "q2": ["知らない選択肢"], "q3": ["x"], "q4": ["あ" * 2_001]}
    )
    assert answers == {}
    assert set(errors) == {"q1", "q2", "q3", "q4"}
    assert set(check_answers(questions, {})[1]) == {"q1"}


def test_same_form_twice_is_one(session, workshop):
    make_questionnaire(session, workshop)
    assert answer(session, workshop, {"q1": 4})
    assert not answer(session, workshop, {"q1": 2})
    assert answer(session, workshop, {"q1": 2}, key="j" * 20)
    assert count(session) == 2
    assert "k" * 20 not in str(session.execute(select(QuestionnaireAnswer.idempotency_key)).all())


def test_same_form_from_two_at_once_is_one(app, session, workshop):
    make_questionnaire(session, workshop)
    workshop_id, start, stored = workshop.id, threading.Barrier(6), []
    session.commit()

    def send():
        with app.app_context():
            own = db.session()
            start.wait()
            found = own.get_one(Workshop, workshop_id)
            try:
                stored.append(answer(own, found, {"q1": 4}))
                own.commit()
            finally:
                db.session.remove()

    threads = [threading.Thread(target=send) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stored) == [False] * 5 + [True]
    assert count(session) == 1


def test_only_while_it_is_open(session, workshop):
    now = clock.now()
    make_questionnaire(session, workshop, opens_at=now, closes_at=now + timedelta(hours=1))
    moment = timedelta(milliseconds=1)
    with pytest.raises(StateConflict):
        answer(session, workshop, {"q1": 4}, now=now - moment)
    assert answer(session, workshop, {"q1": 4}, now=now, key="a" * 20)
    last = now + timedelta(hours=1)
    assert answer(session, workshop, {"q1": 4}, now=last - moment, key="b" * 20)
    with pytest.raises(StateConflict):
        answer(session, workshop, {"q1": 4}, now=last)
    # What was written on paper in time is typed later.
    assert answer(session, workshop, {"q1": 4}, now=last, typed=True, key="c" * 20)
    workshop.state, workshop.stop_reason = WorkshopState.CANCELLED, "大雪"
    with pytest.raises(StateConflict):
        answer(session, workshop, {"q1": 4}, now=now)


def test_results(session, workshop):
    made = make_questionnaire(session, workshop)
    given = (
        {"q1": 5, "q2": ["広報", "知人"], "q4": "よかった"},
        {"q1": 2, "q2": ["広報"]},
        {"q3": "大田"},
    )
    for number, answers in enumerate(given):
        answer(session, workshop, answers, key=f"{number:020}", typed=number == 2)
    found = results_of(session, made)
    assert found.answers == 3
    scale, several, one, text = found.questions
    assert (scale.answered, scale.mean) == (2, "3.5")
    assert dict(scale.counts) == {"1": 0, "2": 1, "3": 0, "4": 0, "5": 1}
    assert dict(several.counts) == {"広報": 2, "ウェブサイト": 0, "知人": 1}
    assert (one.answered, dict(one.counts)["大田"]) == (1, 1)
    assert text.texts == ("よかった",)


def fields_of(text):
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', text)[1] for name in ("key", "waited")
    }


def test_residents_answer_without_account(client, session, workshop):
    make_questionnaire(session, workshop)
    session.commit()
    url = f"/workshops/{workshop.id}/questionnaire/"
    page = client.get(url)
    assert page.headers["Cache-Control"] == "no-store"
    assert "お名前や連絡先は伺いません" in page.text
    sent = fields_of(page.text) | {"q2": ["広報", "知人"], "q4": EVIL}
    wrong = post(client, url, sent)
    assert wrong.status_code == 422
    assert "答えを選んでください" in wrong.text
    assert "<script>alert" not in wrong.text
    assert wrong.text.count(" checked") == 2
    done = post(client, url, sent | {"q1": "4"})
    assert done.status_code == 303
    assert "受け取りました" in client.get(done.headers["Location"]).text
    assert post(client, url, sent | {"q1": "5"}).status_code == 303
    assert count(session) == 1
    assert post(client, url, fields_of(client.get(url).text)).status_code == 422
    assert client.post(url, data=sent | {"q1": "4"}).status_code == 400, "without a CSRF token"


def test_who_sends_very_much_waits(client, session, workshop, monkeypatch):
    make_questionnaire(session, workshop)
    session.commit()
    monkeypatch.setattr(pressure, "SENDS", pressure.SoftLimit("sends", 1, 600))
    monkeypatch.setattr("participation.submissions.floods.pressure.SENDS", pressure.SENDS)
    url = f"/workshops/{workshop.id}/questionnaire/"
    for _number in range(2):
        sent = fields_of(client.get(url).text) | {"q1": "4", "q4": "ありがとう"}
        last = post(client, url, sent)
    assert last.status_code == 409
    assert "ありがとう" in last.text
    assert "もう一度「回答を送る」" in last.text
    assert count(session) == 1


def test_before_and_after(client, session, workshop):
    now = clock.now()
    made = make_questionnaire(session, workshop, opens_at=now + timedelta(days=1))
    session.commit()
    url = f"/workshops/{workshop.id}/questionnaire/"
    assert "からです" in client.get(url).text
    assert "アンケートに答える" not in client.get(f"/workshops/{workshop.id}/").text
    made.opens_at, made.closes_at = now - timedelta(days=2), now - timedelta(days=1)
    session.commit()
    assert "受付は終わりました" in client.get(url).text
    assert post(client, url, {"q1": "4"}).status_code == 410
    assert count(session) == 0


def test_staff_write_type_and_read(client, session, workshop, department):
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    base = f"/staff/workshops/{workshop.id}/questionnaire"
    assert "アンケートはまだありません" in client.get(f"{base}/").text
    form = {
        "version": "0",
        "introduction": "教えてください。",
        "opens_on": "2026-11-01",
        "closes_on": "2100-12-31",
        "questions-0-label": "地区",
        "questions-0-type": "one",
        "questions-0-choices": "高部屋",
        "questions-1-label": "ご感想",
        "questions-1-type": "text",
    }
    wrong = post(client, f"{base}/edit", form)
    assert wrong.status_code == 422
    assert "選択肢を2個以上" in wrong.text
    form["questions-0-choices"] = "高部屋\n大田\n"
    assert post(client, f"{base}/edit", form).status_code == 303
    stored = find_questionnaire(session, workshop.id)
    assert [one["key"] for one in stored.questions] == ["q1", "q2"]
    assert stored.closes_at.isoformat() == "2100-12-31T15:00:00+00:00"
    again = client.get(f"{base}/edit").text
    assert "高部屋\n大田" in again
    page = client.get(f"{base}/answers/new").text
    key = page.split('name="key" value="')[1].split('"')[0]
    typed = {"key": key, "q1": "大田", "q2": EVIL}
    assert post(client, f"{base}/answers/new", typed).status_code == 303
    assert post(client, f"{base}/answers/new", typed).status_code == 303
    assert count(session) == 1
    shown = client.get(f"{base}/").text
    assert "回答 1件（うち紙 1件）" in shown
    assert "<script>alert" not in shown
    assert "<rect" in shown
    exported = client.get(f"{base}/answers.csv")
    rows = list(csv.reader(io.StringIO(exported.data.decode("utf-8-sig"))))
    assert rows[0] == ["番号", "日時", "受け方", "地区", "ご感想"]
    assert rows[1][2:] == ["紙", "大田", "'" + EVIL]
    workbook = client.get(f"{base}/answers.xlsx").data
    table = read_table(workbook, filename="x.xlsx")
    assert [cells[3:] for _line, cells in table.rows] == [("大田", EVIL)]
    assert client.get(f"{base}/answers.pdf").status_code == 404
