"""Gives the worker the duty of sending what waits in the outbox, and mails the site's address."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Flask

from participation.core.settings import Settings
from participation.core.sweeps import Sweep
from participation.db.extension import db
from participation.mail.delivery import deliver_waiting
from participation.mail.transport import Transport

_EVERY = timedelta(seconds=10)


def init_app(app: Flask, settings: Settings) -> None:
    """Set up the transport that MAIL_URL names.

    Raises:
        SettingsError: it is of no known kind.

    """
    app.extensions["session_info"]["site_url"] = settings.base_url
    host = urlsplit(settings.base_url).hostname or "localhost"
    transport = Transport(settings.mail_url, sender=settings.mail_sender, host=host)

    def deliver(now: datetime) -> int:
        return deliver_waiting(db.session(), transport, now=now)

    app.extensions.setdefault("sweeps", []).append(Sweep("mail.delivery", _EVERY, deliver))
