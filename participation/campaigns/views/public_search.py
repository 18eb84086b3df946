"""Residents' search in announced campaigns and published results."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from participation.campaigns.queries import search as queries
from participation.campaigns.search import ABOUT
from participation.campaigns.views.addresses import RESULT, address_of, split_place
from participation.campaigns.views.blueprints import public
from participation.db.extension import db
from participation.db.search import FoundDocument, words_of
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
    kind, _page, number, _result = split_place(found.place or RESULT)
    shown = int(number) if number and kind not in {ABOUT, RESULT} else 0
    return address_of(found.reference, found.place or RESULT), kind, shown
