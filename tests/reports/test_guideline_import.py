"""Loading a guideline from a file."""

import copy
import json

import pytest
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core.actors import system_actor
from participation.core.errors import NotFound
from participation.reports.models import Guideline, GuidelineState, Item
from participation.reports.queries.guideline import guideline_for, section_tree
from participation.reports.services.guideline_file import (
    GuidelineFileError,
    read_content,
    split_mark,
)
from participation.reports.services.guideline_import import (
    content_of,
    load_guideline,
    same_in_force,
)
from tests.reports.world import NOW, REAL, load_small, small_guideline

ACTOR = system_actor("test")


def headings(guideline):
    return [
        (branch.level, branch.section.mark, branch.section.title)
        for root in section_tree(guideline)
        for branch in root.walk()
    ]


def test_the_tree_is_stored_as_printed(session):
    load_small(session)
    guideline = guideline_for(session, 2024)
    assert headings(guideline) == [
        (1, "１", "計画づくりへの参加"),
        (2, "①", "案をつくるとき"),
        (3, "◎", "声を集める"),
        (3, "◎", "いっしょに決める"),
        (2, "②", "実行するとき"),
        (1, "２", "市民活動の支え"),
    ]
    assert [item.item.code for item in guideline.items] == ["1-1", "1-2", "1-3", "2-1"]
    assert [(row.code, row.policy) for row in guideline.items[0].categories] == [
        ("Ⅱ", "これまでの取り組みを続ける。"),
        ("Ⅲ", "各課がそれぞれ行う。"),
    ]
    assert guideline.items[1].guideline_text == "開き方を定める\n記録を公開する"
    assert guideline.state is GuidelineState.ENACTED


def test_the_same_file_again_changes_nothing(session):
    first = load_small(session)
    events = session.scalar(select(func.count()).select_from(AuditEvent))
    assert same_in_force(session, small_guideline(), now=NOW) is not None
    again = load_guideline(session, small_guideline(), actor=ACTOR, now=NOW)
    assert again.id == first.id
    assert session.scalar(select(func.count()).select_from(Guideline)) == 1
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == events


def test_a_changed_file_is_a_new_version_of_the_same_items(session):
    load_small(session, year=2020)
    changed = small_guideline()
    changed["items"][0]["name"] = "アンケートと聞き取り"
    assert same_in_force(session, changed, now=NOW, valid_from_year=2025) is None
    load_guideline(session, changed, actor=ACTOR, now=NOW, valid_from_year=2025)
    session.commit()
    assert guideline_for(session, 2024).items[0].name == "アンケート"
    assert guideline_for(session, 2025).items[0].name == "アンケートと聞き取り"
    assert (
        guideline_for(session, 2025).items[0].item_id
        == guideline_for(session, 2024).items[0].item_id
    )
    assert session.scalar(select(func.count()).select_from(Item)) == 4


def test_a_year_before_the_first_version_gets_the_first(session):
    load_small(session, year=2022)
    assert guideline_for(session, 2010).valid_from_year == 2022


def test_without_any_version_the_answer_says_what_to_do(session):
    with pytest.raises(NotFound, match="指針を読み込む"):
        guideline_for(session, 2024)


def test_reading_takes_the_same_few_queries_at_any_size(session, queries):
    load_small(session)
    session.expire_all()
    queries.clear()
    guideline = guideline_for(session, 2024)
    for branch in (b for root in section_tree(guideline) for b in root.walk()):
        for item in branch.items:
            assert item.item.code
            assert item.categories
    assert len(queries) <= 6


def test_another_citys_depth_loads_and_compares_equal(session):
    deep = small_guideline()
    deep["sections"] = [
        {
            "mark": "第一",
            "title": "編",
            "sections": [
                {
                    "mark": "一",
                    "title": "章",
                    "sections": [
                        {
                            "mark": "ア",
                            "title": "節",
                            "sections": [
                                {"mark": "(1)", "title": "款", "sections": [{"title": "目"}]}
                            ],
                        }
                    ],
                }
            ],
        }
    ]
    for item in deep["items"]:
        item["section"] = ["第一", "一", "ア", "(1)", "目"]
        item["subsection"] = item["group"] = None
    deep["items"][3]["section"] = "第一"
    guideline = load_guideline(session, deep, actor=ACTOR, now=NOW)
    session.commit()
    assert [level for level, _mark, _title in headings(guideline)] == [1, 2, 3, 4, 5]
    # An item right under the outermost heading is printed before what stands deeper.
    assert [item.item.code for item in guideline.items] == ["2-1", "1-1", "1-2", "1-3"]
    assert load_guideline(session, deep, actor=ACTOR, now=NOW).id == guideline.id
    session.expire_all()
    assert content_of(guideline_for(session, 2024)) == read_content(deep)


def test_the_real_guideline_loads_whole(session):
    if not REAL.exists():
        pytest.skip("../shared/data/isehara is not here")
    data = json.loads(REAL.read_text())
    guideline = load_guideline(session, data, actor=ACTOR, now=NOW)
    session.commit()
    assert len(guideline.items) == 33
    assert len(guideline.sections) == 10
    assert [section.mark for section in guideline.sections if section.parent is None] == list(
        "１２３４５"
    )
    assert {len(item.categories) for item in guideline.items} == {1, 2}
    assert load_guideline(session, data, actor=ACTOR, now=NOW).id == guideline.id


def broken(change):
    data = copy.deepcopy(small_guideline())
    change(data)
    return data


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("title"), "title"),
        (lambda d: d.update(title="  "), "title が空"),
        (lambda d: d.update(sections=[]), "見出しが1つもありません"),
        (lambda d: d.update(sections="1"), "sections が"),
        (lambda d: d.update(categories=[]), "区分が1つもありません"),
        (lambda d: d["categories"].append(d["categories"][0]), "「Ⅰ」が重なって"),
        (lambda d: d["items"][1].update(id="1-1"), "items の id「1-1」が重なって"),
        (lambda d: d["items"][2].update(section="9"), "items[2]：見出し「9」がありません"),
        (lambda d: d["items"][0].update(group="◎"), "見出し「◎」が複数あります"),
        (lambda d: d["items"][0].update(section=None, subsection=None, group=None), "section が"),
        (lambda d: d["items"][0].update(name=None), "items[0].name"),
        (lambda d: d["items"][0].update(name="長" * 301), "items[0].name が300文字を超えて"),
        (lambda d: d["items"][0].update(categories=[]), "items[0].categories に区分が1つも"),
        (lambda d: d["items"][0]["categories"][0].update(code="Ⅸ"), "区分「Ⅸ」が categories に"),
        (lambda d: d["items"][0].update(order="先"), "items[0].order が数では"),
        (lambda d: d["items"].append("x"), "items[4] がオブジェクトでは"),
        (lambda d: d["sections"].append(7), "sections[2] がオブジェクトでも文字列でもありません"),
        (
            lambda d: d["sections"][0]["subsections"][0]["groups"].append("◎"),
            "見出しの文字がありません",
        ),
    ],
)
def test_every_fault_is_named_with_its_place(change, said):
    with pytest.raises(GuidelineFileError) as caught:
        read_content(broken(change))
    assert said in str(caught.value)
    assert caught.value.problems


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(GuidelineFileError, match="オブジェクトではありません"):
        read_content(data)


def test_too_deep_a_tree_ends_with_an_answer():
    node = {"title": "底"}
    for _ in range(500):
        node = {"title": "段", "sections": [node]}
    with pytest.raises(GuidelineFileError, match="8段"):
        read_content({**small_guideline(), "sections": [node]})


def test_many_faults_are_counted_not_all_shown():
    data = broken(lambda d: d.update(items=[{} for _ in range(100)]))
    with pytest.raises(GuidelineFileError, match=r"ほか\d+件"):
        read_content(data)


@pytest.mark.parametrize(
    ("heading", "mark", "title"),
    [
        ("◎意見の把握", "◎", "意見の把握"),
        ("① 実施", "①", "実施"),
        ("※◎二つ", "", "※◎二つ"),
        ("印のない見出し", "", "印のない見出し"),
        ("1番目", "", "1番目"),
    ],
)
def test_a_leading_sign_is_the_mark(heading, mark, title):
    assert split_mark(heading) == (mark, title)
