"""Lists of opinions with the bulk acts below them: on the page of all and on a group's own."""

from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from participation.campaigns.forms.answers import SortForm
from participation.campaigns.models import Campaign
from participation.campaigns.personal_data import likely_personal_data
from participation.campaigns.queries import opinions as queries
from participation.campaigns.queries.opinions import OpinionFilter, OpinionLine
from participation.core.text import clean_input
from participation.web.pagination import Page, keyset_page
from participation.web.row_numbers import row_number

SIZE = 50
_LARGEST_OPINION = 2**63 - 1
_LONGEST_SEARCH = 200
# What the list shows first is what is left to do.
SHOWN = ("to_sort", "ungrouped", "all")


@dataclass(frozen=True)
class Asked:
    """A filter as the address says it."""

    wanted: OpinionFilter
    arguments: dict[str, Any]  # that say the same in another address

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for more than the list's usual view."""
        return bool(set(self.arguments) - {"group"})


@dataclass
class OpinionList:
    """What the template draws."""

    page: Page[OpinionLine]
    number: int
    asked: Asked
    form: SortForm
    ticked: frozenset[int] = frozenset()
    hints: dict[int, list[str]] = field(default_factory=dict)


def asked_filter(group_id: int | None = None) -> Asked:
    """Return the filter that the address of this request asks for.

    Args:
        group_id: the group whose page it is; None for the list of all.

    """
    arguments: dict[str, Any] = {}
    shown = request.args.get("show", "")
    if group_id is None and shown in SHOWN[1:]:
        arguments["show"] = shown
    cluster = row_number(request.args.get("cluster"), largest=_LARGEST_OPINION)
    passage = row_number(request.args.get("passage"))
    section = clean_input(request.args.get("section", ""))[:_LONGEST_SEARCH]
    text = clean_input(request.args.get("text", ""))[:_LONGEST_SEARCH].strip()
    narrow = {"cluster": cluster, "passage": passage, "section": section, "text": text}
    arguments |= {name: value for name, value in narrow.items() if value}
    if group_id is not None:
        arguments["group"] = group_id
    wanted = OpinionFilter(
        group_id=group_id,
        ungrouped=group_id is None and shown == "ungrouped",
        to_sort=group_id is None and shown not in SHOWN[1:],
        cluster_id=cluster,
        passage_id=passage,
        section=section,
        text=text,
    )
    return Asked(wanted, arguments)


def opinion_list(
    session: Session,
    campaign: Campaign,
    asked: Asked,
    form: SortForm,
    *,
    ticked: frozenset[int] = frozenset(),
) -> OpinionList:
    """Return the page of a list that this request asks for."""
    before = row_number(request.args.get("before"), largest=_LARGEST_OPINION)
    lines = queries.opinion_lines(session, campaign, asked.wanted, limit=SIZE + 1, before=before)
    # After a refused act the same rows stand there again; their pages belong to the list itself.
    page = keyset_page(lines, SIZE) if request.method == "GET" else Page(lines[:SIZE], None, None)
    hints = {
        line.id: kinds
        for line in page.items
        if (kinds := hints_of(line.opinion.text, line.opinion.reason, line.opinion.place))
    }
    return OpinionList(
        page, queries.opinion_number(session, campaign, asked.wanted), asked, form, ticked, hints
    )


def hints_of(*texts: str) -> list[str]:
    """Return what kinds of personal data some texts may hold."""
    return sorted({span.kind for text in texts for span in likely_personal_data(text)})


def list_url(campaign: Campaign, asked: Asked) -> str:
    """Return the address of the list that a filter belongs to."""
    arguments = dict(asked.arguments)
    group_id = arguments.pop("group", None)
    if group_id is not None:
        return url_for(".group", campaign_id=campaign.id, group_id=group_id, **arguments)
    return url_for(".opinions", campaign_id=campaign.id, **arguments)
