"""What the tests save time with hides nothing: reused databases are fresh, known pages sound."""

import psycopg
import pytest

from tests import lint
from tests.processes import OneBrowser

PAGE = """<!DOCTYPE html><html lang="ja"><head><title>市民参加</title></head><body><h1>{title}</h1>
<form method="post" action="/"><input type="hidden" name="csrf_token" value="{token}">
<p><label for="name">名</label> <input id="name" name="name" value="{name}"{more}></p></form>
<table><tr>{table}<td><a href="/{name}">開く</a></td></tr></table></body></html>"""
SOUND = {"title": "案", "token": "a.b", "name": "伊勢", "more": "", "table": ""}


@pytest.fixture
def parsed(monkeypatch):
    """The pages that were really read."""
    pages, original = [], lint._lint
    monkeypatch.setattr(lint, "_sound", set())
    monkeypatch.setattr(lint, "_lint", lambda text: (original(text), pages.append(text)))
    return pages


def test_a_page_of_other_words_is_not_read_again(parsed):
    lint.lint_page(PAGE.format(**SOUND))
    lint.lint_page(PAGE.format(title="別の案", token="c-d", name="x1", more="", table=" "))
    assert len(parsed) == 2  # a blank where there was nothing
    lint.lint_page(PAGE.format(title="第三", token="e", name="", more="", table="\n  "))
    assert len(parsed) == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"title": "案</h1><h1>案"},
        {"title": "案 & & <案"},
        {"title": "鐘\x07"},
        {"more": " id=x"},
        {"more": ' style="color:red"'},
        {"more": ' onclick="x"'},
        {"table": "<p>語"},
        {"name": '" id="name'},
        {"table": '<td><input name="b"></td>'},
        {"table": '<td id="name"></td>'},
        {"table": "<td><script>1</script></td>"},
    ],
)
def test_a_fault_is_found_on_a_page_like_one_that_was_sound(parsed, fault):
    lint.lint_page(PAGE.format(**SOUND))
    with pytest.raises(AssertionError):
        lint.lint_page(PAGE.format(**{**SOUND, **fault}))


ONE_DEPARTMENT = """
INSERT INTO department (code, telephone, fax, email, position) VALUES ('a', '', '', '', 0)
RETURNING id
"""


@pytest.mark.postgresql
def test_a_database_that_was_filled_is_empty_and_counts_from_one_again(postgres_databases):
    used = []
    for _ in range(2):
        url = postgres_databases.take()
        used.append(url)
        connection = psycopg.connect(url)  # one that its test forgot
        assert connection.execute("SELECT count(*) FROM department").fetchone() == (0,)
        assert connection.execute(ONE_DEPARTMENT).fetchone() == (1,)
        connection.commit()
        connection.execute("LOCK TABLE department")
        postgres_databases.give_back()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert used[0] == used[1]


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE department ADD COLUMN more integer",
        "ALTER TABLE department DISABLE TRIGGER ALL",
        "ALTER TABLE department ALTER COLUMN code DROP NOT NULL",
        "CREATE TABLE more (id integer)",
        "CREATE INDEX ON department (position)",
        "CREATE FUNCTION more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "GRANT SELECT ON department TO PUBLIC",
        "DELETE FROM alembic_version",
        "DROP TABLE department_period",
    ],
)
def test_a_database_of_another_schema_is_thrown_away(postgres_databases, change):
    url = postgres_databases.take()
    with psycopg.connect(url) as connection:
        connection.execute(change)
    postgres_databases.give_back()
    assert postgres_databases.take() != url


def test_one_process_runs_all_tests_of_the_browser(request):
    scheduling = OneBrowser.__new__(OneBrowser)
    names = ["tests/browser/test_a.py::test[one]", "tests/browser/test_b.py::test"]
    assert len({scheduling._split_scope(name) for name in names}) == 1
    others = [request.node.nodeid, "tests/web/test_a.py::test[one]", *names]
    assert len({scheduling._split_scope(name) for name in others}) == 3
