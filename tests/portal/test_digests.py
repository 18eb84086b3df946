"""Letters to followers: every relevant news once, whatever happens in between."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.city.models import SubjectArea
from participation.core.errors import InvalidInput
from participation.core.settings import Settings
from participation.db.extension import db
from participation.departments.models import DepartmentSuccession
from participation.jobs.worker import run_duties
from participation.mail.letter import open_letter
from participation.mail.models import OutboxMessage
from participation.news.models import NewsEvent, NewsItem
from participation.portal import sweeps
from participation.portal.models import Digest, Follower, Rhythm
from participation.portal.services import digests, following
from participation.portal.services import followers as services
from participation.portal.services.following import Wish
from participation.portal.sweeps import send_digests
from participation.privacy.crypto import DecryptionError
from tests.factories import make_department
from tests.portal.followers import ADDRESS, follower, letters, link, tell

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MORNING = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)  # Monday, 7:00 in Japan
ROOT = Path(__file__).resolve().parents[2]


def send(app: Flask, session: Session, now: datetime) -> int:
    session.rollback()
    with app.app_context():
        written = send_digests(db.session(), now)
        db.session.remove()
    return written


def bodies(session: Session) -> list[str]:
    return [letter.body for letter in letters(session, "portal.digest")]


def test_a_letter_is_grouped_by_department_and_links_home(app: Flask, session: Session) -> None:
    green, youth = make_department(session, "みどり課"), make_department(session, "青少年課")
    follower(session, now=NOW)
    tell(session, now=NOW, department_id=green.id, title="緑の計画", text="一行目\n\n二行目")
    tell(session, now=NOW, department_id=youth.id, title="遊び場", event=NewsEvent.CANCELLED)
    tell(session, now=NOW, department_id=green.id, title="公園の計画", reference="campaign:2")
    tell(session, now=NOW, title="報告書", reference="edition:2026", kind="edition")
    session.commit()
    assert send(app, session, MORNING - timedelta(microseconds=1)) == 0
    assert send(app, session, MORNING) == 1
    assert send(app, session, MORNING) == 0
    (letter,) = letters(session, "portal.digest")
    assert letter.recipient == ADDRESS
    assert letter.subject.endswith("市民参加のお知らせ（4件）")
    lines = letter.body.splitlines()
    heads = [line for line in lines if line.startswith("■")]
    assert heads[:2] == ["■ みどり課", "■ 青少年課"]
    titles = [line for line in lines if line.startswith("・")]
    assert titles == ["・緑の計画", "・公園の計画", "・遊び場", "・報告書"]
    assert "  http://localhost/campaigns/1/" in lines
    assert "  http://localhost/reports/2026/" in lines
    assert "  中止します（令和8年11月22日（日））" in lines
    assert letter.unsubscribe == f"http://localhost{link(letter, 'leave')}"


def test_a_letter_in_english(app: Flask, session: Session) -> None:
    follower(session, now=NOW, language="en")
    tell(session, now=NOW)
    session.commit()
    assert send(app, session, MORNING) == 1
    assert "22 November 2026" in bodies(session)[0]


def test_mail_programs_can_end_it_with_one_click(
    app: Flask, session: Session, settings: Settings
) -> None:
    follower(session, now=NOW)
    tell(session, now=NOW)
    session.commit()
    run_duties(app, MORNING)  # writes the letter
    run_duties(app, MORNING + timedelta(minutes=1))  # sends it
    (letter,) = letters(session, "portal.digest")
    folder = settings.data_dir / "mail"
    (sent,) = [path for path in folder.rglob("*.eml") if str(letter.id) in path.name]
    head = sent.read_text().partition("\n\n")[0].replace("\n ", " ")
    assert f"List-Unsubscribe: <{letter.unsubscribe}>" in head
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    answer = app.test_client().post(link(letter, "leave"), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    session.rollback()
    assert session.scalars(select(Follower)).all() == []
    assert letters(session) == []


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("all", {1, 2, 3, 4}),
        ("kind:campaign", {1, 2}),
        ("kind:campaign.inspection", {2}),
        ("kind:camp", set()),
        ("thing:workshop:7", {3}),
        ("area:防災", {3}),
        ("department:{green}", {1}),
        ("department:{old}", {1}),  # its work went to the green one
    ],
)
def test_what_belongs_to_a_topic(app: Flask, session: Session, topic: str, told: set[int]) -> None:
    green, old = make_department(session, "みどり課"), make_department(session, "公園課")
    session.add(
        DepartmentSuccession(
            predecessor_id=old.id, successor_id=green.id, effective_on=NOW.date() - DAY
        )
    )
    session.add(SubjectArea(reference="workshop:7", area="防災"))
    session.commit()
    follower(session, topic.format(green=green.id, old=old.id), now=NOW)
    tell(session, now=NOW, title="第1", department_id=green.id)
    tell(session, now=NOW, title="第2", kind="campaign.inspection")
    tell(session, now=NOW, title="第3", kind="workshop.workshop", reference="workshop:7")
    tell(session, now=NOW, title="第4", kind="edition", reference="edition:2026")
    session.commit()
    app.extensions["features"] = ()  # the pages of workshops are another's
    assert send(app, session, MORNING) == bool(told)
    said = "".join(bodies(session))
    assert {number for number in range(1, 5) if f"第{number}" in said} == told
    (window,) = session.scalars(select(Digest)).all()
    assert (window.after_id, window.until_id, window.items) == (0, 4, len(told))


def test_nothing_new_is_no_letter_and_no_window(app: Flask, session: Session) -> None:
    follower(session, now=NOW)
    assert send(app, session, MORNING) == 0
    session.rollback()
    assert session.scalars(select(Digest)).all() == []
    (known,) = session.scalars(select(Follower)).all()
    assert known.next_at == MORNING + DAY


def test_a_week_is_one_letter(app: Flask, session: Session) -> None:
    follower(session, now=MORNING, rhythm=Rhythm.WEEKLY)
    for day in range(1, 7):
        tell(session, now=MORNING + day * DAY, title=f"第{day}")
        session.commit()
        assert send(app, session, MORNING + day * DAY) == 0
    assert send(app, session, MORNING + 7 * DAY) == 1
    assert all(f"第{day}" in bodies(session)[0] for day in range(1, 7))


@pytest.mark.parametrize("error", [InvalidInput("だめ"), DecryptionError("changed")])
def test_a_letter_that_cannot_be_written_keeps_nobody_else_from_theirs(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    bad = follower(session, now=NOW).id
    follower(session, now=NOW, address="taro@example.jp")
    tell(session, now=NOW)
    session.commit()
    real = digests.tell

    def sometimes(session: Session, follower_id, **more):
        written = real(session, follower_id, **more)
        if follower_id == bad:
            raise error
        return written

    monkeypatch.setattr(sweeps.digests, "tell", sometimes)
    assert send(app, session, MORNING) == 1
    monkeypatch.undo()
    assert send(app, session, MORNING) == 1  # and the bad one still has the whole window
    assert len(bodies(session)) == 2


def test_two_workers_write_one_letter_each(app: Flask, session: Session) -> None:
    for number in range(8):
        follower(session, now=NOW, address=f"one{number}@example.jp")
    tell(session, now=NOW)
    session.commit()
    session.rollback()
    barrier = threading.Barrier(3)
    written = []

    def work() -> None:
        with app.app_context():
            barrier.wait()
            written.append(send_digests(db.session(), MORNING))
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(written) == 8
    assert sorted(letter.recipient for letter in letters(session, "portal.digest")) == sorted(
        f"one{number}@example.jp" for number in range(8)
    )


WORKER = """
import sys
from datetime import datetime
from participation.app import create_app
from participation.core.settings import Settings
from participation.db.extension import db
from participation.portal.sweeps import send_digests
app = create_app(Settings.from_env())
print("ready", flush=True)
with app.app_context():
    send_digests(db.session(), datetime.fromisoformat(sys.argv[1]))
"""


@pytest.mark.slow
def test_a_killed_worker_neither_forgets_nor_repeats(
    app: Flask, session: Session, settings: Settings
) -> None:
    people = 150
    for number in range(people):
        follower(session, now=NOW, address=f"one{number}@example.jp")
    environment = {
        **os.environ,
        "PARTICIPATION_ENV": "test",
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "BASE_URL": settings.base_url,
        "JOBS_URL": "memory://",
    }
    tell(session, now=NOW, title="第1")
    session.commit()
    session.rollback()
    kills = 0
    for wait in (0.05, 0.15, 0.3):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, MORNING.isoformat()],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        time.sleep(wait)
        if worker.poll() is None:
            worker.send_signal(signal.SIGKILL)
            kills += 1
        worker.wait(20)
        worker.stdout.close()
    assert kills > 0
    send(app, session, MORNING)
    sent = [letter.recipient for letter in letters(session, "portal.digest")]
    assert sorted(sent) == sorted(f"one{number}@example.jp" for number in range(people))


class Telling(RuleBasedStateMachine):
    """Random news, topics, crashes and two kinds of rhythm against what each should have heard."""

    app: Flask
    names = count()

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.people: dict[str, dict] = {}
        self.news: list[tuple[int, str, str]] = []  # number, kind, reference
        with self.app.app_context():
            for table in (OutboxMessage, Digest):
                db.session.query(table).delete()
            for one in db.session.scalars(select(Follower)).all():
                services.erase(db.session(), [one.id])
            db.session.query(NewsItem).delete()
            db.session.commit()

    def wants(self, topics: list[str], kind: str, reference: str) -> bool:
        return any(
            topic in {"all", f"thing:{reference}"}
            or (topic.startswith("kind:") and (kind + ".").startswith(topic[5:] + "."))
            for topic in topics
        )

    topics = st.lists(
        st.sampled_from(["all", "kind:campaign", "kind:campaign.comment", "thing:campaign:2"]),
        min_size=1,
        unique=True,
    )

    @rule(topics=topics, rhythm=st.sampled_from(list(Rhythm)))
    def come(self, topics: list[str], rhythm: Rhythm) -> None:
        address = f"p{next(self.names)}@example.jp"
        with self.app.app_context():
            follower(db.session(), *topics, now=self.now, address=address, rhythm=rhythm)
            db.session.remove()
        self.people[address] = {"topics": topics, "waiting": [], "told": []}

    @rule(
        kind=st.sampled_from(["campaign.comment", "campaign.inspection", "workshop.workshop"]),
        number=st.integers(1, 3),
        kept=st.booleans(),
    )
    def publish(self, kind: str, number: int, kept: bool) -> None:
        reference = f"{kind.partition('.')[0]}:{number}"
        with self.app.app_context():
            item = tell(db.session(), now=self.now, kind=kind, reference=reference)
            item_id = item.id
            item.title = f"第{item_id}号"
            db.session.commit() if kept else db.session.rollback()
            db.session.remove()
        if kept:
            self.news.append((item_id, kind, reference))
            for one in self.people.values():
                one["waiting"].append((item_id, kind, reference))

    @rule(data=st.data(), topics=topics)
    def change(self, data: st.DataObject, topics: list[str]) -> None:
        if not self.people:
            return
        address = data.draw(st.sampled_from(sorted(self.people)))
        with self.app.app_context():
            session = db.session()
            key = services.address_key(session.info["keyring"], address)
            known = session.scalars(select(Follower).where(Follower.address_key == key)).one()
            following.change(session, known, Wish(topics, known.rhythm), now=self.now)
            session.commit()
            db.session.remove()
        self.people[address]["topics"] = topics

    @rule(hours=st.integers(1, 60), crash=st.booleans())
    def time_passes(self, hours: int, crash: bool) -> None:
        before = self.now
        self.now += timedelta(hours=hours)
        with self.app.app_context():
            if crash:  # everything was done, and the machine died before the commit
                for one in digests.due_followers(db.session(), self.now, limit=100):
                    digests.tell(
                        db.session(),
                        one,
                        compose=lambda _reader, _items: digests.DigestWords("だめ", "だめ"),
                        now=self.now,
                    )
                db.session.rollback()
            due = {
                services.address_of(db.session(), one): one.next_at
                for one in db.session.scalars(select(Follower).where(Follower.next_at <= self.now))
            }
            db.session.rollback()
            send_digests(db.session(), self.now)
            db.session.remove()
        assert all(moment > before - 8 * DAY for moment in due.values())
        for address in due:
            one = self.people[address]
            one["told"] += [
                number
                for number, kind, reference in one["waiting"]
                if self.wants(one["topics"], kind, reference)
            ]
            one["waiting"] = []

    @invariant()
    def everybody_heard_each_once(self) -> None:
        heard: dict[str, list[int]] = {address: [] for address in self.people}
        with self.app.app_context():
            session = db.session()
            for message in session.scalars(
                select(OutboxMessage)
                .where(OutboxMessage.kind == digests.LETTER)
                .order_by(OutboxMessage.created_at)
            ):
                letter = open_letter(session, message)
                heard[letter.recipient] += [
                    int(line[2:-1]) for line in letter.body.splitlines() if line.startswith("・第")
                ]
            db.session.remove()
        assert {address: sorted(numbers) for address, numbers in heard.items()} == {
            address: sorted(one["told"]) for address, one in self.people.items()
        }


@pytest.mark.slow
def test_each_relevant_news_is_told_exactly_once(app: Flask) -> None:
    app.extensions["features"] = ()

    class Machine(Telling):
        pass

    Machine.app = app
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )
