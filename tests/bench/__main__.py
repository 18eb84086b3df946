"""Run the benches, all of them or those named: ``python -m tests.bench [pdf import …]``."""

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run each bench in a process of its own; the exit status counts those that failed."""
    known = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    wanted = [f"bench_{name.removeprefix('bench_')}" for name in sys.argv[1:]] or known
    failed = 0
    for name in wanted:
        if name not in known:
            print(f"no such bench: {name}; there are {', '.join(known)}", file=sys.stderr)
            return 2
        print(f"== {name}", flush=True)
        failed += subprocess.call([sys.executable, "-m", f"tests.bench.{name}"]) != 0
    return failed


sys.exit(main())
