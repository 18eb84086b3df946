"""The report as residents read it: the list, an edition as a page, its files."""

from collections.abc import Callable
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from participation.accounts.shared_pages import SharedPages
from participation.db.extension import db
from participation.files import web as files
from participation.files.frozen import file_names
from participation.reports.models import Edition
from participation.reports.queries import editions as queries
from participation.reports.queries.editions import PublishedFacts
from participation.reports.views.blueprints import public
from participation.reports.views.reading import ARGUMENTS, FrozenSource, asked_for, read_report
from participation.web import gate

_FILES = file_names("report")
_PAGES = SharedPages("report_pages")
init_app = _PAGES.init_app


@public.get("/")
@gate.public
def index() -> ResponseReturnValue:
    """List the published reports by year, the latest edition of each first."""
    years: dict[int, list[Edition]] = {}
    for edition in queries.published_editions(db.session()):
        years.setdefault(edition.fiscal_year, []).append(edition)
    downloads = {
        edition.id: queries.downloads(db.session(), edition.id)
        for editions in years.values()
        for edition in editions[:1]
    }
    return render_template(
        "reports/public/index.html", years=years, downloads=downloads, file_urls=file_urls
    )


@public.get("/<int(max=9999):year>/")
@gate.public
def latest(year: int) -> ResponseReturnValue:
    """Show the latest edition of a year."""
    return _page(queries.published_facts(db.engine, year, None))


@public.get("/<int(max=9999):year>/<int(max=99999):number>")
@gate.public
def edition(year: int, number: int) -> ResponseReturnValue:
    """Show one edition, also one that was corrected since."""
    return _page(queries.published_facts(db.engine, year, number))


@public.get(
    "/<int(max=9999):year>/<int(max=99999):number>/"
    "<any('report.pdf','report.xlsx','report.csv','report-shift-jis.csv'):name>"
)
@gate.public
def file(year: int, number: int, name: str) -> ResponseReturnValue:
    """Hand out a file of an edition; the PDF opens in the browser."""
    facts = queries.published_facts(db.engine, year, number)
    stored = queries.stored_file(db.session(), facts.edition_id, _FILES[name])
    return files.send(stored, inline=name == "report.pdf")


def _page(facts: PublishedFacts) -> Response:
    return _PAGES.answer(facts, lambda: _render(facts), ARGUMENTS)


def _render(facts: PublishedFacts) -> str:
    session = db.session()
    edition = queries.get_edition(session, facts.edition_id)
    source = FrozenSource(session, edition.id)
    page = read_report(source, asked_for(source), address_of_this_page())
    return render_template(
        "reports/public/edition.html",
        edition=edition,
        page=page,
        facts=facts,
        downloads=queries.downloads(session, edition.id),
        file_urls=file_urls,
    )


def file_urls(edition: Edition) -> dict[str, str]:
    """Return the addresses of an edition's files by format."""
    return {
        name: url_for(".file", year=edition.fiscal_year, number=edition.number, name=file_name)
        for file_name, name in _FILES.items()
    }


def address_of_this_page() -> Callable[..., str]:
    """Return what gives this page's address with some arguments changed; None takes one out."""
    kept = {name: value for name in sorted(ARGUMENTS) if (value := request.args.get(name))}

    def address(**changes: str | int | None) -> str:
        arguments: dict[str, Any] = {**(request.view_args or {}), **kept, **changes}
        return url_for(
            request.endpoint or "",
            **{name: value for name, value in arguments.items() if value is not None},
        )

    return address
