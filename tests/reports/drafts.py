"""A draft of the small guideline, and short ways to look at it."""

from participation.core.actors import system_actor
from participation.reports.queries import guideline as queries
from participation.reports.services.guideline_items import ItemInput
from tests.reports.world import NOW

BY = {"actor": system_actor("test"), "now": NOW}


def codes(draft):
    return [
        item.item.code
        for root in queries.section_tree(draft)
        for branch in root.walk()
        for item in branch.items
    ]


def section(draft, title):
    return next(one for one in draft.sections if one.title == title)


def item(draft, code):
    return next(one for one in draft.items if one.item.code == code)


def typed(draft, code="9-9", *, under="市民活動の支え", **more):
    given = {
        "code": code,
        "section_id": section(draft, under).id,
        "name": "新しい取り組み",
        "guideline_text": "試しに行う",
        "categories": [("Ⅱ", "")],
        **more,
    }
    return ItemInput(**given)
