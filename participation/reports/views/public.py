"""The report as residents read it: the list, an edition as a page, its files."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, render_template, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue

from participation.accounts.login import cookie_name
from participation.db.extension import db
from participation.files import web as files
from participation.reports.models import Edition
from participation.reports.queries import editions as queries
from participation.reports.queries.editions import PublishedFacts
from participation.reports.views.blueprints import public
from participation.reports.views.page_cache import PageCache
from participation.reports.views.reading import ARGUMENTS, FrozenSource, asked_for, read_report
from participation.web import gate, language

_CACHE = "report_pages"
_LONGEST_QUERY = 500
_FILES = {
    "report.pdf": "pdf",
    "report.xlsx": "xlsx",
    "report.csv": "csv",
    "report-shift-jis.csv": "csv-cp932",
}


def init_app(app: Flask) -> None:
    """Give ``app`` its memory of finished pages."""
    app.extensions[_CACHE] = PageCache()


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
    if not _may_be_kept():
        return _answer(_render(facts))
    pages: PageCache = current_app.extensions[_CACHE]
    key = (facts, language.choose(), request.script_root, request.full_path)
    page = pages.get(key) or pages.put(key, _render(facts))
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f"{page.etag}-gzip" if takes_gzip else page.etag
    if "If-None-Match" in request.headers and request.if_none_match.contains_weak(etag):
        response = _answer(b"")
        response.status_code = 304
    elif takes_gzip:
        response = _answer(page.compressed)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = _answer(page.body)
    response.set_etag(etag)
    return response


def _answer(body: bytes) -> Response:
    response = Response(body, mimetype="text/html")
    response.headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
    return response


def _may_be_kept() -> bool:
    """Whether everybody who asks for this address gets the same page.

    Without a cookie of ours nobody is signed in; looking for the person would cost more.
    """
    return (
        cookie_name() not in request.cookies
        and "_flashes" not in browser
        and len(request.query_string) <= _LONGEST_QUERY
        and request.args.keys() <= ARGUMENTS
    )


def _render(facts: PublishedFacts) -> bytes:
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
    ).encode()


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
