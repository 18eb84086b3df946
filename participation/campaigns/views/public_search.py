"""Residents' search in announced campaigns and published results."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from participation.campaigns.queries import search as queries
from participation.campaigns.queries.search import FoundDocument
from participation.campaigns.search import ABOUT
from participation.campaigns.views.blueprints import public
from participation.db.extension import db
from participation.db.search import words_of
from participation.web import gate
from participation.web.pagination import keyset_page
from participation.web.row_numbers import row_number

_PAGE = 20
_LARGEST_KEY = 2**62


@public.get("/search")
@gate.public
def search() -> ResponseReturnValue:
    """Search what the city has announced and published."""
    query = request.args.get("q", "")
    found = queries.find_public(
        db.session(),
        query,
        campaign_id=row_number(request.args.get("campaign")),
        limit=_PAGE + 1,
        after=row_number(request.args.get("before"), largest=_LARGEST_KEY),
    )
    page = keyset_page(found, _PAGE, key="key")
    return render_template(
        "campaigns/public/search.html",
        query=query,
        asked=bool(words_of(query)),
        page=page,
        lines=[(one, *_address(one)) for one in page.items],
    )


def _address(found: FoundDocument) -> tuple[str, str, int]:
    """Return the address of a public text, what it is, and its printed number (0 for none)."""
    campaign_id = int(found.reference.partition(":")[2])
    kind, _, rest = found.place.partition("-")
    page, number, result_number = [*rest.split("-"), "", "", ""][:3]
    if kind == ABOUT:
        return url_for(".campaign", campaign_id=campaign_id), kind, 0
    if kind == "":
        return url_for(".result", campaign_id=campaign_id), "result", 0
    if kind == "answer":
        address = url_for(
            ".result",
            campaign_id=campaign_id,
            page=page if page != "1" else None,
            _anchor=f"opinion-{number}",
        )
        return address, kind, int(number)
    return (
        url_for(
            ".result_opinions",
            campaign_id=campaign_id,
            result_number=result_number,
            answer_number=number,
            page=page if page != "1" else None,
        ),
        kind,
        int(number),
    )
