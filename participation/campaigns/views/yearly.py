"""The year's lists: pages for residents and for staff, and their files."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.campaigns.labels import YEARLY_LABELS
from participation.campaigns.models import YearlyList
from participation.campaigns.queries import campaign_lists
from participation.campaigns.queries.page_facts import list_facts
from participation.campaigns.queries.yearly import latest_file, table_of, tables_of
from participation.campaigns.services.yearly import request_print
from participation.campaigns.views.blueprints import public, staff
from participation.campaigns.views.memory import from_memory
from participation.campaigns.yearly import YearlyTable, yearly_csv, yearly_xlsx
from participation.core import clock, fiscal_year
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.files.models import StoredFile
from participation.files.web import send, send_bytes
from participation.policy import Permission, holds
from participation.web import gate, transaction
from participation.web.row_numbers import row_number

_YEAR = "<int(min=1900, max=2199):year>"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv"


@public.get(f"/years/{_YEAR}/")
@gate.public
def year(year: int) -> ResponseReturnValue:
    """Show what is planned and what was held in a fiscal year."""
    now = clock.now()

    def render() -> str:
        return render_template(
            "campaigns/public/year.html",
            link=lambda campaign_id: url_for(".campaign", campaign_id=campaign_id),
            **_context(db.session(), year, now),
        )

    return from_memory(list_facts(db.engine, "year", now), render)


@public.get(f"/years/{_YEAR}/file")
@gate.public
def year_file(year: int) -> ResponseReturnValue:
    """Hand a list out as a file; before one that loses characters, say which."""
    session, now = db.session(), clock.now()
    kind, file_format = _asked_kind(), request.args.get("format", "xlsx")
    if file_format == "pdf":
        printed = latest_file(session, year, kind)
        stored = session.get(StoredFile, printed.file_id) if printed is not None else None
        if stored is None:
            raise NotFound("PDFはまだ作られていません。ほかの形式をお選びください。")
        return send(stored, inline=True)
    table = table_of(session, kind, year, now=now)
    name = f"意見募集の{YEARLY_LABELS[kind]}_{fiscal_year.label(year)}"
    if file_format == "xlsx":
        return send_bytes(
            yearly_xlsx(table, created=now), name=f"{name}.xlsx", media_type=XLSX_TYPE
        )
    if file_format not in {"csv", "csv-cp932"}:
        raise NotFound("その形式はありません。一覧のページからお選びください。")
    result = yearly_csv(table, cp932=file_format == "csv-cp932")
    if result.replaced and "accept" not in request.args:
        return render_template(
            "campaigns/public/year_replaced.html",
            year=year,
            replaced=result.replaced,
            utf8_url=url_for(".year_file", year=year, list=kind.value, format="csv"),
            anyway_url=url_for(
                ".year_file", year=year, list=kind.value, format="csv-cp932", accept="1"
            ),
        )
    return send_bytes(result.data, name=f"{name}.csv", media_type=CSV_TYPE)


@staff.get("/years")
@gate.requires(Permission.CAMPAIGN_READ)
def years() -> ResponseReturnValue:
    """Show the lists of a year to staff, with the button that has them printed."""
    actor = gate.authorize(Permission.CAMPAIGN_READ)
    this_year = fiscal_year.fiscal_year_of(clock.local_date(clock.now()))
    asked = row_number(request.args.get("year"))
    chosen = asked if asked is not None and 1900 <= asked < 2200 else this_year  # noqa: PLR2004
    return render_template(
        "campaigns/staff/years.html",
        link=lambda campaign_id: url_for("campaigns_public.campaign", campaign_id=campaign_id),
        may_print=holds(actor, Permission.CAMPAIGN_LIST_WRITE),
        **_context(db.session(), chosen, clock.now()),
    )


@staff.post(f"/years/{_YEAR}/print")
@gate.requires(Permission.CAMPAIGN_LIST_WRITE)
def print_year(year: int) -> ResponseReturnValue:
    """Have a list printed."""
    actor = gate.authorize(Permission.CAMPAIGN_LIST_WRITE)
    job = request_print(db.session(), year, _asked_kind(), actor=actor, now=clock.now())
    job_id = job.id
    transaction.commit()
    onward = url_for(".years", year=year)
    return redirect(url_for("staff.administration.job", job_id=job_id, next=onward), 303)


def _context(session: Session, year: int, now: datetime) -> dict[str, object]:
    years = campaign_lists.years(session, announced_only=True)
    tables = tables_of(session, year, now=now)
    return {
        "year": year,
        "years": sorted({*years, year}, reverse=True),
        "lists": [
            (
                kind,
                YEARLY_LABELS[kind],
                tables[kind],
                latest_file(session, year, kind),
            )
            for kind in YearlyList
        ],
        "is_number": _is_number,
    }


def _is_number(table: YearlyTable, index: int) -> bool:
    name = table.header[index]
    return name in {"番号", "日数"} or "（" in name


def _asked_kind() -> YearlyList:
    asked = request.values.get("list", YearlyList.HELD.value)
    try:
        return YearlyList(asked)
    except ValueError:
        raise NotFound(_("その一覧はありません。ページからお選びください。")) from None
