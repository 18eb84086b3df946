"""A process that groups the opinions of a campaign and stops before each commit, to be killed.

    python -m tests.campaigns.grouping_process DATABASE_URL CAMPAIGN waiting|anew

Before each commit, with the piece written and the transaction open, it prints a line and waits for
one.
"""

import sys

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from participation.campaigns.services import cluster_storage, clustering
from participation.core import clock
from participation.db.engine import engine_options, prepare

PIECE = 3  # texts


def main(url: str, campaign: str, how: str) -> None:
    """Group."""
    cluster_storage._PIECE = PIECE
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    group = clustering.group_anew if how == "anew" else clustering.group_waiting
    with Session(engine) as session:

        def commit() -> None:
            session.flush()
            sys.stdout.write("written\n")
            sys.stdout.flush()
            sys.stdin.readline()
            session.commit()

        group(session, int(campaign), now=clock.now(), commit=commit)


if __name__ == "__main__":
    main(*sys.argv[1:])
