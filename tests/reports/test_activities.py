"""Drafting entries from the activities that other features tell of."""

from datetime import date

import pytest
from sqlalchemy import select

from participation.core.activities import Activity
from participation.core.errors import InvalidInput
from participation.reports.models import Entry, EntryEvent, EntryKind, EntryState
from participation.reports.queries.activities import offers
from participation.reports.queries.entries import Place
from participation.reports.services import entries as services
from tests.factories import post, sign_in
from tests.reports.world import NOW, YEAR, make_world

PAGE = "/staff/reports/activities"


class Source:
    """A feature that tells of one activity of last year and one of this."""

    method = "walk"
    label = "まち歩き"

    def __init__(self, department_id):
        self.department_id = department_id

    def activities(self, session, year):
        return [
            Activity(
                ref=f"walk:{year}",
                kind="walk",
                title=f"まち歩き{year}",
                department_id=self.department_id,
                fiscal_year=year,
                day=date(year, 10, 1),
                result="まち歩きを実施した。" if year < YEAR else "",
                plan="まち歩きを実施する。",
            )
        ]


@pytest.fixture
def world(session):
    return make_world(session)


@pytest.fixture
def source(app, world):
    source = Source(world.department.id)
    app.extensions["activity_sources"] = (source,)
    return source


def found(world, source):
    return offers(world.session, (source,), YEAR, {world.department.id})


def draft(world, offer, text="まち歩きを2回実施した。", code="1-1"):
    place = Place(world.items[code].id, world.department.id, offer.kind, offer.activity.fiscal_year)
    return services.draft_from_activity(
        world.session, offer.activity, place, text=text, actor=world.actor(world.writer), now=NOW
    )


def test_last_year_is_offered_as_a_result_and_this_year_as_a_plan(world, source):
    assert [(o.kind, o.activity.fiscal_year, o.text) for o in found(world, source)] == [
        (EntryKind.RESULT, YEAR - 1, "まち歩きを実施した。"),
        (EntryKind.PLAN, YEAR, "まち歩きを実施する。"),
    ]


def test_another_departments_activities_are_not_offered(world, source):
    assert offers(world.session, (source,), YEAR, {world.other.id}) == []


def test_an_activity_goes_where_entries_of_its_kind_usually_stand(world, source):
    assert {o.item_id for o in found(world, source)} == {None}
    draft(world, found(world, source)[0], code="1-3")
    assert {o.item_id for o in found(world, source)} == {world.items["1-3"].id}


def test_a_drafted_entry_says_where_it_came_from_and_is_not_drafted_twice(world, source):
    offer = found(world, source)[0]
    entry = draft(world, offer)
    assert (entry.activity_type, entry.activity_ref) == ("walk", f"walk:{YEAR - 1}")
    assert entry.state is EntryState.DRAFT
    assert [e.act for e in world.session.scalars(select(EntryEvent))] == ["derived"]
    assert found(world, source)[0].entry == entry
    with pytest.raises(InvalidInput, match="すでに記載"):
        draft(world, offer, text="別の文。")


def test_a_withdrawn_draft_can_be_drafted_again_and_then_comes_back_on_its_own(world, source):
    by = {"actor": world.actor(world.writer), "now": NOW}
    offer = found(world, source)[0]
    first = draft(world, offer)
    services.withdraw_entry(world.session, first, version=first.version, **by)
    second = draft(world, offer, text="まち歩きを3回実施した。")
    services.restore_entry(world.session, first, **by)
    world.session.commit()
    assert (first.state, first.activity_ref) == (EntryState.DRAFT, "")
    assert found(world, source)[0].entry == second


def test_an_entry_of_another_year_is_refused(world, source):
    offer = found(world, source)[0]
    place = Place(world.items["1-1"].id, world.department.id, EntryKind.PLAN, YEAR)
    with pytest.raises(InvalidInput, match="別の年度"):
        services.draft_from_activity(
            world.session,
            offer.activity,
            place,
            text="文。",
            actor=world.actor(world.writer),
            now=NOW,
        )


def test_in_the_browser_a_refused_text_stays_and_a_good_one_is_stored(world, source, client):
    sign_in(client, world.session, world.writer)
    where = {"department": world.department.id, "year": YEAR}
    page = client.get(PAGE, query_string=where).get_data(as_text=True)
    assert "まち歩きを実施した。" in page
    form = {**where, "ref": f"walk:{YEAR - 1}", "kind": "result", "text": "<b>２回</b>実施した。"}
    refused = post(client, PAGE, form)
    assert refused.status_code == 422
    assert "&lt;b&gt;２回&lt;/b&gt;実施した。" in refused.get_data(as_text=True)
    assert "一覧から選び直して" in refused.get_data(as_text=True)
    stored = post(client, PAGE, {**form, "item": world.items["1-1"].id})
    assert stored.status_code == 303
    entry = world.session.scalars(select(Entry)).one()
    assert (entry.text, entry.activity_ref) == ("<b>２回</b>実施した。", f"walk:{YEAR - 1}")
    assert "記載済み" in client.get(stored.location).get_data(as_text=True)


def test_another_department_cannot_draft_it(world, source, client):
    sign_in(client, world.session, world.stranger)
    form = {"year": YEAR, "ref": f"walk:{YEAR - 1}", "kind": "result", "text": "文。"}
    assert post(client, PAGE, {**form, "department": world.department.id}).status_code == 404
    assert post(client, PAGE, {**form, "department": world.other.id}).status_code == 404
    assert world.session.scalars(select(Entry)).all() == []


def test_without_activities_the_page_says_what_will_appear(app, world, client):
    app.extensions["activity_sources"] = ()
    sign_in(client, world.session, world.writer)
    page = client.get(PAGE).get_data(as_text=True)
    assert "活動の記録はありません" in page
