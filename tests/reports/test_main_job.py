"""The main job from a shell: the city's guideline and entries in, the printed report out."""

import csv
import io
import json
import re

import pypdfium2
import pytest
from sqlalchemy import func, select

from participation.core import clock
from participation.db.extension import db
from participation.reports.models import Entry, EntryKind
from participation.reports.queries.entries import LIVE
from participation.reports.queries.report import build_snapshot, default_columns
from participation.sheets.read import read_table
from tests.pdf.reading import read_tree
from tests.reports.real_report import DATA
from tests.reports.test_print import assert_everything_in_place

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the city's data (../shared/data/isehara) are not on this machine"
)


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def rows_of(path) -> list[dict[str, str]]:
    table = read_table(path.read_bytes(), filename=path.name)
    return [dict(zip(table.header, cells, strict=True)) for _, cells in table.rows]


@pytest.fixture
def source() -> list[dict[str, str]]:
    with (DATA / "entries.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def run(app):
    """Run a command as a shell would; fail unless it ends with ``status``."""
    runner = app.test_cli_runner()

    def run(*arguments: str, status: int = 0):
        result = runner.invoke(args=["reports", *map(str, arguments)])
        assert result.exit_code == status, (result.output, result.stderr, result.exception)
        return result

    return run


@pytest.fixture
def loaded(run):
    run("load-guideline", DATA / "guideline.json", "--valid-from-year", "2005")
    run("load-entries", DATA / "entries.csv", "--create-departments")
    return run


def everything(app) -> list[tuple]:
    """All living entries with what an import could change."""
    with app.app_context():
        return list(
            db.session.execute(
                select(
                    Entry.id,
                    Entry.text,
                    Entry.version,
                    Entry.state,
                    Entry.position,
                    Entry.updated_at,
                )
                .where(Entry.state.in_(LIVE))
                .order_by(Entry.id)
            )
        )


@pytest.mark.slow
def test_guideline_and_entries_come_out_as_the_pdf(loaded, app, tmp_path, source):
    output = tmp_path / "report.pdf"
    loaded("build", "--year", "2024", "--output", output)
    pdf = output.read_bytes()
    with pypdfium2.PdfDocument(pdf) as document:
        pages = "".join(page.get_textpage().get_text_range() for page in document)
    assert len(source) == 126
    tree = read_tree(pdf)
    paragraphs = [squeeze(element.text) for element in tree.find("P")]
    for row in source:
        assert squeeze(f"●{row['text']}（{row['department']}）") in paragraphs
        # and with the eyes: lines are broken by columns, so a beginning must do
        assert squeeze(row["text"])[:12] in squeeze(pages)
    departments = {row["department"] for row in source}
    assert len(departments) == 22
    assert all(f"（{name}）" in squeeze(pages) for name in departments)
    items = json.loads((DATA / "guideline.json").read_text())["items"]
    assert len(items) == 33
    assert all(squeeze(f"○{item['name']}") in squeeze(pages) for item in items)
    with app.app_context():
        snapshot = build_snapshot(db.session(), 2024, default_columns(2024), now=clock.now())
    assert_everything_in_place(snapshot, tree)


@pytest.mark.slow
def test_the_same_data_give_the_same_bytes(loaded, tmp_path):
    one, other = tmp_path / "1.pdf", tmp_path / "2.pdf"
    for path in (one, other):
        loaded("build", "--year", "R6", "--output", path, "--paper", "A4")
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", ["report.xlsx", "report.csv", "report-cp932.csv"])
def test_the_spreadsheets_carry_the_same_statements(loaded, tmp_path, source, name):
    output = tmp_path / name
    encoding = "cp932" if "cp932" in name else "utf-8-sig"
    loaded(
        "build",
        "--year",
        "2024",
        "--output",
        output,
        "--format",
        output.suffix[1:],
        "--encoding",
        encoding,
    )
    rows = rows_of(output)
    assert len({row["項目番号"] for row in rows}) == 33
    told = {
        (
            row["項目番号"],
            row["年度（西暦）"],
            row["実績・予定"],
            row["担当課"],
            row["内容"].replace("～", "〜") if encoding == "cp932" else row["内容"],
        )
        for row in rows
        if row["内容"]
    }
    expected = {
        (
            row["item_id"],
            str(2018 + int(row["fiscal_year"][1:])),
            {"result": "実績", "plan": "予定"}[row["kind"]],
            row["department"],
            row["text"].replace("～", "〜") if encoding == "cp932" else row["text"],
        )
        for row in source
    }
    assert told == expected


def test_the_page_as_a_file_carries_the_same_statements(loaded, tmp_path, source):
    output = tmp_path / "report.html"
    loaded("build", "--year", "2024", "--output", output, "--format", "html")
    page = output.read_text()
    for row in source:
        assert row["text"] in page
        assert f"（{row['department']}）" in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize("form", ["xlsx", "csv", "cp932", "report.xlsx", "report.csv"])
def test_importing_an_export_changes_nothing(loaded, app, tmp_path, form):
    before = everything(app)
    output = tmp_path / f"export.{form.rpartition('.')[2].replace('cp932', 'csv')}"
    if form.startswith("report"):
        loaded("build", "--year", "2024", "--output", output, "--format", output.suffix[1:])
    else:
        encoding = "cp932" if form == "cp932" else "utf-8-sig"
        loaded(
            "export-entries",
            "--output",
            output,
            "--format",
            output.suffix[1:],
            "--encoding",
            encoding,
        )
    result = loaded("load-entries", output)
    assert "126行のうち0件" in result.output
    assert everything(app) == before


def test_loading_twice_changes_nothing(loaded, app):
    before = everything(app)
    result = loaded("load-entries", DATA / "entries.csv", "--create-departments")
    assert "126行のうち0件" in result.output
    assert (
        "変更はありません"
        in loaded("load-guideline", DATA / "guideline.json", "--valid-from-year", "2005").output
    )
    assert everything(app) == before


def test_the_columns_can_be_chosen(loaded, app, tmp_path):
    output = tmp_path / "report.csv"
    loaded("build", "--year", "2024", "--output", output, "--format", "csv", "--columns", "plan:R6")
    with app.app_context():
        plans = db.session.scalar(
            select(func.count()).select_from(Entry).where(Entry.kind == EntryKind.PLAN)
        )
    rows = list(csv.DictReader(io.StringIO(output.read_text("utf-8-sig"))))
    assert {row["実績・予定"] for row in rows if row["内容"]} == {"予定"}
    assert sum(bool(row["内容"]) for row in rows) == plans == 63
