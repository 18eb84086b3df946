"""Searching everything public, with what matched."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from participation.core import clock, fiscal_year
from participation.core.text import clean_input
from participation.db import search as index
from participation.db.extension import db
from participation.db.search import DocumentFilter, DocumentKind, FoundDocument
from participation.departments.queries import all_departments
from participation.portal.addresses import path_of
from participation.portal.blueprints import public
from participation.portal.labels import DOCUMENT_LABELS
from participation.web import gate
from participation.web.feature import Feature
from participation.web.pagination import keyset_page
from participation.web.row_numbers import row_number

_PAGE = 20
_LARGEST_KEY = 2**62
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


@dataclass(frozen=True)
class _Line:
    """A hit as the list shows it."""

    found: FoundDocument
    url: str
    part: str  # what of the page it is, empty for the whole
    label: str
    department: str


@public.get("/search")
@gate.public
def search() -> ResponseReturnValue:
    """Search what the city has announced, published and reported."""
    session = db.session()
    today = clock.local_date(clock.now())
    departments = {one.id: one for one in all_departments(session)}
    years = _years(today)
    wanted = _wanted(departments.keys(), years)
    found = index.find_documents(
        session,
        wanted,
        limit=_PAGE + 1,
        after=row_number(request.args.get("before"), largest=_LARGEST_KEY),
    )
    page = keyset_page(found, _PAGE, key="key")
    return render_template(
        "portal/search.html",
        wanted=wanted,
        asked=bool(index.words_of(wanted.query)),
        total=index.count_documents(session, wanted) if page.items else 0,
        page=page,
        lines=[
            _Line(
                one,
                path_of(one.reference, one.place),
                _part(one),
                DOCUMENT_LABELS[one.kind],
                departments[one.department_id].name_on(one.day)
                if one.department_id in departments
                else "",
            )
            for one in page.items
        ],
        kinds=[(kind.value, label) for kind, label in DOCUMENT_LABELS.items()],
        kind=wanted.kinds[0].value if wanted.kinds else None,
        departments=[(one.id, one.name_on(today)) for one in departments.values()],
        years=years,
        year=row_number(request.args.get("year")),
    )


def _wanted(departments: Collection[int], years: Sequence[int]) -> DocumentFilter:
    """Read the filter of this request; what there is not narrows nothing."""
    kind = row_number(request.args.get("kind"))
    department_id = row_number(request.args.get("department"))
    year = row_number(request.args.get("year"))
    in_year = year in years
    return DocumentFilter(
        clean_input(request.args.get("q", "")),
        kinds=(DocumentKind(kind),) if kind in set(DocumentKind) else (),
        department_id=department_id if department_id in departments else None,
        first_day=fiscal_year.first_day(year) if in_year and year else None,
        last_day=fiscal_year.last_day(year) if in_year and year else None,
    )


def _years(today: date) -> list[int]:
    """Return the fiscal years of what is public, the newest first."""
    first, last = index.first_and_last_day(db.session()) or (today, today)
    newest = max(fiscal_year.fiscal_year_of(last), _FIRST_YEAR)
    oldest = min(max(fiscal_year.fiscal_year_of(first), _FIRST_YEAR), newest)
    return list(range(min(newest, _LAST_YEAR), oldest - 1, -1))


def _part(found: FoundDocument) -> str:
    features: tuple[Feature, ...] = current_app.extensions["features"]
    kind = found.reference.partition(":")[0]
    for feature in features:
        if kind in feature.place_words:
            return feature.place_words[kind](found.place)
    return ""
