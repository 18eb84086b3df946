"""Commands of public comments.

Exit status: 0 done, 1 refused (the reason is on standard error, nothing was changed), 2 wrong
arguments.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from participation.campaigns.grouping import THRESHOLD
from participation.campaigns.labels import STATE_LABELS
from participation.campaigns.models import DocumentKind
from participation.campaigns.phases import phase
from participation.campaigns.queries.campaign_lists import CampaignFilter, for_staff
from participation.campaigns.queries.campaigns import get_campaign
from participation.campaigns.search import forget_all
from participation.campaigns.search_sweeps import index_missing
from participation.campaigns.services.clockwork import move_by_clock
from participation.campaigns.services.document_loading import GivenDocument, load_document
from participation.campaigns.services.submission_import import load_file
from participation.campaigns.text_file import Encoding, group_file
from participation.campaigns.wording import JAPANESE
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import DomainError, InvalidInput
from participation.db.extension import db
from participation.jobs.worker import run_pending
from participation.sheets.checking import ImportRefused

group = AppGroup("campaigns", help="パブリックコメントと縦覧")

_SHOWN_PROBLEMS = 100
_INPUT_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LIST_PAGE = 200


@group.command("load-submissions")
@click.argument("campaign_id", metavar="CAMPAIGN", type=int)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_submissions(campaign_id: int, file: Path) -> None:
    """Load the submissions in FILE (CSV or XLSX) into CAMPAIGN, all or none.

    The same file again changes nothing.
    """
    session = db.session()
    with refusals():
        done = load_file(
            session,
            get_campaign(session, campaign_id),
            file.read_bytes(),
            filename=file.name,
            actor=system_actor("campaigns load-submissions"),
            now=clock.now(),
        )
        for note in done.notes:
            click.echo(note, err=True)
        told = (
            f"{done.total_rows:,}行から{done.new_rows:,}通を取り込みました"
            f"（取り込み済み{done.same_rows:,}通）。"
        )
        session.commit()
    click.echo(told)


@group.command("list")
@click.option("--year", type=int, help="年度（西暦）")
def list_campaigns(year: int | None) -> None:
    """List the campaigns of a fiscal year, or all of them, the newest first."""
    session, before = db.session(), None
    now = clock.now()
    while True:
        wanted = CampaignFilter(fiscal_year=year)
        rows = for_staff(session, wanted, reach=None, limit=_LIST_PAGE, before=before)
        for one in rows:
            period = JAPANESE.planned(one.opens_on, one.closes_on, one.planned_period)
            state = STATE_LABELS[phase(one, now)]
            title = " ".join(one.title.split())
            click.echo(f"{one.id}\t{state}\t{one.fiscal_year}\t{period}\t{title}")
        if len(rows) < _LIST_PAGE:
            return
        before = rows[-1].id


@group.command("move-by-clock")
def move() -> None:
    """Open and close the campaigns whose day has come; the worker does so every minute."""
    moved = move_by_clock(db.session(), clock.now())
    db.session.commit()
    click.echo(f"{moved}件の状態を進めました。")


@group.command("add-document")
@click.argument("campaign_id", metavar="CAMPAIGN", type=int)
@click.argument("file", type=_INPUT_FILE, required=False)
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in DocumentKind]),
    default=DocumentKind.DRAFT.value,
    show_default=True,
    help="案、概要、参考資料",
)
@click.option("--title", required=True, help="資料の名前")
@click.option("--text", type=_INPUT_FILE, help="本文（Markdown、UTF-8）")
@click.option("--note", default="", help="前の版から変えたこと（差し替えるときは必須）")
@click.option("--publish", is_flag=True, help="すぐに公開する")
def add_document(
    *,
    campaign_id: int,
    file: Path | None,
    kind: str,
    title: str,
    text: Path | None,
    note: str,
    publish: bool,
) -> None:
    """Add a document to CAMPAIGN: FILE (PDF, Word, Excel, image), --text, or both.

    One with the kind and title of an earlier one becomes its next version. The same content again
    changes nothing.
    """
    session = db.session()
    with refusals():
        given = GivenDocument(
            DocumentKind(kind),
            title,
            file.name if file else "",
            file.read_bytes() if file else b"",
            _markdown(text) if text else "",
            note,
        )
        version, stored = load_document(
            session,
            get_campaign(session, campaign_id),
            given,
            publish=publish,
            actor=system_actor("campaigns add-document"),
            now=clock.now(),
        )
        state = "公開" if version.published_at else "未公開"
        done = f"「{title}」第{version.number}版（{state}）を保存しました。"
        session.commit()
    click.echo(done if stored else f"「{title}」に変更はありません。")


def _markdown(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            f"{path}: 本文をUTF-8として読めません。UTF-8で保存し直してください。"
        ) from None


@group.command("load-demo")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_demo(file: Path) -> None:
    """Load the campaigns of a demo city from FILE (JSON, days from today). Refused in production.

    Campaigns that are there already are left alone.
    """
    from participation.campaigns.demonstration import DemoLoader

    session, now = db.session(), clock.now()
    if current_app.extensions["settings"].is_production:
        raise click.ClickException("本番環境では使えません。")

    def run_jobs() -> None:
        session.commit()
        run_pending(current_app)
        session.rollback()

    with refusals():
        loader = DemoLoader(session, now=now, run_jobs=run_jobs)
        told = loader.load(json.loads(file.read_text(encoding="utf-8")))
        session.commit()
    click.echo(f"デモの意見募集{told}件を用意しました。")


@group.command("index-texts")
@click.option("--anew", is_flag=True, help="今ある索引を消して、すべて作り直す")
def index_texts(*, anew: bool) -> None:
    """Make every opinion, answer and published result findable that is not yet.

    The worker does so every minute; with --anew the index is built from nothing.
    """
    session = db.session()
    if anew:
        forget_all(session)
        session.commit()
    click.echo(f"{index_missing(session, living=False):,}件の索引を作りました。")


@group.command("group-texts")
@click.argument("file", type=_INPUT_FILE)
@click.option("--column", required=True, help="文のある列の見出し")
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, allow_dash=True), help="- は標準出力"
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True),
    default=THRESHOLD,
    show_default=True,
    help="同じまとまりとする近さ（1は同じ文だけ）",
)
@click.option(
    "--encoding",
    type=click.Choice(["utf-8-sig", "cp932"]),
    default="utf-8-sig",
    show_default=True,
    help="書き出すCSVの文字コード",
)
def group_texts(
    *, file: Path, column: str, output: str, threshold: float, encoding: Encoding
) -> None:
    """Group equal and nearly equal texts in FILE (CSV or XLSX); no database is needed.

    --output gets a CSV: row, group, representative, similarity.
    """
    with refusals():
        done = group_file(file, column=column, threshold=threshold, encoding=encoding)
    for note in done.notes:
        click.echo(note, err=True)
    try:
        with click.open_file(output, "wb", atomic=output != "-") as target:
            target.write(done.data)
    except OSError as error:
        raise click.ClickException(f"{output} に書き込めません：{error.strerror}") from error
    told = (
        f"{done.texts:,}件の文のうち{done.alike:,}件が、"
        f"2件以上のまとまり{done.groups:,}個に入りました。"
    )
    click.echo(told, err=True)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a rule's no into a message on standard error and status 1."""
    try:
        yield
    except ImportRefused as error:
        db.session.rollback()
        for problem in error.problems[:_SHOWN_PROBLEMS]:
            place = "" if problem.row is None else f"{problem.row}行目 "
            column = f"「{problem.column}」" if problem.column else ""
            click.echo(f"{place}{column}{problem.reason}", err=True)
        raise click.ClickException(str(error)) from error
    except DomainError as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
