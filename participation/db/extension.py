"""Flask-SQLAlchemy, bound to our base; tables themselves never import it."""

from typing import Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession

from participation.core.settings import Settings
from participation.db.base import Base
from participation.db.engine import engine_options, prepare


class AppSession(FlaskSession):
    """A session that carries the app's outside things (keys, file store) to the services.

    Services know a session but no app; ``session.info`` brings them what the app was set up with,
    through accessors such as ``privacy.keyring(session)`` and ``files.store(session)``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.info.update(current_app.extensions["session_info"])


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": AppSession})


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the session and the engine to ``app``."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database_url)
    app.extensions["session_info"] = {}
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
