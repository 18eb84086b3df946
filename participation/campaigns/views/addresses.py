"""The addresses of what campaigns publish, by reference and place."""

from flask import url_for
from flask_babel import gettext as _

from participation.campaigns.search import ABOUT, RESULT


def address_of(reference: str, place: str) -> str:
    """Return the path of a public text of a campaign.

    Args:
        reference: ``campaign:12``.
        place: ``""`` is the campaign itself, ``result`` its result; else as ``search.py`` writes
            it into a public document.

    """
    campaign_id = int(reference.partition(":")[2])
    kind, page, number, result_number = split_place(place)
    other_page = page if page != "1" else None
    if kind in {ABOUT, ""}:
        return url_for("campaigns_public.campaign", campaign_id=campaign_id)
    if kind == RESULT:
        return url_for("campaigns_public.result", campaign_id=campaign_id)
    if kind == "answer":
        return url_for(
            "campaigns_public.result",
            campaign_id=campaign_id,
            page=other_page,
            _anchor=f"opinion-{number}",
        )
    return url_for(
        "campaigns_public.result_opinions",
        campaign_id=campaign_id,
        result_number=result_number,
        answer_number=number,
        page=other_page,
    )


def split_place(place: str) -> tuple[str, str, str, str]:
    """Return what a place is (about, answer, …), its page, its number and the result's number."""
    kind, _dash, rest = place.partition("-")
    page, number, result_number = [*rest.split("-"), "", "", ""][:3]
    return kind, page, number, result_number


def place_words(place: str) -> str:
    """Return what a place of a campaign's texts is called, empty for the campaign or its result."""
    kind, _page, number, _result = split_place(place)
    if kind == "answer":
        return str(_("意見%(number)sと市の考え方", number=number))
    return str(_("意見%(number)sの原文", number=number)) if kind == "opinions" else ""
