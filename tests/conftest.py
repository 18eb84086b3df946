"""Fixtures: both databases, an app on each, a client that lints every page it opens."""

import contextvars
import fcntl
import gc
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from participation.accounts import passwords
from participation.app import create_app
from participation.core.settings import Settings
from participation.db.engine import reading
from participation.db.extension import db
from tests.databases import Databases, keep_connections, use_kept_connections
from tests.lint import lint_page
from tests.postgres import Server
from tests.schema import create_schema

_NOBODY = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("nobody")
DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))
_servers: list[Server] = []
PLENTY = 4 * 1024**3
MOST_LETTERS_OF_A_NAME = 100


# How long an example takes is the machine's affair: it may have much else to do. Examples share the
# fixtures of their test; each arranges what it needs. ./check --fast looks at fewer of them.
hypothesis.settings.register_profile(
    "whole",
    deadline=None,
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.function_scoped_fixture,
    ],
)
hypothesis.settings.register_profile(
    "fast", hypothesis.settings.get_profile("whole"), max_examples=15
)
hypothesis.settings.load_profile("fast" if os.environ.get("CHECK_FAST") else "whole")

# Every test makes its own app, and reading two hundred addresses is most of that work. What comes
# out depends on the rule, its defaults and the converters alone, so it is kept.
_compile_rule = Rule.compile
_compiled_rules: dict[tuple[Any, ...], dict[str, Any]] = {}


def _compile_rule_once(rule: Rule) -> None:
    assert rule.map is not None
    key = (
        rule.rule,
        rule.subdomain,
        rule.host,
        rule.merge_slashes,
        repr(rule.defaults),
        frozenset(rule.map.converters.items()),
    )
    kept = _compiled_rules.get(key)
    if kept is None:
        before = set(rule.arguments)
        _compile_rule(rule)
        _compiled_rules[key] = {
            "parts": rule._parts,
            "trace": rule._trace,
            "converters": rule._converters,
            "arguments": rule.arguments - before,
            "build": rule._build.__func__,
            "build_unknown": rule._build_unknown.__func__,
        }
        return
    rule._parts = kept["parts"]
    rule._trace = kept["trace"]
    rule._converters = kept["converters"]
    rule.arguments |= kept["arguments"]
    rule._build = kept["build"].__get__(rule, None)
    rule._build_unknown = kept["build_unknown"].__get__(rule, None)


Rule.compile = _compile_rule_once


# Every app has its own engine, and an engine compiles each statement anew. What comes out depends
# on the kind of database alone, so all engines of a kind share one dialect and its statements.
_statements: dict[str, tuple[Dialect, LRUCache]] = {}


def share_statements(engine: Engine) -> None:
    """Let ``engine`` use what earlier engines of its kind have compiled."""
    kind = engine.dialect.name
    if kind not in _statements:
        with engine.connect():  # it learns the version of the server
            pass
        _statements[kind] = (engine.dialect, LRUCache(5_000))
    engine.dialect, engine._compiled_cache = _statements[kind]


_apps = Counter[str]()


def pytest_configure(config: pytest.Config) -> None:
    # Every commit of SQLite waits for the disk, and every test makes a key file. What is tested
    # are programs that die, not disks that do: memory serves, where there is plenty.
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > PLENTY:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", os.fspath(memory))
    # One PostgreSQL for the whole run: the first process starts it, xdist's workers inherit it.
    if not hasattr(config, "workerinput") and "TEST_POSTGRES_URL" not in os.environ:
        _servers.append(Server())
        os.environ["TEST_POSTGRES_URL"] = _servers[0].url("{}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    # xdist's own groups are lost: it writes them into names that pytest 9.2 keeps elsewhere.
    if config.getvalue("dist") != "loadgroup":
        return None
    from tests.processes import OneBrowser

    return OneBrowser(config, log)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    # Every process of xdist has to call a test by the same name: a file may hold the moment it was
    # made, and a text may be a whole document.
    if isinstance(val, bytes) or (isinstance(val, str) and len(val) > MOST_LETTERS_OF_A_NAME):
        return argname
    return None


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def freeze_what_stays() -> None:
    """Have Python not look for garbage in what stays to the end, time and again.

    Modules, tests, and with the first tests the statements, templates and fonts that are kept.
    """
    _apps["left"] += 1
    if _apps["left"] in {3, 20, 100, 400}:
        gc.collect()
        gc.freeze()


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
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of this run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let the other processes of this run wait: what is made in ``folder`` is made once."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def sqlite_template(shared_folder: Path) -> Path:
    path = shared_folder / "template.sqlite3"
    with only_one(shared_folder):
        if not path.exists():
            making = shared_folder / "making.sqlite3"
            create_schema(make_settings(shared_folder, f"sqlite:///{making}"))
            making.rename(path)
    return path


@pytest.fixture(scope="session")
def postgres_databases(shared_folder: Path) -> Iterator[Databases]:
    made = shared_folder / "template-pg"  # holds its name
    with only_one(shared_folder):
        if not made.exists():
            template = f"template_{uuid.uuid4().hex[:12]}"
            with psycopg.connect(_postgres("postgres"), autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{template}"')
            create_schema(make_settings(shared_folder, _postgres(template)))
            made.write_text(template)
    databases = Databases(_postgres, made.read_text())
    yield databases
    databases.close()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database with the whole schema, once on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    databases: Databases = request.getfixturevalue("postgres_databases")
    yield databases.take()
    databases.give_back()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return make_settings(tmp_path / "data", database_url)


@pytest.fixture(scope="session")
def compiled_templates(shared_folder: Path) -> FileSystemBytecodeCache:
    """Every test has its own app; the templates are compiled once for all of them."""
    folder = shared_folder / "templates"
    folder.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


@pytest.fixture
def app(settings: Settings, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    # A test before may have left the process as a request that only reads leaves it.
    reading.set(False)
    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled_templates
    app.test_client_class = LintingClient
    with app.app_context():
        use_kept_connections(db.engine, settings.database_url)
        share_statements(db.engine)
    yield app
    with app.app_context():
        db.session.remove()
        keep_connections(db.engine, settings.database_url)
    freeze_what_stays()


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
