"""``flask campaigns group-texts``: any file, no database."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from participation.app import create_app
from participation.sheets.write_xlsx import Sheet, write_xlsx
from tests.campaigns.test_grouping import LETTER, OTHERS, TEMPLATE
from tests.conftest import make_settings

ROWS = [TEMPLATE, OTHERS[0], TEMPLATE.replace("。", "。 "), "", LETTER]


@pytest.fixture
def bare_app(tmp_path: Path) -> Flask:
    """An app whose database cannot be reached."""
    return create_app(make_settings(tmp_path / "data", "postgresql+psycopg://127.0.0.1:1/none"))


def read(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding).splitlines()))


def run(app: Flask, *arguments: str):
    return app.test_cli_runner().invoke(args=["campaigns", "group-texts", *arguments])


def write_rows(path: Path, encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([["番号", "Body"], *([str(n), t] for n, t in enumerate(ROWS))])
    return path


def test_a_csv_is_grouped(bare_app: Flask, tmp_path: Path):
    source, target = write_rows(tmp_path / "意見.csv"), tmp_path / "groups.csv"
    done = run(bare_app, str(source), "--column", "body", "--output", str(target))
    assert done.exit_code == 0, done.output
    assert "4件の文のうち3件が、2件以上のまとまり1個" in done.output
    header, *rows = read(target)
    assert header == ["row", "group", "representative", "similarity"]
    # Some texts have line breaks: a row's number is that of its first line in a CSV.
    assert [row[1] for row in rows] == ["1", "2", "1", "", "1"]
    assert [row[2] for row in rows] == ["2", "3", "2", "", "2"]
    assert rows[0][3] == rows[2][3] == "1.000"
    assert rows[3] == [rows[3][0], "", "", ""]
    assert 0.9 < float(rows[4][3]) < 1


def test_a_workbook_is_grouped_and_the_threshold_counts(bare_app: Flask, tmp_path: Path):
    source, target = tmp_path / "past.xlsx", tmp_path / "groups.csv"
    sheet = Sheet("意見", ("body",), [(text,) for text in ROWS])
    source.write_bytes(write_xlsx([sheet], title="意見", created=datetime(2024, 4, 1, tzinfo=UTC)))
    arguments = (str(source), "--column", "BODY", "--output", str(target), "--encoding", "cp932")
    assert run(bare_app, *arguments).exit_code == 0
    assert [row[1] for row in read(target, "cp932")[1:]] == ["1", "2", "1", "1"]
    assert run(bare_app, *arguments, "--threshold", "1").exit_code == 0
    assert [row[1] for row in read(target, "cp932")[1:]] == ["1", "2", "1", "3"]


@pytest.mark.parametrize(
    ("content", "column", "words"),
    [
        ("番号,意見\n1,あ\n", "body", "必要な列がありません：「body」"),
        ("番号,body\n1,\n2, \n", "body", "列に文がありません"),
        ("", "body", ""),
    ],
)
def test_what_cannot_be_grouped_is_said_in_japanese(
    bare_app: Flask, tmp_path: Path, content: str, column: str, words: str
):
    source, target = tmp_path / "bad.csv", tmp_path / "groups.csv"
    source.write_text(content)
    done = run(bare_app, str(source), "--column", column, "--output", str(target))
    assert done.exit_code == 1
    assert words in done.output
    assert "Traceback" not in done.output
    assert not target.exists()


def test_wrong_arguments(bare_app: Flask, tmp_path: Path):
    source = write_rows(tmp_path / "a.csv")
    assert run(bare_app, str(source), "--output", "-").exit_code == 2
    threshold = ("--column", "body", "--output", "-", "--threshold", "0")
    assert run(bare_app, str(source), *threshold).exit_code == 2
    nowhere = str(tmp_path / "none" / "groups.csv")
    done = run(bare_app, str(source), "--column", "body", "--output", nowhere)
    assert done.exit_code == 1
    assert "書き込めません" in done.output


def test_standard_output(bare_app: Flask, tmp_path: Path):
    source = write_rows(tmp_path / "a.csv")
    done = run(bare_app, str(source), "--column", "body", "--output", "-")
    assert done.exit_code == 0
    assert "row,group,representative,similarity" in done.stdout
