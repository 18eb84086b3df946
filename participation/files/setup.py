"""Gives the app's sessions their object store, and the worker its sweep."""

from datetime import datetime, timedelta

from flask import Flask

from participation.core.settings import Settings
from participation.core.sweeps import Sweep
from participation.db.extension import db
from participation.files.objects import ObjectStore
from participation.files.services import sweep_abandoned, sweep_orphans


def init_app(app: Flask, settings: Settings) -> None:
    """Open the object store.

    Raises:
        SettingsError: FILES_URL is of no known kind.

    """
    app.extensions["session_info"]["object_store"] = ObjectStore(settings.files_url)
    app.extensions.setdefault("sweeps", []).extend(
        [
            Sweep("files.abandoned", timedelta(days=1), _sweep_abandoned),
            Sweep("files.orphans", timedelta(days=1), _sweep_orphans),
        ]
    )


def _sweep_abandoned(now: datetime) -> int:
    swept = sweep_abandoned(db.session(), now=now)
    db.session.commit()
    return swept


def _sweep_orphans(now: datetime) -> int:
    return sweep_orphans(db.session(), now=now)
