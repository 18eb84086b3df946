"""The command group ``reports``: the whole yearly job from a shell script or cron.

Exit status: 0 done, 1 refused (the reason is on standard error, nothing was changed), 2 wrong
arguments. Only what was asked for goes to standard output.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from participation.core import clock, fiscal_year
from participation.core.actors import system_actor
from participation.core.errors import DomainError, InvalidInput
from participation.db.extension import db
from participation.jobs.models import Job, JobState
from participation.jobs.worker import run_pending
from participation.pdf.errors import RenderError
from participation.reports import export, labels
from participation.reports.arguments import Columns, FiscalYear
from participation.reports.models import EntryState
from participation.reports.print import Paper, replaced_characters, report_pdf
from participation.reports.queries import exports as export_queries
from participation.reports.queries import report
from participation.reports.queries.entries import LIVE, Column
from participation.reports.services import editions, entry_import, rounds
from participation.reports.services.guideline_import import load_guideline, same_in_force
from participation.reports.snapshot import Snapshot
from participation.reports.views.standalone import standalone_page
from participation.sheets.checking import ImportRefused

group = AppGroup("reports", help="指針と年次報告")

_SHOWN_PROBLEMS = 100
_INPUT_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


_YEAR = FiscalYear()
_year_option = click.option(
    "--year", required=True, type=_YEAR, help="予定の欄の年度（2024、R6 など）"
)
_columns_option = click.option(
    "--columns",
    type=Columns(),
    help="載せる欄。既定は result:n-2,result:n-1,plan:n",
)
_paper_option = click.option(
    "--paper", type=click.Choice(["A3", "A4"]), default="A3", show_default=True, help="用紙（横）"
)
_encoding_option = click.option(
    "--encoding",
    type=click.Choice(["utf-8-sig", "cp932"]),
    default="utf-8-sig",
    show_default=True,
    help="CSVの文字コード",
)


@group.command("load-guideline")
@click.argument("file", type=_INPUT_FILE)
@click.option("--valid-from-year", type=_YEAR, help="この版が効力を持つ最初の年度（既定は今年度）")
def load_guideline_file(file: Path, valid_from_year: int | None) -> None:
    """Load the guideline in FILE (JSON). The same words again change nothing."""
    session, now = db.session(), clock.now()
    with _refusals(f"{file}: "):
        data = _read_json(file)
        if same_in_force(session, data, now=now, valid_from_year=valid_from_year) is not None:
            click.echo("指針に変更はありません。")
            return
        guideline = load_guideline(
            session,
            data,
            actor=system_actor("reports load-guideline"),
            now=now,
            valid_from_year=valid_from_year,
        )
        done = f"指針の第{guideline.number}版を読み込みました（項目{len(guideline.items)}件）。"
        session.commit()
    click.echo(done)


@group.command("load-entries")
@click.argument("file", type=_INPUT_FILE)
@click.option("--create-departments", is_flag=True, help="登録されていない課を作る")
@click.option(
    "--state",
    type=click.Choice(["confirmed", "draft"]),
    default="confirmed",
    show_default=True,
    help="取り込んだ記載の状態",
)
def load_entries(file: Path, *, create_departments: bool, state: str) -> None:
    """Load the entries in FILE (CSV or XLSX), all or none. Known ones are passed over."""
    session = db.session()
    with _refusals(f"{file}: "):
        batch = entry_import.import_file(
            session,
            file.read_bytes(),
            filename=file.name,
            entry_state=EntryState(state),
            create_departments=create_departments,
            actor=system_actor("reports load-entries"),
            now=clock.now(),
        )
        for note in batch.notes:
            click.echo(note, err=True)
        done = (
            f"{batch.total_rows:,}行のうち{batch.new_rows:,}件を取り込みました"
            f"（すでにあった記載{batch.known_rows:,}件）。"
        )
        session.commit()
    click.echo(done)


@group.command("build")
@_year_option
@click.option("--output", required=True, type=click.Path(dir_okay=False, allow_dash=True))
@_columns_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["pdf", "html", "xlsx", "csv"]),
    default="pdf",
    show_default=True,
    help="形式",
)
@_paper_option
@_encoding_option
def build(
    *, year: int, output: str, columns: list[Column] | None, form: str, paper: Paper, encoding: str
) -> None:
    """Write the report of --year, made from the confirmed entries, to --output (- is stdout)."""
    session = db.session()
    chosen = columns or report.default_columns(year)
    with _refusals():
        editions.check_columns(chosen)
        snapshot = report.build_snapshot(session, year, chosen, now=clock.now())
        created = report.data_moment(session, year, chosen)
        _tell_what_is_left_out(chosen)
        session.rollback()
        make: dict[str, Callable[[], bytes]] = {
            "pdf": lambda: _pdf(snapshot, paper, created),
            "html": lambda: standalone_page(snapshot).encode(),
            "xlsx": lambda: export.report_xlsx(snapshot, created=created),
            "csv": lambda: _csv(snapshot, encoding),
        }
        data = make[form]()
        _write(output, data)
    statements = sum(len(cell) for item in snapshot.items() for cell in item.cells)
    items = sum(1 for _ in snapshot.items())
    click.echo(f"{output}: 項目{items}件、記載{statements:,}件、{len(data):,}バイト", err=True)


@group.command("open-round")
@_year_option
@click.option("--due-on", type=click.DateTime(["%Y-%m-%d"]), help="回答期限（2026-05-20 など）")
def open_round(*, year: int, due_on: datetime | None) -> None:
    """Open the round of --year: departments may write its results and plans."""
    with _refusals():
        rounds.open_round(
            db.session(),
            year=year,
            due_on=due_on.date() if due_on else None,
            actor=system_actor("reports open-round"),
            now=clock.now(),
        )
        db.session.commit()
        click.echo(f"{fiscal_year.label(year)}の照会を開始しました。")


@group.command("publish")
@_year_option
@_columns_option
@_paper_option
@click.option("--correction", default="", help="訂正の理由（公開済みの年度では必須）")
def publish(*, year: int, columns: list[Column] | None, paper: Paper, correction: str) -> None:
    """Draft, build and publish the next edition of --year in one go."""
    session = db.session()
    actor = system_actor("reports publish")
    with _refusals():
        edition = editions.draft_edition(
            session,
            fiscal_year=year,
            columns=columns or report.default_columns(year),
            paper=paper,
            correction=correction,
            actor=actor,
            now=clock.now(),
        )
        job = editions.start_building(session, edition, actor=actor, now=clock.now())
        session.commit()
        _wait_for(job)
        session.refresh(edition)
        editions.publish_edition(
            session, edition, pdf_sha256=edition.pdf_sha256, actor=actor, now=clock.now()
        )
        done = (
            f"{fiscal_year.label(year)}版 第{edition.number}版を公開しました"
            f"（PDFのSHA-256 {edition.pdf_sha256}）。"
        )
        session.commit()
    click.echo(done)


@group.command("export-entries")
@click.option("--output", required=True, type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--year", "years", multiple=True, type=_YEAR, help="記載の年度。何度でも指定できる")
@click.option(
    "--state", type=click.Choice([state.value for state in EntryState]), help="この状態だけ"
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["xlsx", "csv"]),
    default="xlsx",
    show_default=True,
    help="形式",
)
@_encoding_option
def export_entries(
    *, output: str, years: Sequence[int], state: str | None, form: str, encoding: str
) -> None:
    """Write the entries to --output in the shape that load-entries reads."""
    session, now = db.session(), clock.now()
    with _refusals():
        found = list(
            export_queries.exported_entries(
                session,
                years or export_queries.years_with_entries(session),
                department_ids=None,
                states=(EntryState(state),) if state else LIVE,
                now=now,
            )
        )
        if form == "xlsx":
            data = export.entries_xlsx(found, created=now)
        else:
            result = export.entries_csv(found, encoding=_encoding(encoding))
            _tell_what_is_lost(result.replaced)
            data = result.data
        _write(output, data)
    click.echo(f"{output}: 記載{len(found):,}件", err=True)


@contextmanager
def _refusals(before: str = "") -> Iterator[None]:
    """Turn a rule's no into a line on standard error and exit status 1; nothing is kept."""
    try:
        yield
    except ImportRefused as error:
        db.session.rollback()
        click.echo(f"{before}{error}", err=True)
        for problem in error.problems[:_SHOWN_PROBLEMS]:
            place = f"{problem.row}行目" if problem.row is not None else "ファイル"
            column = f"「{problem.column}」" if problem.column else ""
            value = f"（{problem.value}）" if problem.value else ""
            click.echo(f"  {place}{column}{value}：{problem.reason}", err=True)
        rest = len(error.problems) - _SHOWN_PROBLEMS
        if rest > 0:
            click.echo(f"  ほか{rest}件", err=True)
        raise SystemExit(1) from None
    except (DomainError, RenderError, OSError) as error:
        db.session.rollback()
        click.echo(f"{before}{error}", err=True)
        raise SystemExit(1) from None


def _read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InvalidInput(f"JSONとして読み取れません（{error}）。") from None


def _wait_for(job: Job) -> None:
    """Have the job done: here, or by the worker that has taken it already."""
    session = db.session()
    job_id = job.id
    while True:
        session.rollback()  # reading began a transaction, and that keeps the job from writing
        run_pending(current_app)
        state, reason = session.query(Job.state, Job.error).filter_by(id=job_id).one()
        session.rollback()
        if state is JobState.DONE:
            return
        if state is JobState.FAILED:
            raise DomainError(reason)
        time.sleep(0.5)


def _encoding(name: str) -> export.Encoding:
    return "cp932" if name == "cp932" else "utf-8-sig"


def _pdf(snapshot: Snapshot, paper: Paper, created: Any) -> bytes:
    lost = replaced_characters(snapshot)
    if lost:
        names = "、".join(f"{glyph.character}（{glyph.code_point}）" for glyph in lost)
        click.echo(f"書体にない文字を〓にするか省きました：{names}", err=True)
    return report_pdf(snapshot, paper=paper, created=created)


def _csv(snapshot: Snapshot, encoding: str) -> bytes:
    result = export.report_csv(snapshot, encoding=_encoding(encoding))
    _tell_what_is_lost(result.replaced)
    return result.data


def _tell_what_is_lost(replaced: Sequence[str]) -> None:
    if replaced:
        click.echo(f"CP932にない文字を〓などに置き換えました：{'、'.join(replaced)}", err=True)


def _tell_what_is_left_out(columns: Sequence[Column]) -> None:
    waiting = report.waiting_entries(db.session(), columns)
    if waiting:
        words = "、".join(f"{labels.STATE[state]}{count}件" for state, count in waiting.items())
        click.echo(f"確認前の記載は載せていません（{words}）。", err=True)


def _write(output: str, data: bytes) -> None:
    """Write the file as a whole or not at all: a reader never sees half of it."""
    if output == "-":
        sys.stdout.buffer.write(data)
        return
    target = Path(output)
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
