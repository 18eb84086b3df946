"""What becomes of passages in the next version: total, one to one, found, and fast."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participation.campaigns.documents.difference import marked_difference
from participation.campaigns.documents.successors import Fate, most_alike, trace
from participation.campaigns.models import Lineage, PassageKind
from participation.campaigns.texts import comparable

P, H = PassageKind.PARAGRAPH, PassageKind.HEADING
WORDS = [
    *("公園", "緑地", "街路樹", "市民", "協働", "計画", "保全", "整備", "水辺"),
    *("里山", "農地", "防災", "景観", "教育", "学校", "健康", "環境", "観光"),
]


def sentence(seed: int, length: int = 14) -> str:
    chosen = random.Random(seed)
    ending = "を守る。", "を進める。", "に努める。", "の方針を定める。"
    return "、".join(chosen.choice(WORDS) + str(chosen.randrange(99)) for _ in range(length)) + (
        chosen.choice(ending)
    )


def paragraphs(*texts: str) -> list[tuple[PassageKind, str]]:
    return [(P, text) for text in texts]


PASSAGES = st.lists(
    st.tuples(
        st.sampled_from(list(PassageKind)),
        st.one_of(
            st.text(alphabet="公園緑道市民計画 の12", min_size=1, max_size=30),
            st.integers(0, 20).map(sentence),
        ),
    ),
    max_size=15,
)


@given(PASSAGES, PASSAGES)
@settings(max_examples=200)
def test_every_passage_has_a_fate_and_kept_ones_map_one_to_one(old, new):
    fates = trace(old, new)
    assert len(fates) == len(old)
    kept = []
    for (kind, text), fate in zip(old, fates, strict=True):
        assert all(0 <= target < len(new) for target in fate.targets)
        assert list(fate.targets) == sorted(set(fate.targets))
        counts = {Lineage.KEPT: 1, Lineage.CHANGED: 1, Lineage.REMOVED: 0}
        assert len(fate.targets) == counts.get(fate.relation, max(2, len(fate.targets)))
        if fate.relation is Lineage.KEPT:
            kept.append(fate.targets[0])
            assert comparable(new[fate.targets[0]][1]) == comparable(text), kind
    assert len(kept) == len(set(kept))
    assert fates == trace(old, new)


@given(PASSAGES)
def test_the_same_version_keeps_everything_in_place(old):
    assert trace(old, old) == [Fate(Lineage.KEPT, (place,)) for place in range(len(old))]


@given(PASSAGES, st.data())
def test_what_is_put_in_between_disturbs_nothing(old, data):
    place = data.draw(st.integers(0, len(old)))
    new = [*old[:place], (P, "まったく新しく入れた、ほかにない文章である。"), *old[place:]]
    moved = [Fate(Lineage.KEPT, (spot + (spot >= place),)) for spot in range(len(old))]
    assert trace(old, new) == moved


def test_changes_splits_merges_and_removals_are_found():
    one, two, three, four = (sentence(seed) for seed in range(4))
    old = paragraphs(one, two, three, four, sentence(5), sentence(6, 5), sentence(7, 8))
    new = paragraphs(
        four,  # moved
        one.replace("、", "、及び", 1),  # changed
        two[: len(two) // 2],  # split
        sentence(20),  # new
        two[len(two) // 2 :],
        sentence(6, 5) + sentence(7, 8),  # merged
    )
    assert trace(old, new) == [
        Fate(Lineage.CHANGED, (1,)),
        Fate(Lineage.SPLIT, (2, 4)),
        Fate(Lineage.REMOVED),
        Fate(Lineage.KEPT, (0,)),
        Fate(Lineage.REMOVED),
        Fate(Lineage.CHANGED, (5,)),
        Fate(Lineage.CHANGED, (5,)),
    ]


def test_a_heading_is_followed_by_a_heading_and_width_does_not_count():
    old = [(H, "第2章 緑の現状と課題"), (P, "公園は 12 か所")]
    new = [(P, "第3章 緑の現状と課題"), (H, "第3章 緑の現状と課題"), (P, "公園は１２か所")]
    assert trace(old, new) == [Fate(Lineage.CHANGED, (1,)), Fate(Lineage.KEPT, (2,))]


def test_repeated_texts_are_paired_by_their_neighbours():
    old = paragraphs("第一", "なし", "第二", "なし", "第三", "なし")
    new = paragraphs("第一", "第二", "なし", "第三", "なし")
    assert [fate.targets for fate in trace(old, new)] == [(0,), (), (1,), (2,), (3,), (4,)]


def test_edited_passages_are_found_among_five_hundred():
    chosen = random.Random(3)
    old = paragraphs(*(sentence(seed) for seed in range(500)))
    new = []
    for kind, text in old:
        words = text.split("、")
        words[chosen.randrange(len(words))] = "新たな語句に改めたところ"
        new.append((kind, "、".join(words)))
    order = list(range(500))
    chosen.shuffle(order)
    started = time.process_time()
    fates = trace(old, [new[place] for place in order])
    assert time.process_time() - started < 5
    right = sum(order[fate.targets[0]] == place for place, fate in enumerate(fates))
    assert right == 500


@pytest.mark.slow
def test_a_book_of_alike_passages_takes_seconds():
    filler = "計画的な保全と市民との協働による緑化を推進し、潤いのある都市環境を形成する。" * 3
    old = paragraphs(*(f"{place}番目の地区では、{filler}" for place in range(3_000)))
    new = paragraphs(*(f"{place}番目の区域でも、{filler}" for place in range(3_000)))
    started = time.process_time()
    assert len(trace(old, new)) == 3_000
    assert time.process_time() - started < 40


def test_the_most_alike_come_first():
    new = paragraphs(sentence(1), sentence(2) + "追加", sentence(3))
    assert most_alike((P, sentence(2)), new)[0] == 1


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_difference_shows_both_texts_whole(before: str, after: str):
    first, second = marked_difference(before, after)
    assert "".join(piece.text for piece in first) == before
    assert "".join(piece.text for piece in second) == after
    same = ["".join(piece.text for piece in side if not piece.changed) for side in (first, second)]
    assert same[0] == same[1]
