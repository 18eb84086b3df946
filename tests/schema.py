"""How the tests make their tables: by the migrations, as production does."""

import flask_migrate

from participation.app import create_app
from participation.core.settings import Settings
from participation.db.extension import db


def create_schema(settings: Settings, revision: str = "head") -> None:
    """Bring the database of ``settings`` up to ``revision``."""
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade(revision=revision)
        db.session.remove()
        db.engine.dispose()  # the last connection to close folds SQLite's log into the file
