"""Letters in the language of the form: receipt, offer, reminder, draw, and the department's own."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from participation.core import clock
from participation.core.actors import system_actor
from participation.core.speech import JAPANESE, Speech
from participation.jobs.worker import run_pending
from participation.workshops.letter_words import letter_subject, letter_text
from participation.workshops.models import (
    Application,
    LetterKind,
    RegistrationStatus,
    SeatKind,
    SeatMethod,
    WorkshopLetter,
)
from participation.workshops.services import seating
from participation.workshops.services.draws import draw
from participation.workshops.services.letters import write_letter
from participation.workshops.services.promotion import promote
from participation.workshops.services.registering import store_applications
from participation.workshops.services.reminders import remind_due
from participation.workshops.services.retention import export_application
from participation.workshops.services.web_registering import RESIDENT
from tests.factories import make_department, post
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.register_form import begin, filled, receipt_page, url
from tests.workshops.registering import new_application
from tests.workshops.test_letters import mails, person

S = RegistrationStatus
ACTOR = system_actor("試験")
# Kana, kanji, and the punctuation that goes with them.
JAPANESE_SIGN = re.compile(r"[\u3001-\u30ff\u4e00-\u9fff\uff01-\uff60]")


@pytest.fixture
def workshop(session):
    return make_workshop(session, make_department(session), phone="0463-94-4711")


def english(text: str) -> str:
    return Speech("en").gettext(text)


def frame(mail, workshop) -> str:
    """A letter without what the department wrote."""
    text = f"{mail['subject']}\n{mail['body']}"
    for word in (
        workshop.title,
        *(word for day in workshop.days for word in (day.venue, day.address)),
    ):
        text = text.replace(word, "")
    return text


def test_one_language_or_japanese():
    day = clock.local_date(clock.now()).replace(year=2026, month=11, day=22)
    assert Speech("en").day(day) == "22 November 2026"
    assert Speech("easy").day(day) == "2026年（令和8年）11月22日（日）"
    assert Speech("ja").day(day) == JAPANESE.day(day) == "令和8年11月22日（日）"
    assert english("会場") != "会場"
    for unknown in ("ja", "fr", ""):
        assert Speech(unknown).gettext("会場") == "会場"
    assert JAPANESE.gettext("") == english("") == ""
    assert JAPANESE.gettext("100%") == "100%"


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
def test_the_form_is_remembered_and_the_receipt_speaks_it(client, session, workshop, language):
    pool = make_pool(session, workshop, kind=SeatKind.ONLINE)
    session.commit()
    post(client, f"/language/{language}?next=/", {})
    key = begin(client, workshop)
    receipt_page(client, post(client, url(workshop), filled(workshop, key, pool, act="send")))
    one = session.scalar(select(Application))
    assert one.language == language
    (mail,) = mails(session)
    say = Speech(language)
    assert mail["subject"] == say.gettext("催しへの申込みを受け付けました")
    assert say.day(clock.local_date(one.received_at)) in mail["body"]
    assert say.gettext("オンライン") in mail["body"]
    assert say.gettext("参加決定") in mail["body"]
    assert bool(JAPANESE_SIGN.search(frame(mail, workshop))) is (language != "en")
    assert export_application(session, one.receipt_id)["お知らせの言語"] == language


def test_who_waited_and_who_is_reminded_read_their_own(session, workshop):
    pool = make_pool(session, workshop, day=workshop.days[0], capacity=2)
    for number, language in enumerate(("en", "ja")):
        make_registration(
            session,
            pool,
            status=S.WAITLISTED,
            sender=person(f"{language}@example.jp"),
            language=language,
            place=number,
        )
    now = clock.now()
    locked = seating.lock_pools(session, [pool.id])[pool.id]
    for one in promote(session, locked, now=now, actor=ACTOR):
        seating.accept(one, now=now)
    session.flush()
    remind_due(session, workshop.days[0].starts_at - timedelta(days=2))
    day = clock.local_date(workshop.days[0].starts_at)
    found = {}
    for mail in mails(session):
        in_english = mail["recipient"] == "en@example.jp"
        assert bool(JAPANESE_SIGN.search(frame(mail, workshop))) is not in_english
        found.setdefault(mail["recipient"], []).append(mail["body"])
    assert [len(one) for one in found.values()] == [2, 2]
    for body in found["en@example.jp"]:
        assert Speech("en").day(day) in body
        assert english("会場") in body
        assert JAPANESE.day(day) not in body
    for body in found["ja@example.jp"]:
        assert JAPANESE.day(day) in body
        assert english("会場") not in body


def test_a_draw_tells_each_in_their_own(app, session, workshop):
    pool = make_pool(session, workshop, method=SeatMethod.LOTTERY, capacity=1)
    store_applications(
        session,
        [
            new_application(
                workshop,
                pool,
                language=language,
                sender={"name": "相模 花子", "email": f"{language}@example.jp"},
            )
            for language in ("en", "ja")
        ],
        actor=RESIDENT,
        now=clock.now(),
    )
    before = len(mails(session))
    draw(session, pool, actor=ACTOR, now=pool.closes_at + timedelta(minutes=1))
    session.commit()
    run_pending(app)
    session.expire_all()
    texts = {mail["recipient"]: mail["body"] for mail in mails(session)[before:]}
    assert english("会場") in texts["en@example.jp"]
    assert not JAPANESE_SIGN.search(texts["en@example.jp"].replace(workshop.title, ""))
    assert english("会場") not in texts["ja@example.jp"]


def test_what_the_department_wrote_stays_as_it_is_after_a_word(app, session, workshop):
    pool = make_pool(session, workshop)
    for language in ("en", "easy", "ja"):
        make_registration(session, pool, sender=person(f"{language}@example.jp"), language=language)
    letter = write_letter(
        session,
        workshop,
        LetterKind.CANCELLED,
        subject="中止のお知らせ",
        body="大雨の警報が出たため。",
        statuses=[S.CONFIRMED],
        actor=ACTOR,
        now=clock.now(),
    )
    session.commit()
    run_pending(app)
    session.expire_all()
    letter = session.get_one(WorkshopLetter, letter.id)
    sent = {mail["recipient"]: mail for mail in mails(session)}
    assert len(sent) == 3
    for mail in sent.values():
        assert "大雨の警報が出たため。" in mail["body"]
        assert "/workshops/application/" in mail["body"]
    assert sent["ja@example.jp"]["subject"] == "中止のお知らせ"
    assert sent["ja@example.jp"]["body"].startswith("大雨の警報が出たため。")
    assert sent["easy@example.jp"]["body"].startswith(letter_text(letter, Speech("easy")))
    assert letter_text(letter, Speech("easy")) != letter.body
    assert sent["en@example.jp"]["subject"] == letter_subject(letter, Speech("en"))
    assert sent["en@example.jp"]["subject"].endswith(": 中止のお知らせ")


@pytest.mark.parametrize("kind", list(LetterKind))
def test_each_kind_of_letter_has_its_word(kind):
    said = {
        letter_text(WorkshopLetter(kind=one, body="x", online_only=False), Speech("en"))
        for one in LetterKind
    }
    assert len(said) == len(LetterKind)
    online = WorkshopLetter(kind=kind, body="x", online_only=True)
    assert letter_text(online, Speech("en")) not in said
