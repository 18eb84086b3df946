"""The guideline in the browser."""

import re

import pytest

from participation.core import clock, fiscal_year
from participation.core.actors import Role, system_actor
from participation.reports.models import Guideline, GuidelineState
from participation.reports.queries import guideline as queries
from participation.reports.services import guideline as services
from participation.reports.services import guideline_items as items
from participation.reports.services import guideline_sections as sections
from tests.factories import make_department, make_user, post, sign_in
from tests.reports.world import NOW, load_small

BASE = "/staff/reports/guideline"
BY = {"actor": system_actor("同僚"), "now": NOW}
HOSTILE = "<script>alert(1)</script>'\"&{{ 7*7 }}"


@pytest.fixture
def coordinator(session, client):
    load_small(session)
    sign_in(client, session, make_user(session, Role.COORDINATOR, name="協働 四季"))
    return client


@pytest.fixture
def draft(session, coordinator):
    assert post(coordinator, f"{BASE}/1/draft", {"note": "見直し"}).status_code == 303
    return queries.guideline_numbered(session, 2)


def text_of(response):
    return response.get_data(as_text=True)


def fresh(session, number=2) -> Guideline:
    session.expire_all()
    return queries.guideline_numbered(session, number)


def form_of(client, url):
    """The fields of a page's form as a browser would send them."""
    page = text_of(client.get(url))
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    return {"seen": seen[1]} if seen else {}


def test_everybody_reads_and_only_the_coordinator_changes(session, client):
    load_small(session)
    department = make_department(session)
    for role in (Role.CONTRIBUTOR, Role.APPROVER, Role.AUDITOR):
        sign_in(client, session, make_user(session, role, department))
        assert "第1版" in text_of(client.get(BASE))
        page = text_of(client.get(f"{BASE}/1"))
        assert "アンケート" in page
        assert "新しい版を作る" not in page
        assert client.get(f"{BASE}/1/edit").status_code == 403
        assert post(client, f"{BASE}/1/draft", {"note": ""}).status_code == 403


def test_without_a_version_the_page_says_what_to_do(session, client):
    sign_in(client, session, make_user(session, Role.COORDINATOR))
    assert "指針がまだ登録されていません" in text_of(client.get(BASE))
    assert client.get(f"{BASE}/1").status_code == 404


def test_an_enacted_version_has_no_edit_page(coordinator):
    response = coordinator.get(f"{BASE}/1/edit")
    assert response.status_code == 303
    assert response.location.endswith(f"{BASE}/1")
    response = post(coordinator, f"{BASE}/1/words", {"title": "書き換え", "seen": "x"})
    assert response.status_code == 409
    assert "書き換え" in text_of(response)


def test_a_draft_is_edited_page_by_page_and_enacted(session, coordinator, draft):
    edit = f"{BASE}/2"
    assert "この版は下書きです" in text_of(coordinator.get(f"{edit}/edit"))
    words = {"title": HOSTILE, "category_note": "区分", "note": "要点"}
    response = post(
        coordinator, f"{edit}/words", {**words, **form_of(coordinator, f"{edit}/words")}
    )
    assert response.status_code == 303
    assert fresh(session).title == HOSTILE

    response = post(
        coordinator, f"{edit}/sections/new", {"mark": "３", "title": "新しい章", "parent": 0}
    )
    assert response.status_code == 303
    new = fresh(session).sections[-1]
    response = post(
        coordinator,
        f"{edit}/items/new",
        {
            "code": "3-1",
            "section": new.id,
            "name": HOSTILE,
            "guideline_text": "書く",
            "categories-0-code": "Ⅱ",
            "categories-0-policy": "",
            "categories-1-code": "",
            "categories-1-policy": "",
        },
    )
    assert response.status_code == 303, text_of(response)
    added = fresh(session).items[-1]
    assert added.item.code == "3-1"

    page = text_of(coordinator.get(f"{edit}/edit"))
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page
    assert (
        post(coordinator, f"{edit}/sections/{new.id}/move", {"direction": "up"}).status_code == 303
    )
    assert (
        post(coordinator, f"{edit}/items/{added.id}/move", {"direction": "up"}).status_code == 303
    )
    assert coordinator.get(f"{edit}/items/{added.id}/delete").status_code == 200

    assert coordinator.get(f"{edit}/enact").status_code == 200
    year = fiscal_year.fiscal_year_of(clock.local_date(clock.now()))
    assert post(coordinator, f"{edit}/enact", {"year": year}).status_code == 303
    found = fresh(session)
    assert (found.state, found.valid_from_year) == (GuidelineState.ENACTED, year)
    assert "<script>alert" not in text_of(coordinator.get(f"{BASE}/2"))


def test_a_conflict_shows_both_and_saves_on_top(session, coordinator, draft):
    url = f"{BASE}/2/words"
    stale = form_of(coordinator, url)
    services.edit_words(
        session,
        draft,
        title="同僚の題名",
        category_note="",
        note="",
        seen=services.words_seen(draft),
        **BY,
    )
    session.commit()
    data = {"title": "わたしの題名", "category_note": "", "note": "", **stale}
    response = post(coordinator, url, data)
    page = text_of(response)
    assert response.status_code == 409
    assert "同僚の題名" in page
    assert 'value="わたしの題名"' in page
    assert fresh(session).title == "同僚の題名"
    again = re.search(r'name="seen"[^>]*value="([^"]*)"', page)[1]
    assert post(coordinator, url, {**data, "seen": again}).status_code == 303
    assert fresh(session).title == "わたしの題名"


def test_an_item_conflict_keeps_what_was_typed(session, coordinator, draft):
    found = draft.items[0]
    url = f"{BASE}/2/items/{found.id}/edit"
    stale = form_of(coordinator, url)
    data = {
        "code": "1-1",
        "section": found.section_id,
        "name": "わたしの名前",
        "guideline_text": "わたしの内容",
        "categories-0-code": "Ⅱ",
        "categories-0-policy": "わたしの方針",
        **stale,
    }
    items.edit_item(
        session,
        draft,
        found.id,
        items.ItemInput("1-1", found.section_id, "同僚の名前", "", [("Ⅲ", "")]),
        seen=items.item_seen(found),
        **BY,
    )
    session.commit()
    response = post(coordinator, url, data)
    page = text_of(response)
    assert response.status_code == 409
    for words in ("同僚の名前", "わたしの名前", "わたしの内容", "わたしの方針"):
        assert words in page


def test_what_was_typed_for_a_deleted_section_or_item_stays_on_the_page(
    session, coordinator, draft
):
    section = sections.add_section(
        session, draft, parent_id=None, mark="", title="消える見出し", **BY
    )
    session.commit()
    section_id, item_id = section.id, draft.items[0].id
    first_section = draft.sections[0].id
    sections.delete_section(session, draft, section_id, **BY)
    items.delete_item(session, draft, item_id, **BY)
    session.commit()
    sent = post(
        coordinator,
        f"{BASE}/2/sections/{section_id}/edit",
        {"mark": "", "title": "打ち込んだ見出し", "parent": 0, "seen": "x"},
    )
    assert sent.status_code == 409
    assert "打ち込んだ見出し" in text_of(sent)
    sent = post(
        coordinator,
        f"{BASE}/2/items/{item_id}/edit",
        {
            "code": "1-1",
            "section": first_section,
            "name": "打ち込んだ名前",
            "categories-0-code": "Ⅱ",
            "seen": "x",
        },
    )
    assert sent.status_code == 409
    assert "打ち込んだ名前" in text_of(sent)
    assert coordinator.get(f"{BASE}/2/sections/{section_id}/edit").status_code == 404
    assert coordinator.get(f"{BASE}/2/items/{item_id}/edit").status_code == 404


def test_the_legend_is_edited_by_lines(session, coordinator, draft):
    url = f"{BASE}/2/categories"
    page = text_of(coordinator.get(url))
    assert page.count('name="lines-') == 3 * (3 + 2)
    lines = {
        f"lines-{number}-{name}": value
        for number, one in enumerate(draft.categories)
        for name, value in (("category_id", one.id), ("code", one.code), ("label", one.label))
    }
    lines |= {"lines-3-category_id": "", "lines-3-code": "Ⅳ", "lines-3-label": "足した区分"}
    lines |= {"lines-4-category_id": "", "lines-4-code": "", "lines-4-label": ""}
    lines |= form_of(coordinator, url)
    assert post(coordinator, url, lines).status_code == 303
    assert [one.code for one in fresh(session).categories] == ["Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"]
    response = post(coordinator, url, {**lines, "lines-3-label": "遅れて直した区分"})
    assert response.status_code == 409
    assert "遅れて直した区分" in text_of(response)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("words", {"title": ""}),
        ("sections/new", {"title": "", "parent": 0}),
        ("sections/new", {"title": "x", "parent": 999_999}),
        ("items/new", {"code": "", "section": 0, "name": "消えない名前"}),
    ],
)
def test_incomplete_forms_come_back_with_what_was_typed(coordinator, draft, path, data):
    response = post(coordinator, f"{BASE}/2/{path}", data)
    assert response.status_code == 422
    if "name" in data:
        assert "消えない名前" in text_of(response)


def test_a_draft_is_discarded_only_after_asking(session, coordinator, draft):
    assert "元に戻せません" in text_of(coordinator.get(f"{BASE}/2/discard"))
    assert post(coordinator, f"{BASE}/2/discard").status_code == 303
    assert coordinator.get(f"{BASE}/2").status_code == 404
    assert post(coordinator, f"{BASE}/1/discard").status_code == 409


def test_departments_are_assigned_to_an_item(session, coordinator):
    department = make_department(session, "<b>甲課</b>")
    found = fresh(session, 1).items[0]
    url = f"{BASE}/items/{found.item_id}/departments"
    assert "&lt;b&gt;甲課&lt;/b&gt;" in text_of(coordinator.get(url))
    response = post(coordinator, f"{url}?number=1", {"departments": department.id})
    assert response.status_code == 303
    assert response.location.endswith(f"{BASE}/1#item-{found.item_id}")
    assert "&lt;b&gt;甲課&lt;/b&gt;" in text_of(coordinator.get(f"{BASE}/1"))
    assert post(coordinator, url, {"departments": 99_999}).status_code == 422
    assert post(coordinator, url, {}).status_code == 303
    assert queries.assignments(session) == {}
    assert coordinator.get(f"{BASE}/items/99999/departments").status_code == 404
