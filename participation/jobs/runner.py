"""What a runner of jobs looks like: idempotent, telling its progress."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class JobRun:
    """One run of one job, handed to its runner.

    Read first, compute, and write last: on SQLite the first write takes the one write lock of the
    database until the next commit, and nobody's entry is saved meanwhile.
    """

    job_id: int
    payload: dict[str, Any]
    session: Session  # for the runner's work; the worker commits it when the runner returns
    # (done, total, label): stored in a transaction of its own and renews the lease.
    progress: Callable[[int, int, str], None]
    # Commits what was done so far, for a runner that goes in steps; raises LeaseLostError when
    # another worker has taken the job over meanwhile.
    commit: Callable[[], None]


class LeaseLostError(Exception):
    """Another worker has taken the job over; what this run did since its last commit is void."""


# A runner may be started again after a kill at any point: it looks at what is done already.
JobRunner = Callable[[JobRun], None]
