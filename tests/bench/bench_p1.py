"""Promise P1 in full: receipts shown while servers and workers are killed, on both databases.

    .venv/bin/python -m tests.bench.bench_p1 [--kills 200] [--receipts 10000] [--only sqlite]

Eight clients send forms with unique texts, repeat each until its receipt stands on the page, and
note its number. Meanwhile a killer sends SIGKILL to the whole server or to one of its workers. At
the end every number noted must stand in the database exactly once with its text. The bar is 0 lost
and 0 doubled.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench.bench_submission import databases
from tests.bench.server import ROOT
from tests.promises.killing import put_to_the_test


def main() -> int:
    """Run on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--receipts", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    options = parser.parse_args()
    kept = True
    for kind in [options.only] if options.only else ["sqlite", "postgresql"]:
        with (
            tempfile.TemporaryDirectory(dir=ROOT / "instance") as name,
            databases(Path(name), kind) as (url, _other),
        ):
            tally = put_to_the_test(
                Path(name),
                url,
                kills=options.kills,
                receipts=options.receipts,
                seconds=options.seconds,
            )
        print(f"{kind}: {tally}: {'kept' if tally.kept else 'BROKEN'}", flush=True)
        reached = tally.kills >= options.kills and len(tally.shown) >= options.receipts
        kept = kept and tally.kept and reached
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
