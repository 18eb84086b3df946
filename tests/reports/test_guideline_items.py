"""The items of a draft: added, edited, moved, dropped; nothing that is used elsewhere is lost."""

import pytest
from sqlalchemy import func, select

from participation.core.errors import InvalidInput
from participation.reports.models import GuidelineItem, Item, ItemAssignment
from participation.reports.queries import guideline as queries
from participation.reports.services import guideline as services
from participation.reports.services import guideline_items as items
from participation.reports.services.guideline import GuidelineConflict
from tests.factories import make_department
from tests.reports.drafts import BY, codes, item, typed
from tests.reports.world import make_world


def test_an_item_is_added_with_the_legends_words_as_policy(session, draft):
    added = items.add_item(
        session, draft, typed(draft, categories=[("Ⅱ", ""), ("", "x"), ("Ⅲ", "独自の方針")]), **BY
    )
    session.commit()
    assert [(row.code, row.policy) for row in added.categories] == [
        ("Ⅱ", "これまでの取り組みを続ける。"),
        ("Ⅲ", "独自の方針"),
    ]
    assert codes(draft)[-1] == "9-9"
    with pytest.raises(InvalidInput, match="すでにあります"):
        items.add_item(session, draft, typed(draft), **BY)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": " "}, "code"),
        ({"code": "長" * 41}, "code"),
        ({"name": ""}, "name"),
        ({"name": "二\n行"}, "name"),
        ({"guideline_text": "長" * 4_001}, "guideline_text"),
        ({"categories": []}, "categories"),
        ({"categories": [("Ⅸ", "")]}, "categories"),
    ],
)
def test_an_incomplete_item_is_refused_at_its_field(session, draft, change, field):
    with pytest.raises(InvalidInput) as caught:
        items.add_item(session, draft, typed(draft, **change), **BY)
    assert caught.value.field == field


def test_an_item_is_edited_in_place_and_a_stale_form_is_told(session, draft):
    found = item(draft, "1-1")
    seen = items.item_seen(found)
    words = typed(draft, "1-1", name="聞き取り", categories=[("Ⅰ", "考える")])
    items.edit_item(session, draft, found.id, words, seen=seen, **BY)
    session.commit()
    assert (found.name, found.section.title) == ("聞き取り", "市民活動の支え")
    assert [(row.code, row.policy) for row in found.categories] == [("Ⅰ", "考える")]
    assert codes(draft) == ["1-2", "1-3", "2-1", "1-1"]
    with pytest.raises(GuidelineConflict):
        items.edit_item(session, draft, found.id, words, seen=seen, **BY)


def test_a_number_changes_only_while_nothing_hangs_on_it(session, draft):
    found = item(draft, "1-1")
    with pytest.raises(InvalidInput, match="番号は変えられません"):
        items.edit_item(
            session, draft, found.id, typed(draft, "7-7"), seen=items.item_seen(found), **BY
        )
    added = items.add_item(session, draft, typed(draft), **BY)
    with pytest.raises(InvalidInput, match="すでにあります"):
        items.edit_item(
            session, draft, added.id, typed(draft, "1-2"), seen=items.item_seen(added), **BY
        )
    items.edit_item(
        session, draft, added.id, typed(draft, "9-8"), seen=items.item_seen(added), **BY
    )
    session.commit()
    assert added.item.code == "9-8"


def test_items_move_under_their_heading(session, draft):
    added = items.add_item(session, draft, typed(draft), **BY)
    assert items.move_item(session, draft, added.id, up=True, **BY)
    assert not items.move_item(session, draft, added.id, up=True, **BY)
    session.commit()
    session.expire_all()
    assert codes(draft) == ["1-1", "1-2", "1-3", "9-9", "2-1"]


def test_an_item_that_lives_elsewhere_loses_nothing_when_a_draft_drops_it(session):
    world = make_world(session)
    world.assign("1-1")
    entry = world.write("残る記載。")
    draft = services.draft_version(session, queries.guideline_for(session, 2024), note="", **BY)
    identity = item(draft, "1-1").item_id
    assert items.delete_item(session, draft, item(draft, "1-1").id, **BY)
    services.enact(session, draft, year=2024, **BY)
    session.commit()
    session.expire_all()
    assert "1-1" not in codes(queries.guideline_for(session, 2024))
    assert "1-1" in codes(queries.guideline_for(session, 2023))
    assert entry.text == "残る記載。"
    assert session.get(Item, identity) is not None
    assert session.scalar(select(func.count()).select_from(ItemAssignment)) == 1
    # Its number brings it back, with what it had.
    again = services.draft_version(session, draft, note="", **BY)
    assert items.add_item(session, again, typed(again, "1-1"), **BY).item_id == identity


def test_an_item_made_in_a_draft_is_gone_with_it(session, draft):
    added = items.add_item(session, draft, typed(draft), **BY)
    items.assign_departments(session, added.item, [make_department(session).id], **BY)
    assert not items.delete_item(session, draft, added.id, **BY)
    items.add_item(session, draft, typed(draft, "8-8"), **BY)
    services.discard_draft(session, draft, **BY)
    session.commit()
    assert session.scalars(select(Item.code).order_by(Item.code)).all() == [
        "1-1",
        "1-2",
        "1-3",
        "2-1",
    ]
    assert session.scalar(select(func.count()).select_from(GuidelineItem)) == 4
    assert session.scalar(select(func.count()).select_from(ItemAssignment)) == 0
