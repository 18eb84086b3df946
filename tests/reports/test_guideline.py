"""Versions of the guideline: drafted, edited, enacted; what is enacted never moves."""

import pytest
from sqlalchemy import select

from participation.audit.models import AuditEvent
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.reports.models import GuidelineState
from participation.reports.queries import guideline as queries
from participation.reports.services import guideline as services
from participation.reports.services import guideline_items as items
from participation.reports.services import guideline_sections as sections
from participation.reports.services.guideline import CategoryInput, GuidelineConflict
from participation.reports.services.guideline_import import content_of
from tests.factories import make_department
from tests.reports.drafts import BY, codes, item, section, typed


def heads(draft):
    return [
        (branch.level, branch.section.title)
        for root in queries.section_tree(draft)
        for branch in root.walk()
    ]


def test_a_draft_says_the_same_and_shares_the_items(session, enacted, draft):
    assert content_of(draft) == content_of(enacted)
    assert (draft.number, draft.state, draft.valid_from_year) == (2, GuidelineState.DRAFT, None)
    assert {one.item_id for one in draft.items} == {one.item_id for one in enacted.items}
    assert queries.guideline_for(session, 2030).id == enacted.id


def test_an_enacted_version_refuses_every_change(session, enacted):
    before = content_of(enacted)
    first = enacted.items[0]
    head = enacted.sections[0]
    changes = [
        lambda: services.edit_words(
            session,
            enacted,
            title="x",
            category_note="",
            note="",
            seen=services.words_seen(enacted),
            **BY,
        ),
        lambda: services.set_categories(
            session,
            enacted,
            [CategoryInput(None, "Ⅰ", "x")],
            seen=services.categories_seen(enacted),
            **BY,
        ),
        lambda: services.enact(session, enacted, year=2030, **BY),
        lambda: services.discard_draft(session, enacted, **BY),
        lambda: sections.add_section(session, enacted, parent_id=None, mark="", title="x", **BY),
        lambda: sections.edit_section(
            session,
            enacted,
            head.id,
            parent_id=None,
            mark="",
            title="x",
            seen=sections.section_seen(head),
            **BY,
        ),
        lambda: sections.move_section(session, enacted, head.id, up=False, **BY),
        lambda: sections.delete_section(session, enacted, head.id, **BY),
        lambda: items.add_item(session, enacted, typed(enacted), **BY),
        lambda: items.edit_item(
            session, enacted, first.id, typed(enacted, "1-1"), seen=items.item_seen(first), **BY
        ),
        lambda: items.move_item(session, enacted, first.id, up=False, **BY),
        lambda: items.delete_item(session, enacted, first.id, **BY),
    ]
    for change in changes:
        with pytest.raises(StateConflict, match="施行された版は変更できません"):
            change()
    session.commit()
    session.expire_all()
    assert content_of(enacted) == before


def test_words_are_edited_and_a_stale_form_is_told(session, draft):
    seen = services.words_seen(draft)
    edit = {"category_note": "区分", "note": "要点", "seen": seen}
    services.edit_words(session, draft, title="新しい題名", **edit, **BY)
    session.commit()
    assert (draft.title, draft.version) == ("新しい題名", 3)
    with pytest.raises(GuidelineConflict):
        services.edit_words(session, draft, title="古い画面から", **edit, **BY)
    # Another's change elsewhere in the draft is no conflict.
    sections.move_section(session, draft, draft.sections[0].id, up=False, **BY)
    services.edit_words(
        session,
        draft,
        title="次の題名",
        category_note="",
        note="",
        seen=services.words_seen(draft),
        **BY,
    )
    assert draft.title == "次の題名"


@pytest.mark.parametrize("title", ["", " ", "題\n名", "長" * 301])
def test_a_title_is_one_line_of_words(session, draft, title):
    with pytest.raises(InvalidInput) as caught:
        services.edit_words(
            session,
            draft,
            title=title,
            category_note="",
            note="",
            seen=services.words_seen(draft),
            **BY,
        )
    assert caught.value.field == "title"


def test_a_renamed_category_is_renamed_on_its_items(session, draft):
    lines = [CategoryInput(one.id, one.code, one.label) for one in draft.categories]
    lines[1] = CategoryInput(lines[1].category_id, "Ｂ", "続ける。")
    services.set_categories(
        session,
        draft,
        [*lines, CategoryInput(None, "Ⅳ", "あとで決める。")],
        seen=services.categories_seen(draft),
        **BY,
    )
    session.commit()
    assert [one.code for one in draft.categories] == ["Ⅰ", "Ｂ", "Ⅲ", "Ⅳ"]
    assert [row.code for row in item(draft, "1-1").categories] == ["Ｂ", "Ⅲ"]
    assert services.faults_of(draft) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "1つ以上"),
        ([("Ⅰ", "a"), ("Ⅰ", "b"), ("Ⅱ", "c"), ("Ⅲ", "d")], "同じ区分"),
        ([("Ⅰ", "a")], "「Ⅱ」「Ⅲ」は項目で使われている"),
        ([("Ⅰ", "")], "区分の説明を入力"),
        ([("", "説明")], "区分を入力"),
    ],
)
def test_a_legend_that_does_not_hold_together_is_refused(session, draft, lines, said):
    with pytest.raises(InvalidInput, match=said):
        services.set_categories(
            session,
            draft,
            [CategoryInput(None, *line) for line in lines],
            seen=services.categories_seen(draft),
            **BY,
        )


def test_sections_are_added_nested_renamed_and_moved(session, draft):
    added = sections.add_section(
        session, draft, parent_id=section(draft, "市民活動の支え").id, mark="ア", title="場所", **BY
    )
    assert heads(draft)[-2:] == [(1, "市民活動の支え"), (2, "場所")]
    sections.edit_section(
        session,
        draft,
        added.id,
        parent_id=None,
        mark="３",
        title="場所と道具",
        seen=sections.section_seen(added),
        **BY,
    )
    assert heads(draft)[-2:] == [(1, "市民活動の支え"), (1, "場所と道具")]
    assert sections.move_section(session, draft, added.id, up=True, **BY)
    assert sections.move_section(session, draft, added.id, up=True, **BY)
    assert not sections.move_section(session, draft, added.id, up=True, **BY)
    session.commit()
    session.expire_all()
    assert heads(draft)[0] == (1, "場所と道具")
    # A heading moves with all that stands below it, and the items follow in print.
    assert codes(draft) == ["1-1", "1-2", "1-3", "2-1"]
    assert [one.position for one in draft.sections] == list(range(7))


def test_a_section_goes_neither_below_itself_nor_too_deep(session, draft):
    top = section(draft, "計画づくりへの参加")
    below = section(draft, "声を集める")
    for parent in (top, below):
        with pytest.raises(InvalidInput, match="その見出し自身"):
            sections.edit_section(
                session,
                draft,
                top.id,
                parent_id=parent.id,
                mark="",
                title="x",
                seen=sections.section_seen(top),
                **BY,
            )
    deep = below
    for level in range(4, 9):
        deep = sections.add_section(
            session, draft, parent_id=deep.id, mark="", title=f"{level}段", **BY
        )
    with pytest.raises(InvalidInput, match="8段まで"):
        sections.add_section(session, draft, parent_id=deep.id, mark="", title="9段", **BY)
    other = section(draft, "市民活動の支え")
    with pytest.raises(InvalidInput, match="8段まで"):
        sections.edit_section(
            session,
            draft,
            top.id,
            parent_id=other.id,
            mark="",
            title="x",
            seen=sections.section_seen(top),
            **BY,
        )


def test_only_an_empty_section_is_deleted(session, draft):
    for title in ("計画づくりへの参加", "市民活動の支え"):
        with pytest.raises(StateConflict, match="下に見出しや項目"):
            sections.delete_section(session, draft, section(draft, title).id, **BY)
    added = sections.add_section(session, draft, parent_id=None, mark="", title="すぐに消す", **BY)
    sections.delete_section(session, draft, added.id, **BY)
    session.commit()
    assert "すぐに消す" not in [title for _level, title in heads(draft)]


def test_a_part_of_another_version_is_not_found(session, enacted, draft):
    foreign_section, foreign_item = enacted.sections[0].id, enacted.items[0].id
    with pytest.raises(NotFound):
        sections.delete_section(session, draft, foreign_section, **BY)
    with pytest.raises(NotFound):
        sections.add_section(session, draft, parent_id=foreign_section, mark="", title="x", **BY)
    with pytest.raises(NotFound):
        items.delete_item(session, draft, foreign_item, **BY)
    with pytest.raises(NotFound):
        items.add_item(session, draft, typed(draft, section_id=foreign_section), **BY)


def test_enacting_puts_the_new_version_in_force_from_its_year(session, enacted, draft):
    items.delete_item(session, draft, item(draft, "1-3").id, **BY)
    services.enact(session, draft, year=2025, **BY)
    session.commit()
    assert queries.guideline_for(session, 2024).id == enacted.id
    assert queries.guideline_for(session, 2025).id == draft.id
    assert "1-3" in codes(enacted)
    next_draft = services.draft_version(session, draft, note="", **BY)
    with pytest.raises(InvalidInput, match="令和7年度から"):
        services.enact(session, next_draft, year=2024, **BY)
    with pytest.raises(InvalidInput):
        services.enact(session, next_draft, year=2040, **BY)
    services.enact(session, next_draft, year=2025, **BY)
    session.commit()
    assert queries.guideline_for(session, 2025).id == next_draft.id


def test_a_draft_without_items_is_not_enacted(session, draft):
    for one in list(draft.items):
        items.delete_item(session, draft, one.id, **BY)
    with pytest.raises(InvalidInput, match="項目が1つもありません"):
        services.enact(session, draft, year=2025, **BY)


def test_assignments_are_set_as_a_whole_and_audited(session, enacted):
    first, second = make_department(session, "甲課"), make_department(session, "乙課")
    found = enacted.items[0].item
    items.assign_departments(session, found, [first.id], **BY)
    items.assign_departments(session, found, [second.id], **BY)
    items.assign_departments(session, found, [second.id], **BY)
    session.commit()
    assert queries.assignments(session) == {found.id: frozenset({second.id})}
    changes = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "reports.item.assigned")
    ).all()
    assert len(changes) == 2
    with pytest.raises(InvalidInput, match="見つかりません"):
        items.assign_departments(session, found, [99_999], **BY)


def test_every_change_is_audited_with_old_and_new_words(session, draft):
    found = item(draft, "1-1")
    items.edit_item(
        session,
        draft,
        found.id,
        typed(draft, "1-1", name="聞き取り"),
        seen=items.item_seen(found),
        **BY,
    )
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert event.action == "reports.guideline.item_edited"
    assert (event.before["name"], event.after["name"]) == ("アンケート", "聞き取り")
