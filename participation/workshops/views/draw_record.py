"""Public pages of draws: the commitment before, the whole record after, the files to repeat it."""

from pathlib import Path

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core.errors import NotFound
from participation.core.text import clean_input
from participation.db.extension import db
from participation.files.web import send_bytes
from participation.sheets.write_csv import write_csv
from participation.web import gate
from participation.workshops import lottery, priority
from participation.workshops.models import LotteryDraw, SeatPool, Workshop
from participation.workshops.queries import draws as queries
from participation.workshops.queries.draws import DrawnLine
from participation.workshops.queries.workshops import get_announced
from participation.workshops.views.blueprints import public
from participation.workshops.views.speech import deadline, pool_titles

_PAGE = 100
_LONGEST_NUMBER = 40
_LONGEST_RANK = 9
_ONE = "/<int:workshop_id>/draws/<int:draw_id>"
_HEADER = ("順位", "受付番号", "人数", "優先順", "くじ", "結果", "キャンセル待ちの順番")
_SCRIPT = "verify_draw.py"


@public.get("/<int:workshop_id>/draws/")
@gate.public
def draws(workshop_id: int) -> ResponseReturnValue:
    """Show how the seats of an event are drawn, and what was fixed before anybody registered."""
    found = get_announced(db.session(), workshop_id)
    lotteries = queries.lotteries_of(db.session(), found.id)
    if not lotteries:
        raise NotFound(_("この催しに抽選はありません。"))
    labels = {one.id: one.label for one in found.eligibilities}
    return render_template(
        "workshops/public/draws.html",
        workshop=found,
        lotteries=lotteries,
        names=pool_titles(found, [one.pool for one in lotteries]),
        tiers=priority.tier_words(priority.with_words(found.priority, labels)),
        deadline=deadline,
    )


@public.get(_ONE + "/")
@gate.public
def draw(workshop_id: int, draw_id: int) -> ResponseReturnValue:
    """Show how it was drawn, with all that one needs to repeat it; find one's own number."""
    found, record, pool = _load(workshop_id, draw_id)
    session = db.session()
    number = clean_input(request.args.get("number", "")).strip()[:_LONGEST_NUMBER]
    after = _rank(request.args.get("after", ""))
    lines = queries.drawn_lines(session, record.id, after=after, limit=_PAGE + 1)
    won, seats = queries.seats_won(session, record.id)
    return render_template(
        "workshops/public/draw.html",
        workshop=found,
        draw=record,
        pool=pool,
        name=pool_titles(found, [pool])[pool.id],
        commitment=lottery.commitment_of(record.seed),
        tiers=priority.tier_words(record.priority),
        won=won,
        seats=seats,
        number=number,
        own=queries.find_line(session, record.id, number) if number else None,
        lines=lines[:_PAGE],
        next_after=lines[_PAGE - 1].entry.rank if len(lines) > _PAGE else None,
        after=after,
        script=_SCRIPT,
    )


@public.get(_ONE + "/list.csv")
@gate.public
def draw_list(workshop_id: int, draw_id: int) -> ResponseReturnValue:
    """Hand out the list in the one form whose hash the page shows."""
    _found, record, _pool = _load(workshop_id, draw_id)
    text = lottery.list_text(queries.entries_of(db.session(), record.id))
    return send_bytes(text.encode(), name="list.csv", media_type="text/csv")


@public.get(_ONE + "/result.csv")
@gate.public
def draw_result(workshop_id: int, draw_id: int) -> ResponseReturnValue:
    """Hand out the result, for a spreadsheet or for the script."""
    _found, record, pool = _load(workshop_id, draw_id)
    lines = queries.all_lines(db.session(), record.id)
    rows = (_row(line, has_waitlist=pool.has_waitlist) for line in lines)
    written = write_csv(_HEADER, rows, encoding="utf-8-sig")
    return send_bytes(written.data, name="result.csv", media_type="text/csv")


@public.get("/draws/verify_draw.py")
@gate.public
def draw_script() -> ResponseReturnValue:
    """Hand out the script with which anybody repeats a draw."""
    path = Path(current_app.root_path).parent / "docs" / _SCRIPT
    if not path.is_file():
        raise NotFound(_("このサーバーには、確かめるためのプログラムが置かれていません。"))
    return send_bytes(path.read_bytes(), name=_SCRIPT, media_type="text/x-python")


def _load(workshop_id: int, draw_id: int) -> tuple[Workshop, LotteryDraw, SeatPool]:
    found = get_announced(db.session(), workshop_id)
    record, pool = queries.get_draw(db.session(), found, draw_id)
    return found, record, pool


def _row(line: DrawnLine, *, has_waitlist: bool) -> tuple[str | int, ...]:
    entry = line.entry
    return (
        entry.rank,
        entry.number,
        entry.seats,
        entry.tier + 1,
        entry.ticket,
        "当選" if entry.won else "落選",
        line.waiting if has_waitlist and line.waiting else "",
    )


def _rank(text: str) -> int:
    known = text.isascii() and text.isdigit() and len(text) <= _LONGEST_RANK
    return int(text) if known else 0
