"""The queue carries hints as JSON, and its failure is nobody's failure."""

import sqlite3
import time

import pytest
from huey.registry import Message

from participation.core.errors import SettingsError
from participation.jobs import queue as module
from participation.jobs.models import Job
from participation.jobs.queue import JobQueue, JsonSerializer, QueueDownError
from participation.jobs.services import enqueue
from tests.jobs.conftest import ACTOR, NOW


def _take(queue):
    huey = queue.huey()
    task = huey.dequeue()
    if task is not None:
        huey.execute(task)
    return task


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def queue(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'queue.sqlite3'}"
    elif request.param == "postgresql":
        url = request.getfixturevalue("postgres_queue_url")
    else:
        url = "memory://"
    queue = JobQueue(url)
    yield queue
    queue.close()


@pytest.fixture
def postgres_queue_url():
    import os
    import uuid

    import psycopg

    name = f"queue_{uuid.uuid4().hex[:12]}"
    server = os.environ["TEST_POSTGRES_URL"]
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield server.format(name)
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_hints_arrive_once_and_in_order(queue):
    ran = []
    queue.run = ran.append
    assert all(queue.hint(job_id) for job_id in (3, 1, 2))
    assert queue.waiting() == 3
    while _take(queue) is not None:
        pass
    assert ran == [3, 1, 2]
    assert queue.waiting() == 0


def test_hints_survive_between_processes(tmp_path):
    url = f"sqlite:///{tmp_path / 'queue.sqlite3'}"
    web, worker = JobQueue(url), JobQueue(url)
    assert web.hint(5)
    ran = []
    worker.run = ran.append
    _take(worker)
    assert ran == [5]
    web.close()
    worker.close()


def test_tasks_are_json_and_a_pickle_is_not_even_looked_at(tmp_path):
    path = tmp_path / "queue.sqlite3"
    queue = JobQueue(f"sqlite:///{path}")
    queue.hint(5)
    with sqlite3.connect(path) as connection:
        [(data,)] = connection.execute("SELECT data FROM task").fetchall()
    connection.close()
    queue.close()
    assert bytes(data).startswith(b"[")
    assert JsonSerializer().deserialize(data) == Message(*JsonSerializer().deserialize(data))
    with pytest.raises(ValueError):
        JsonSerializer().deserialize(b"\x80\x04cos\nsystem\n.")


@pytest.fixture
def dead_queue(tmp_path):
    return JobQueue(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'queue.sqlite3'}")


def test_a_dead_queue_stops_no_act(app, session, dead_queue, monkeypatch):
    monkeypatch.setitem(session.info, "job_queue", dead_queue)
    job = enqueue(session, "test.job", {}, actor=ACTOR, now=NOW)
    session.commit()
    assert session.get(Job, job.id) is not None
    with pytest.raises(QueueDownError):
        dead_queue.waiting()


def test_a_queue_that_hangs_is_waited_for_once_not_by_every_request(monkeypatch):
    queue = JobQueue("memory://")
    calls = []

    def hang():
        calls.append(time.monotonic())
        raise OSError

    monkeypatch.setattr(queue, "_open", hang)
    assert [queue.hint(n) for n in range(5)] == [False] * 5
    assert len(calls) == 1
    later = time.monotonic() + module._PAUSE_SECONDS
    monkeypatch.setattr(module.time, "monotonic", lambda: later)
    assert queue.hint(9) is False
    assert len(calls) == 2


@pytest.mark.parametrize("url", ["", "amqp://host", "sqlite:queue", "mysql://host/x"])
def test_other_addresses_are_refused_at_start(url):
    with pytest.raises(SettingsError, match="JOBS_URL"):
        JobQueue(url)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "postgresql://127.0.0.1:1/x"])
def test_a_server_that_is_not_there_is_found_out_quickly(url):
    queue = JobQueue(url)
    begun = time.monotonic()
    assert queue.hint(1) is False
    assert time.monotonic() - begun < 5
