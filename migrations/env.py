"""Runs the migrations on the app's engine, each in a transaction of its own."""

from alembic import context
from flask import current_app

from participation.db.search import is_of_the_models

migrate = current_app.extensions["migrate"]


def run() -> None:
    """Migrate; both engines roll a half-done step back, so a kill leaves a whole version."""
    engine = migrate.db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=migrate.db.metadata,
            transaction_per_migration=True,
            # Alembic believes that SQLite cannot; it can, since we say BEGIN ourselves.
            transactional_ddl=True,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            include_name=is_of_the_models,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
