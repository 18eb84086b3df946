"""kill -9 of the worker while it sends a letter: the next one goes on, and nobody gets it twice."""

import signal
from collections import Counter

import pytest
from sqlalchemy import func, select

from participation.core import clock
from participation.core.actors import system_actor
from participation.db.engine import reading_until_a_write
from participation.jobs.models import JobState
from participation.mail.models import OutboxMessage
from participation.privacy.crypto import keyring
from participation.workshops.jobs import letters
from participation.workshops.models import (
    LetterDelivery,
    LetterKind,
    RegistrationStatus,
    WorkshopLetter,
)
from participation.workshops.services.letters import write_letter
from tests.factories import make_department
from tests.workers import reader_of, start, wait_for
from tests.workshops.arrange import make_pool, make_registration, make_workshop

__all__ = ["start"]

RECIPIENTS = 1_500  # thirty commits, so that the kill finds it between two of them


@pytest.mark.slow
def test_the_next_worker_goes_on(session, start):
    workshop = make_workshop(session, make_department(session))
    pool = make_pool(session, workshop, capacity=None)
    for number in range(RECIPIENTS):
        make_registration(session, pool, sender={"name": "人", "email": f"p{number}@example.jp"})
    letter = write_letter(
        session,
        workshop,
        LetterKind.CANCELLED,
        subject="中止のお知らせ",
        body="大雨のため中止します。",
        statuses=[RegistrationStatus.CONFIRMED],
        actor=system_actor("test"),
        now=clock.now(),
    )
    letter_id, job_id = letter.id, letter.job_id
    session.commit()

    def delivered() -> int:
        with reading_until_a_write():
            count = session.scalar(select(func.count()).select_from(LetterDelivery))
            session.rollback()
        return count

    job = reader_of(session, job_id)

    first = start()
    wait_for(lambda: delivered() >= letters._AT_ONCE, first)
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    assert 0 < delivered() < RECIPIENTS
    assert job().state is JobState.RUNNING  # nobody said goodbye

    second = start()
    wait_for(lambda: job().state is JobState.DONE, second, job=job)
    session.expire_all()
    assert session.get_one(WorkshopLetter, letter_id).finished_at is not None
    assert delivered() == RECIPIENTS
    keys = keyring(session)
    times = Counter(
        keys.decrypt(
            one.recipient, table=OutboxMessage.__tablename__, column="recipient", row=str(one.id)
        )
        for one in session.scalars(select(OutboxMessage))
    )
    assert times == {f"p{number}@example.jp": 1 for number in range(RECIPIENTS)}
