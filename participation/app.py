"""The application: a list of short steps."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from participation.audit import setup as audit
from participation.core.activities import ActivitySource
from participation.core.occasions import OccasionSource
from participation.core.settings import Settings
from participation.core.sweeps import Sweep
from participation.db import extension as database
from participation.db.extension import db
from participation.features import features
from participation.files import setup as files
from participation.jobs import setup as jobs
from participation.mail import setup as mail
from participation.privacy import setup as privacy
from participation.web import (
    errors,
    gate,
    headers,
    health,
    language,
    limits,
    logs,
    row_numbers,
    sessions,
    styles,
    templating,
    transaction,
)
from participation.web.feature import Feature

ROOT = Path(__file__).resolve().parents[1]


def create_app(settings: Settings | None = None) -> Flask:
    """Return a ready application.

    Args:
        settings: what the operator decided; read from the environment when left out.

    Raises:
        SettingsError: a setting is missing or unsafe.

    """
    settings = settings or Settings.from_env()
    app = Flask(__name__, root_path=str(ROOT / "participation"), template_folder=ROOT / "templates")
    chosen = features()
    _setup_config(app, settings)
    _setup_database(app, settings)
    _setup_services(app, settings, chosen)
    _setup_web(app, settings, chosen)
    _setup_features(app, chosen)
    _setup_gate(app)
    return app


def _setup_config(app: Flask, settings: Settings) -> None:
    app.extensions["settings"] = settings
    app.config.update(
        TESTING=settings.environment == "test",
        SECRET_KEY=settings.secret_key,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_NAME="__Host-site" if settings.uses_tls else "site",
        SESSION_COOKIE_SECURE=settings.uses_tls,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        # The token lives as long as the browser's session: a form left open over lunch is sent.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.uses_tls,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
    )
    sessions.init_app(app)
    # Nothing here is a coroutine; to ask that of every hook is a sixteenth of a page from memory.
    app.ensure_sync = lambda func: func  # type: ignore[method-assign]
    hops = settings.proxy_hops
    if hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )


def _setup_database(app: Flask, settings: Settings) -> None:
    database.init_app(app, settings)
    Migrate(app, db, directory=str(ROOT / "migrations"), compare_type=True)


def _setup_services(app: Flask, settings: Settings, chosen: tuple[Feature, ...]) -> None:
    privacy.init_app(app, settings)
    files.init_app(app, settings)
    mail.init_app(app, settings)
    runners = {kind: runner for feature in chosen for kind, runner in feature.jobs.items()}
    jobs.init_app(app, settings, runners)
    audit.init_app(app, settings)


def _setup_web(app: Flask, settings: Settings, chosen: tuple[Feature, ...]) -> None:
    row_numbers.init_app(app)
    logs.init_app(app, settings)
    CSRFProtect(app)
    language.Languages(
        app, locale_selector=language.locale, default_translation_directories=_translations()
    )
    errors.init_app(app)
    transaction.init_app(app)
    headers.init_app(app, tls=settings.uses_tls)
    health.init_app(app)
    limits.init_app(app, settings)
    templating.init_app(app, chosen)
    styles.init_app(app)


def _setup_features(app: Flask, chosen: tuple[Feature, ...]) -> None:
    staff = gate.new_staff_blueprint()
    for feature in chosen:
        for blueprint in feature.staff:
            staff.register_blueprint(blueprint)
    for feature in chosen:
        for blueprint in feature.public:
            app.register_blueprint(blueprint)
        for group in feature.cli:
            app.cli.add_command(group)
        for sweep in feature.sweeps:
            _setup_sweep(app, feature.name, sweep, timedelta(minutes=10))
        for sweep in feature.every_minute:
            _setup_sweep(app, feature.name, sweep, timedelta(minutes=1))
        if feature.setup is not None:
            feature.setup(app)
    app.register_blueprint(staff)
    app.extensions["features"] = chosen
    app.extensions["activity_sources"] = _sources(chosen)
    app.extensions["occasion_sources"] = _occasions(chosen)


def _sources(chosen: tuple[Feature, ...]) -> tuple[ActivitySource, ...]:
    """Return how the features speak to the yearly report; two of one name would be mistaken."""
    sources = tuple(feature.source for feature in chosen if feature.source is not None)
    methods = [source.method for source in sources]
    if len(set(methods)) != len(methods):
        raise RuntimeError(f"two features report activities of one method: {sorted(methods)}")
    return sources


def _occasions(chosen: tuple[Feature, ...]) -> tuple[OccasionSource, ...]:
    """Return what the features tell the residents' front door; a name says whose a kind is."""
    sources = tuple(feature.occasions for feature in chosen if feature.occasions is not None)
    names = [source.name for source in sources]
    if len(set(names)) != len(names):
        raise RuntimeError(f"two features have occasions of one name: {sorted(names)}")
    return sources


def _setup_sweep(
    app: Flask, name: str, sweep: Callable[[Session, datetime], object], every: timedelta
) -> None:
    def run(now: datetime) -> int:
        sweep(db.session(), now)
        db.session.commit()
        return 0

    app.extensions.setdefault("sweeps", []).append(Sweep(name, every, run))


def _setup_gate(app: Flask) -> None:
    gate.init_app(app)
    faults = gate.check_declarations(app)
    if faults:
        raise RuntimeError("; ".join(faults))


def _translations() -> str:
    return os.fspath(ROOT / "participation" / "translations")
