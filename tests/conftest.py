"""Fixtures: both databases, an app on each, a client that lints every page it opens."""

import contextvars
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from participation.accounts import passwords
from participation.app import create_app
from participation.core.settings import Settings
from participation.db.extension import db
from tests.lint import lint_page
from tests.postgres import Server
from tests.schema import create_schema

_NOBODY = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("nobody")
DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))
_servers: list[Server] = []


# ./check --fast looks at fewer examples; the whole ./check at all of them.
hypothesis.settings.register_profile("fast", max_examples=15)
if os.environ.get("CHECK_FAST"):
    hypothesis.settings.load_profile("fast")

# Every test makes its own app, and compiling a hundred addresses is most of that work. What comes
# out depends on the rule alone (its function takes the rule as an argument), so it is kept.
_compile_builder = Rule._compile_builder
_builders: dict[tuple[Any, ...], Any] = {}


def _compile_builder_once(rule: Rule, append_unknown: bool = True) -> Any:
    key = (rule.rule, rule.subdomain, rule.host, repr(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


Rule._compile_builder = _compile_builder_once


def pytest_configure(config: pytest.Config) -> None:
    # One PostgreSQL for the whole run: the first process starts it, xdist's workers inherit it.
    if not hasattr(config, "workerinput") and "TEST_POSTGRES_URL" not in os.environ:
        _servers.append(Server())
        os.environ["TEST_POSTGRES_URL"] = _servers[0].url("{}")


def pytest_unconfigure(config: pytest.Config) -> None:
    for server in _servers:
        server.stop()


def _postgres(database: str) -> str:
    return os.environ["TEST_POSTGRES_URL"].format(database)


def make_settings(folder: Path, database_url: str = "", **more: str) -> Settings:
    """Settings of a test: everything below ``folder``."""
    return Settings.from_env(
        {
            "PARTICIPATION_ENV": "test",
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "SECRET_KEY": "t" * 40,
            "BASE_URL": "http://localhost",
            "JOBS_URL": "memory://",
            **more,
        }
    )


@pytest.fixture(autouse=True)
def cheap_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with next to no work: the tests sign in hundreds of times."""
    if request.node.get_closest_marker("real_hashing") is None:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        monkeypatch.setattr(passwords, "_HASHER", cheap)
        monkeypatch.setattr(passwords, "_NOBODY", _NOBODY)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    path = folder / "template.sqlite3"
    create_schema(make_settings(folder, f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> str:
    name = f"template_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(_postgres("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    create_schema(make_settings(tmp_path_factory.mktemp("template-pg"), _postgres(name)))
    return name


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database with the whole schema, once on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgres_template")
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(_postgres("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _postgres(name)
    with psycopg.connect(_postgres("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return make_settings(tmp_path / "data", database_url)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Every test has its own app; the templates are compiled once for all of them."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled_templates
    app.test_client_class = LintingClient
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session for arranging and for services; what a client does is seen after a commit here."""
    with app.app_context():
        yield db.session()
        db.session.remove()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


class LintingClient(FlaskClient):
    """Every page that a test opens is also linted."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        # The arranging session must neither hold SQLite's lock meanwhile nor remember afterwards
        # what the request changed.
        if has_app_context():
            db.session.rollback()
        # In an empty context, so that the request gets an app context and a session of its own,
        # as it has in production, although the fixture ``session`` holds one open.
        response = contextvars.Context().run(super().open, *args, **kwargs)
        response.get_data()  # read to the end, so that a file behind it is closed
        response.close()
        if response.mimetype == "text/html" and response.data:
            lint_page(response.get_data(as_text=True))
        assert "Content-Security-Policy" in response.headers
        return response


@pytest.fixture
def queries(app: Flask) -> Iterator[list[str]]:
    """The statements sent to the database while the test runs; ``queries.clear()`` starts anew."""
    statements: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
