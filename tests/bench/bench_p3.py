"""Promise P3 in full: racers for seats in several processes, on both databases.

    .venv/bin/python -m tests.bench.bench_p3 [--rounds 100] [--racers 200] [--processes 4]

A third of the rounds has racers for single seats (exactly as many must get one as there are), a
third has parties and people who come twice, a third has a waitlist on which people cancel, accept
and let lapse while others register. After each round the seats are counted: the bar is 0 faults.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from participation.core.settings import Settings
from tests.bench.bench_submission import databases
from tests.bench.server import ROOT, free_port, production
from tests.promises.racing import race


def main() -> int:
    """Run on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--racers", type=int, default=200)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    options = parser.parse_args()
    kept = True
    for kind in [options.only] if options.only else ["sqlite", "postgresql"]:
        with (
            tempfile.TemporaryDirectory(dir=ROOT / "instance") as name,
            databases(Path(name), kind) as (url, _other),
        ):
            settings = Settings.from_env(production(Path(name), url, free_port()))
            result = race(
                settings,
                rounds=options.rounds,
                racers=options.racers,
                processes=options.processes,
            )
        print(f"{kind}: {result}: {'BROKEN' if result.faults else 'kept'}", flush=True)
        for fault in result.faults[:10]:
            print(f"  {fault}", flush=True)
        kept = kept and not result.faults
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
