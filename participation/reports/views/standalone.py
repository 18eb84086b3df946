"""The report as one HTML file that needs nothing beside it."""

from pathlib import Path

from flask import render_template
from markupsafe import Markup

from participation.reports.contents import blocks, contents_of, without_repeats
from participation.reports.snapshot import Snapshot

_STYLES = Path(__file__).resolve().parents[2] / "static" / "css"
_SHEETS = ("tokens", "base", "layout", "report", "print")


def standalone_page(snapshot: Snapshot) -> str:
    """Return the whole report as a page with its styles inside, for a file or a mail."""
    page = {
        "frame": snapshot,
        "columns": snapshot.columns,
        "blocks": list(without_repeats(blocks(snapshot, contents_of(snapshot)))),
        "pages": 1,
    }
    styles = "\n".join((_STYLES / f"{name}.css").read_text() for name in _SHEETS)
    # Our own style sheets, the only text here that is not a value.
    return render_template("reports/standalone.html", page=page, styles=Markup(styles))  # noqa: S704
