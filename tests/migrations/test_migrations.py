"""The migrations make the schema of the models, up and down, with data, killed midway."""

import re
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from participation.audit import record
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.db import search
from participation.db.base import Base
from participation.db.engine import engine_options
from participation.db.extension import db
from participation.db.search import Corpus, Entry, is_of_the_models
from tests.factories import make_department, make_user

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
REVISIONS = sorted(path.stem.split("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def outer_parts(words: str) -> list[str]:
    """The columns and constraints of a CREATE TABLE: split at commas outside inner brackets."""
    body = words[words.index("(") + 1 : words.rindex(")")]
    depth, parts = 0, [""]
    for character in body:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def constraints(connection) -> dict[str, set[str]]:
    """Every constraint and index by table, in the database's own words."""
    if connection.dialect.name == "postgresql":
        rows = connection.execute(
            text(
                "SELECT conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)"
                " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
                " AND contype <> 'n'"
                " UNION ALL SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            )
        )
    else:
        rows = connection.execute(text("SELECT tbl_name, sql FROM sqlite_master"))
    found: dict[str, set[str]] = {}
    for table, words in rows:
        if words and not table.startswith(("alembic_", "sqlite_")):
            parts = outer_parts(words) if words.startswith("CREATE TABLE") else [words]
            for part in parts:
                plain = re.sub(r"[\s\"()]+", " ", part).strip()
                found.setdefault(table, set()).add(plain)
    return found


def test_the_schema_is_that_of_the_models(app: Flask, tmp_path: Path):
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_of_the_models}
        )
        assert compare_metadata(context, Base.metadata) == []
        migrated = constraints(connection)
        connection.rollback()
        # The same from the models, beside it: autogenerate does not look at CHECKs.
        if connection.dialect.name == "sqlite":
            url = f"sqlite:///{tmp_path / 'models.sqlite3'}"
            engine = create_engine(url, **engine_options(url))
            Base.metadata.create_all(engine)
            with engine.connect() as other:
                modelled = constraints(other)
            engine.dispose()
        else:
            Base.metadata.drop_all(connection)
            Base.metadata.create_all(connection)
            modelled = constraints(connection)
            connection.rollback()
        assert migrated == modelled


def test_down_and_up_with_data(app: Flask, session: Session):
    make_user(session, Role.CONTRIBUTOR, make_department(session))
    record(session, "test.thing.done", actor=system_actor("test"), now=clock.now(), subject="x:1")
    session.commit()
    session.remove() if hasattr(session, "remove") else session.close()
    db.session.remove()
    for revision in [*reversed(REVISIONS[:-1]), "base"]:
        flask_migrate.downgrade(revision=revision)
    with db.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    for revision in REVISIONS:
        flask_migrate.upgrade(revision=revision)
    make_user(db.session(), Role.CONTRIBUTOR, make_department(db.session()))


def test_public_documents_are_forgotten_and_opinions_are_kept(app: Flask, session: Session):
    def put() -> None:
        session.execute(
            text(
                "INSERT INTO public_document (reference, place, source, scope_id, kind,"
                " department_id, day, title, text)"
                " VALUES ('campaign:1', '', 'result:1', 1, 2, 1, '2024-05-01', 't', 't')"
            )
        )
        search.index(session, Corpus.OPINION, [Entry(1, 1, ("公園",))])
        search.index(session, Corpus.PUBLIC, [Entry(1, 1, ("公園",))])
        session.commit()
        session.close()
        db.session.remove()

    def left() -> tuple[int, ...]:
        counts = [
            search.count(session, corpus, "公園") for corpus in (Corpus.OPINION, Corpus.PUBLIC)
        ]
        rows = session.scalar(text("SELECT count(*) FROM public_document"))
        session.rollback()
        return (*counts, rows)

    put()
    assert left() == (1, 1, 1)
    flask_migrate.downgrade(revision="0010")
    assert left() == (1, 0, 0)
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO public_document (reference, place, source, scope_id,"
                " department_id, day, title, text)"
                " VALUES ('campaign:1', '', 'result:1', 1, 1, '2024-05-01', 't', 't')"
            )
        )
    search.index(session, Corpus.PUBLIC, [Entry(1, 1, ("公園",))])
    session.commit()
    assert left() == (1, 1, 1)
    flask_migrate.upgrade()
    assert left() == (1, 0, 0)
    put()
    assert left() == (1, 1, 1)


def columns() -> dict[str, set[str]]:
    """The columns of every table as they are in the database."""
    with db.engine.connect() as connection:
        look = inspect(connection)
        return {
            table: {column["name"] for column in look.get_columns(table)}
            for table in look.get_table_names()
        }


@pytest.mark.slow
@pytest.mark.parametrize("revision", REVISIONS)
def test_a_migration_stopped_midway_leaves_a_whole_version(
    app: Flask, revision: str, monkeypatch: pytest.MonkeyPatch
):
    from alembic.operations import Operations

    with app.app_context():
        flask_migrate.downgrade(revision="base")
        before = REVISIONS.index(revision)
        if before:
            flask_migrate.upgrade(revision=REVISIONS[before - 1])
        tables = columns()
        original = Operations.invoke

        def stop_after_the_first(self, operation):
            original(self, operation)
            raise SQLAlchemyError("stopped")

        monkeypatch.setattr(Operations, "invoke", stop_after_the_first)
        with pytest.raises(SQLAlchemyError, match="stopped"):
            flask_migrate.upgrade(revision=revision)
        monkeypatch.undo()
        assert columns() == tables
        flask_migrate.upgrade()


def test_they_import_nothing_of_the_package():
    for path in VERSIONS.glob("*.py"):
        imported = re.findall(r"^(?:from|import) (\w+)", path.read_text(), re.MULTILINE)
        assert "participation" not in imported


def test_the_head_file_names_the_last_one():
    # Two branches that each add a migration change this one line, and so collide in git.
    assert (VERSIONS.parent / "HEAD").read_text().strip() == REVISIONS[-1]
