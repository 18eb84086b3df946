"""kill -9 of the worker in the middle of a build: the edition is finished by the next one."""

import signal

import pytest

from participation.core import clock
from participation.core.actors import system_actor
from participation.jobs.models import JobState
from participation.reports.models import Edition, EditionState, EntryKind
from participation.reports.queries import editions as queries
from participation.reports.queries.report import default_columns
from participation.reports.services import editions as services
from tests.reports.world import YEAR, make_world
from tests.workers import reader_of, wait_for

ENTRIES = 600  # some seconds of setting, so that the kill finds it at work


@pytest.mark.slow
def test_the_next_worker_finishes_the_build(session, start):
    world = make_world(session)
    for number in range(ENTRIES):
        world.old_entry(f"{number}番目の講座を開催した。", kind=EntryKind.RESULT, year=YEAR - 1)
    actor = system_actor("test")
    edition = services.draft_edition(
        session,
        fiscal_year=YEAR,
        columns=default_columns(YEAR),
        paper="A4",
        correction="",
        actor=actor,
        now=clock.now(),
    )
    job_id = services.start_building(session, edition, actor=actor, now=clock.now()).id
    edition_id = edition.id
    session.commit()

    job = reader_of(session, job_id)

    first = start()
    wait_for(lambda: job().state is JobState.RUNNING and job().done_units > 0, first)
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    assert job().state is JobState.RUNNING  # nobody said goodbye
    assert session.get_one(Edition, edition_id).state is EditionState.BUILDING
    session.rollback()

    second = start()
    wait_for(lambda: job().state is JobState.DONE, second, job=job)
    built = queries.get_edition(session, edition_id)
    assert built.state is EditionState.BUILT
    assert job().attempts == 2
    assert len(built.pdf_sha256) == 64
