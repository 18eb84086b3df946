"""Gives the command line and the worker the verification and anchoring of the audit log."""

from datetime import datetime, timedelta

from flask import Flask

from participation.audit.anchors import write_anchor
from participation.audit.cli import group
from participation.core.settings import Settings
from participation.core.sweeps import Sweep
from participation.db.extension import db

_EVERY = timedelta(hours=1)


def init_app(app: Flask, settings: Settings) -> None:
    """Add the commands, and the worker's duty of writing an anchor every hour."""
    app.cli.add_command(group)

    def anchor(now: datetime) -> int:
        return write_anchor(db.session(), settings.audit_anchor_file, now=now).id

    app.extensions.setdefault("sweeps", []).append(Sweep("audit.anchor", _EVERY, anchor))
