"""Time of the report's PDF: against bare WeasyPrint, and per entry as the entries grow.

    .venv/bin/python -m tests.bench.bench_pdf [--sizes 1,10,100] [--repeat 5]

The exit status is 1 when a ratio is past its bar (1.3). Each measurement is a process of its own,
imports included; compare figures only within one run. "Bare" is WeasyPrint's own ``write_pdf`` of
the same HTML and CSS with its default fetcher and font configuration, the same two fonts by
@font-face, and nothing of ours around it: once with the same tags (pdf/ua-1), once without any.
CPU seconds, the least of several runs.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.reports.real_report import DATA, real_snapshot

BAR = 1.3
ROOT = Path(__file__).resolve().parents[2]
CREATED = datetime(2024, 9, 2, 3, 0, tzinfo=UTC)


def _ours(multiply: int) -> int:
    from participation.reports.print import report_pdf

    return len(report_pdf(real_snapshot(multiply=multiply), created=CREATED))


def _bare(multiply: int, variant: str | None) -> int:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    from participation.pdf.fonts import FAMILY, FILES
    from participation.pdf.templating import stylesheet
    from participation.reports.print import report_html

    html = report_html(real_snapshot(multiply=multiply))
    faces = "".join(
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight};'
        f" src: url({path.as_uri()}) }}"
        for weight, path in zip((400, 700), FILES, strict=True)
    )
    configuration = FontConfiguration()
    sheet = weasyprint.CSS(string=faces + stylesheet("pdf/report.css"), font_config=configuration)
    pdf = weasyprint.HTML(string=html).write_pdf(
        stylesheets=[sheet], font_config=configuration, pdf_variant=variant
    )
    return len(pdf)


WHAT = {
    "ours": _ours,
    "bare, tagged": lambda multiply: _bare(multiply, "pdf/ua-1"),
    "bare, untagged": lambda multiply: _bare(multiply, None),
}


def _measure_here(what: str, multiply: int) -> None:
    started = time.perf_counter()
    size = WHAT[what](multiply)
    wall = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "cpu": usage.ru_utime + usage.ru_stime,
                "wall": wall,
                "mib": usage.ru_maxrss / 1024,
                "bytes": size,
            }
        )
    )


def measure(what: str, multiply: int, repeat: int) -> dict[str, float]:
    """Return the run with the least CPU time of ``repeat``."""
    command = [sys.executable, "-m", "tests.bench.bench_pdf", "--one", what, str(multiply)]
    runs = [
        json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
        for _ in range(repeat)
    ]
    return min(runs, key=lambda run: run["cpu"])


def main() -> None:
    """Measure, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=2, metavar=("WHAT", "MULTIPLY"), help=argparse.SUPPRESS)
    parser.add_argument("--sizes", default="1,10,100")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    if options.one:
        _measure_here(options.one[0], int(options.one[1]))
        return
    if not DATA.is_dir():
        sys.exit("the city's data (../shared/data/isehara) are not on this machine")

    entries = sum(len(cell) for item in real_snapshot().items() for cell in item.cells)
    print(f"the real report: 33 items, {entries} entries, A3")
    found = {what: measure(what, 1, options.repeat) for what in WHAT}
    for what, run in found.items():
        print(f"  {what:15} {run['cpu']:7.2f} s CPU {run['mib']:6.0f} MiB {run['bytes']:9,.0f} B")
    ratios = [found["ours"]["cpu"] / found[other]["cpu"] for other in list(WHAT)[1:]]
    print("  ours / bare, tagged: {:.2f}; ours / bare, untagged: {:.2f}".format(*ratios))

    print("entries of each item repeated (time per entry; ratio to the size before it and to ×1)")
    start = before = None
    for size in map(int, options.sizes.split(",")):
        run = measure("ours", size, options.repeat if size < 10 else 1)
        each = run["cpu"] / (entries * size)
        start, before = start or each, before or each
        print(
            f"  ×{size:<4} {entries * size:7,} entries {run['cpu']:8.2f} s CPU "
            f"{each * 1000:6.2f} ms each {run['mib']:6.0f} MiB "
            f"ratio {each / before:.2f} ({each / start:.2f})"
        )
        ratios.append(each / before)
        before = each
    if max(ratios) > BAR:
        sys.exit(f"a ratio is past {BAR}")


if __name__ == "__main__":
    main()
