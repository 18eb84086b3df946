"""Duties of the worker for the search: what is new becomes findable a little at a time.

Nothing waits for it: an opinion is taken in without a thought of the search. Each step is a
transaction of its own, so that nobody who saves waits long and a kill loses nothing; what is
missing is seen from the tables alone.
"""

import time
from datetime import datetime

from sqlalchemy.orm import Session

from participation.campaigns import search as indexing
from participation.db import search
from participation.db.engine import writing

# Below a tenth of a second of SQLite's write lock.
_CHUNK = 300
_RESULTS = 5
# Seconds between steps that do nothing but write, so that whoever waits to save comes first.
_PAUSE = 0.05
# One run ends after so many seconds; the next goes on where it stopped.
_LONGEST = 40.0


def index_living(session: Session, now: datetime) -> None:
    """Index what came or changed in campaigns that are not over, and what was published."""
    del now
    index_missing(session, living=True, seconds=_LONGEST)


def index_everything(session: Session, now: datetime) -> None:
    """Index whatever is missing, in old campaigns too."""
    del now
    index_missing(session, living=False, seconds=_LONGEST)


def index_missing(session: Session, *, living: bool, seconds: float | None = None) -> int:
    """Index what is missing, and commit as it goes; return how many entries were written.

    Args:
        session: one of the worker or of the command line.
        living: opinions of campaigns that are not over only.
        seconds: stop after about so long; None: not before all is done.

    """
    end = None if seconds is None else time.monotonic() + seconds
    done, after = 0, 0
    while end is None or time.monotonic() < end:
        if not indexing.missing_opinions(session, living=living, after=after, limit=1):
            break
        with writing(session):
            found = indexing.missing_opinions(session, living=living, after=after, limit=_CHUNK)
            indexing.index_opinions(session, found)
        if not found:
            break
        session.commit()
        after = found[-1].id
        done += len(found)
    with writing(session):
        done += indexing.index_groups(session)
        done += indexing.index_announcements(session)
    session.commit()
    while indexing.unindexed_results(session, 1):
        with writing(session):
            for result in indexing.unindexed_results(session, _RESULTS):
                done += indexing.index_result(session, result)
        session.commit()
    # What others wrote, or what the time did not allow before, is put in order with everything.
    more = done > 0 or not living
    while more and (end is None or time.monotonic() < end):
        with writing(session):
            more = search.settle(session)
        session.commit()
        if more:
            time.sleep(_PAUSE)
    return done
