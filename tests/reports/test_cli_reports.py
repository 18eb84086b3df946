"""The command group ``reports``: exit status, what goes where, and nothing half done."""

import json
from datetime import date

import pytest
from sqlalchemy import func, select

from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.reports.models import (
    Edition,
    EditionState,
    Entry,
    EntryKind,
    EntryState,
    Guideline,
    Round,
)
from participation.reports.queries import editions as queries
from participation.sheets.read import read_table
from tests.reports.world import YEAR, World, make_world, small_guideline

HEADER = "item_id,fiscal_year,kind,department,text,activity_type\r\n"


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()

    def run(*arguments: object, status: int = 0):
        result = runner.invoke(args=["reports", *map(str, arguments)])
        assert result.exit_code == status, (result.stdout, result.stderr, result.exception)
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def world(session) -> World:
    world = make_world(session)
    session.rollback()
    return world


def count(app, table) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table))


def entries_file(tmp_path, *rows, name="entries.csv"):
    path = tmp_path / name
    path.write_text(HEADER + "".join(f"{row}\r\n" for row in rows), encoding="utf-8")
    return path


# --- load-guideline ---


def test_a_guideline_is_loaded_once(run, app, tmp_path):
    path = tmp_path / "guideline.json"
    path.write_text(json.dumps(small_guideline()), encoding="utf-8")
    assert "第1版" in run("load-guideline", path, "--valid-from-year", "R2").stdout
    assert "変更はありません" in run("load-guideline", path, "--valid-from-year", 2020).stdout
    changed = small_guideline() | {"title": "新しい表題"}
    path.write_text(json.dumps(changed), encoding="utf-8-sig")
    assert "第2版" in run("load-guideline", path, "--valid-from-year", 2020).stdout
    assert count(app, Guideline) == 2


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"items": 1}']
)
def test_a_file_that_is_no_guideline(run, app, tmp_path, content):
    path = tmp_path / "guideline.json"
    path.write_bytes(content)
    result = run("load-guideline", path, status=1)
    assert str(path) in result.stderr
    assert result.stdout == ""
    assert count(app, Guideline) == 0


# --- load-entries ---


def test_entries_are_confirmed_unless_said_otherwise(run, app, tmp_path, world):
    path = entries_file(tmp_path, "1-1,R5,result,経営企画課,一,survey")
    assert "1行のうち1件" in run("load-entries", path).stdout
    other = entries_file(tmp_path, "1-1,R5,result,経営企画課,二,", name="2.csv")
    run("load-entries", other, "--state", "draft")
    with app.app_context():
        found = dict(db.session.execute(select(Entry.text, Entry.state)).all())
    assert found == {"一": EntryState.CONFIRMED, "二": EntryState.DRAFT}


def test_unknown_departments_are_all_listed(run, app, tmp_path, world):
    path = entries_file(
        tmp_path,
        "1-1,R5,result,まぼろし課,一,",
        "1-1,R5,result,経営企画課,二,",
        "1-1,R4,result,ゆめ課,三,",
    )
    result = run("load-entries", path, status=1)
    assert "まぼろし課、ゆめ課" in result.stderr
    assert "2行目「department」" in result.stderr
    assert result.stdout == ""
    assert count(app, Entry) == 0
    assert "3件を取り込みました" in run("load-entries", path, "--create-departments").stdout


def test_a_bad_row_stops_all_and_is_named(run, app, tmp_path, world):
    path = entries_file(tmp_path, "1-1,R5,result,経営企画課,一,", "9-9,R5,結果,経営企画課,,")
    result = run("load-entries", path, "--create-departments", status=1)
    assert "取り込めない行が1行" in result.stderr
    assert "3行目「item_id」（9-9）：この番号の項目は指針にありません。" in result.stderr
    assert "3行目「kind」（結果）" in result.stderr
    assert "3行目「text」" in result.stderr
    assert count(app, Entry) == 0


def test_many_bad_rows_do_not_flood_the_terminal(run, tmp_path, world):
    path = entries_file(tmp_path, *["9-9,R5,result,経営企画課,x,"] * 300)
    result = run("load-entries", path, status=1)
    assert "取り込めない行が300行" in result.stderr
    assert "ほか200件" in result.stderr
    assert len(result.stderr.splitlines()) == 102


@pytest.mark.parametrize(
    "arguments",
    [
        ("load-entries", "missing.csv"),
        ("load-guideline", "missing.json"),
        ("load-entries",),
        ("load-entries", "wsgi.py", "--state", "published"),
        ("build", "--output", "x.pdf"),
        ("build", "--year", "いつか", "--output", "x.pdf"),
        ("build", "--year", "2024", "--output", "x.pdf", "--columns", "2023"),
        ("build", "--year", "2024", "--output", "x.pdf", "--columns", "result:ＸＸ"),
        ("build", "--year", "2024", "--output", "x.pdf", "--paper", "B5"),
        ("build", "--year", "2024", "--output", "x.pdf", "--format", "docx"),
        ("build", "--year", "2024", "--output", "x.csv", "--encoding", "sjis"),
        ("unknown",),
    ],
)
def test_wrong_arguments_end_with_2(run, arguments):
    assert run(*arguments, status=2).stderr


# --- open-round ---


def test_a_round_is_opened_once(run, app, world):
    opened = run("open-round", "--year", "R7", "--due-on", "2099-05-31")
    assert "令和7年度の照会を開始しました" in opened.stdout
    with app.app_context():
        found = db.session.scalars(select(Round).where(Round.fiscal_year == 2025)).one()
        assert found.due_on == date(2099, 5, 31)
        db.session.rollback()
    assert run("open-round", "--year", "R7", status=1).stderr
    run("open-round", "--year", "R8", "--due-on", "そのうち", status=2)


# --- build ---


def test_without_a_guideline_there_is_nothing_to_build(run, tmp_path):
    output = tmp_path / "report.pdf"
    result = run("build", "--year", 2024, "--output", output, status=1)
    assert "指針" in result.stderr
    assert not output.exists()


@pytest.mark.parametrize("form", ["html", "xlsx", "csv"])
def test_build_writes_the_file_and_says_so_on_stderr(run, tmp_path, world, form):
    world.old_entry("実績。", kind=EntryKind.RESULT)
    world.old_entry("まだ。", kind=EntryKind.RESULT, state=EntryState.SUBMITTED)
    world.session.rollback()
    output = tmp_path / f"report.{form}"
    result = run("build", "--year", YEAR, "--output", output, "--format", form)
    assert result.stdout == ""
    assert "確認前の記載は載せていません（課内確認1件）" in result.stderr
    assert "項目4件、記載1件" in result.stderr
    assert output.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.glob(".report*")) == []
    if form != "html":
        rows = [cells for _, cells in read_table(output, filename="x").rows]
        assert [cells[-1] for cells in rows if cells[-1]] == ["実績。"]


def test_build_to_stdout(run, world):
    world.old_entry("実績。", kind=EntryKind.RESULT)
    world.session.rollback()
    result = run("build", "--year", YEAR, "--output", "-", "--format", "csv")
    assert result.stdout_bytes.startswith(b"\xef\xbb\xbf")
    assert "実績。" in result.stdout_bytes.decode("utf-8-sig")


def test_lost_characters_are_told(run, tmp_path, world):
    world.old_entry("𠮷と😀", kind=EntryKind.RESULT)
    world.session.rollback()
    output = tmp_path / "report.csv"
    result = run(
        "build", "--year", YEAR, "--output", output, "--format", "csv", "--encoding", "cp932"
    )
    assert "😀、𠮷" in result.stderr
    assert "〓と〓" in output.read_text("cp932")
    result = run("build", "--year", YEAR, "--output", tmp_path / "report.pdf")
    assert "😀（U+1F600）" in result.stderr


def test_an_existing_file_survives_a_failure(run, tmp_path, world, monkeypatch):
    output = tmp_path / "report.csv"
    output.write_text("前の版")

    def fail(*_arguments, **_more):
        raise InvalidInput("書けません。")

    monkeypatch.setattr("participation.reports.cli.export.report_csv", fail)
    result = run("build", "--year", YEAR, "--output", output, "--format", "csv", status=1)
    assert "書けません。" in result.stderr
    assert output.read_text() == "前の版"


def test_a_folder_that_is_not_there(run, tmp_path, world):
    output = tmp_path / "missing" / "report.csv"
    run("build", "--year", YEAR, "--output", output, "--format", "csv", status=1)


def test_too_many_columns(run, tmp_path, world):
    columns = ",".join(f"result:{year}" for year in range(2018, 2024))
    result = run(
        "build", "--year", YEAR, "--output", tmp_path / "x.pdf", "--columns", columns, status=1
    )
    assert "4つまで" in result.stderr


# --- publish, export-entries ---


@pytest.mark.slow
def test_publish_in_one_go_and_a_correction_with_its_reason(run, app, world):
    world.old_entry("実績。", kind=EntryKind.RESULT)
    world.session.rollback()
    result = run("publish", "--year", YEAR, "--paper", "A4", "--columns", "result:R5")
    assert "第1版を公開しました" in result.stdout
    with app.app_context():
        edition = queries.latest_published(db.session(), YEAR)
        assert (edition.paper, edition.columns) == ("A4", [["result", 2023]])
        assert edition.pdf_sha256 in result.stdout
    refused = run("publish", "--year", YEAR, status=1)
    assert "訂正の理由" in refused.stderr
    assert "第2版" in run("publish", "--year", YEAR, "--correction", "誤りのため").stdout


def test_a_build_that_fails_publishes_nothing(run, app, world, monkeypatch):
    from participation.reports import jobs

    def fail(*_arguments, **_more):
        raise InvalidInput("作れません。")

    monkeypatch.setattr(jobs, "make_files", fail)
    assert "作れません。" in run("publish", "--year", YEAR, status=1).stderr
    with app.app_context():
        assert db.session.scalars(select(Edition)).one().state is not EditionState.PUBLISHED


def test_export_entries(run, tmp_path, world):
    world.old_entry("実績。", kind=EntryKind.RESULT)
    world.old_entry("入力中。", kind=EntryKind.RESULT, state=EntryState.DRAFT)
    world.old_entry("古い。", kind=EntryKind.RESULT, year=2019)
    world.session.rollback()
    output = tmp_path / "entries.xlsx"
    run("export-entries", "--output", output, "--year", "R5", "--state", "confirmed")
    rows = [cells for _, cells in read_table(output, filename="x").rows]
    assert [cells[6] for cells in rows] == ["実績。"]
    run("export-entries", "--output", output)
    assert len([1 for _ in read_table(output, filename="x").rows]) == 3
