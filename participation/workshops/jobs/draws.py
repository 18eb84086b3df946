"""The job after a draw: reads and encrypts first, writes all letters last in one transaction.

Killed at any point before the end it has written nothing and starts again; the worker ends the job
in the transaction of the letters, so that nobody gets two.
"""

from participation.core import clock
from participation.db.engine import writing
from participation.jobs.runner import JobRun
from participation.mail import services as mail
from participation.workshops.services.draw_letters import prepared_letters

_AT_ONCE = 500


def send_draw_letters(run: JobRun) -> None:
    """Write the letters of a draw into the outbox."""
    session = run.session
    run.progress(0, 2, "抽選の結果を知らせるメールを作成しています")
    rows = prepared_letters(session, run.payload["draw"], now=clock.now())
    run.progress(1, 2, "メールを送信待ちに入れています")
    with writing(session):
        for start in range(0, len(rows), _AT_ONCE):
            mail.send_prepared(session, rows[start : start + _AT_ONCE])
