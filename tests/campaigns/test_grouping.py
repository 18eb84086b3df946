"""Grouping of texts: exact, near, inside a letter; never by a chain, never for and against."""

import pytest

from participation.campaigns.grouping.groups import group_texts
from participation.campaigns.grouping.marks import Sort, differing_words
from participation.campaigns.grouping.similarity import Prepared, demand
from tests.campaigns.corpus import make_corpus
from tests.campaigns.scores import score

TEMPLATE = (
    "駅前の駐輪場を地下に移す計画に反対します。地下では夜に歩く人の目が届かず、重い電動自転車を"
    "押して坂を上り下りするのは高齢者や子ども連れにはつらいことです。今の場所に屋根と照明を付けるほうが、"
    "費用も少なく、早く実現できると思います。"
)
LETTER = (
    "いつもお世話になっております。南町で三十年、花屋を営んでおります者です。先日の市の広報を読み、"
    "どうしてもお伝えしたいことがあって筆をとりました。\n" + TEMPLATE + "\n"
    "孫もこの春から自転車で高校に通い始めました。どうか市民の声に耳を傾けてくださいますよう、"
    "お願い申し上げます。お返事は要りません。寒い日が続きますので、皆さまご自愛ください。"
)
OTHERS = [
    "図書館の開館時間を、働く人のために夜八時まで延ばしてください。学生の勉強場所としても役立ちます。",
    "河川敷の遊歩道に木陰がなく、夏は歩けません。落葉樹を植え、ベンチを増やすことを提案します。",
]


def test_equal_but_for_width_and_blanks():
    texts = [
        "令和６年度の計画 に賛成",
        "令和6年度の計画\nに賛成",
        OTHERS[0],
        "令和6年度の計画に　賛成",
    ]
    groups = group_texts(texts)
    assert groups.labels == [0, 0, 1, 0]
    assert groups.representatives == [0, 0, 2, 0]
    assert groups.similarities == [1.0] * 4


def test_an_edited_copy_and_a_letter_join_the_text_they_come_from():
    edited = TEMPLATE.replace("高齢者や子ども連れ", "お年寄り").replace(
        "反対します", "納得できません"
    )
    groups = group_texts([OTHERS[0], TEMPLATE, edited, OTHERS[1], LETTER, TEMPLATE])
    assert groups.representatives == [0, 1, 1, 3, 1, 1]
    assert 0.8 < groups.similarities[2] < 1
    assert 0.9 < groups.similarities[4] < 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("賛成です。", "反対です。"),
        ("この案に賛成します。", "この案に反対します。"),
        ("駅前の再開発には賛成です。", "駅前の再開発には反対です。"),
        ("I support this plan.", "I oppose this plan."),
    ],
)
def test_short_texts_for_and_against_stay_apart(one: str, other: str):
    assert group_texts([one, other]).labels == [0, 1]


def test_nothing_and_almost_nothing():
    assert group_texts([]).labels == []
    assert group_texts(["", " ", "　\n", "あ"]).labels == [0, 0, 0, 1]


def test_lone_surrogates_and_rare_characters_do_no_harm():
    texts = ["\ud83d" * 50, "𠮷野家の🌳を増やす" * 10, "𠮷野家の🌳を増やす。" * 10]
    assert group_texts(texts).labels == [0, 1, 1]


def test_likeness_does_not_chain():
    """Each is like the next one, the first and the last are independent texts."""
    corpus = [text for text in make_corpus(200).texts if 150 < len(text) < 260][:2]
    first, last = (text[:150] for text in corpus)
    steps = [last[:cut] + first[cut:] for cut in range(0, 151, 30)]
    groups = group_texts(steps)
    assert len(set(groups.labels)) > 1
    for text, representative, similarity in zip(
        steps, groups.representatives, groups.similarities, strict=True
    ):
        if text != steps[representative]:
            found = Prepared(steps[representative]).similarity(text, 0.65)
            assert found == pytest.approx(similarity)


def test_fixed_texts_stay_representatives():
    edited = TEMPLATE.replace("高齢者や子ども連れ", "お年寄り")
    groups = group_texts([edited, OTHERS[0], TEMPLATE, TEMPLATE, OTHERS[1]], fixed=2)
    assert groups.representatives == [0, 1, 0, 0, 4]
    two = group_texts([edited, TEMPLATE, TEMPLATE + "。"], fixed=2)
    assert two.representatives == [0, 1, 1]


def test_the_same_texts_give_the_same_groups():
    texts = make_corpus(600, seed=5).texts
    assert group_texts(texts) == group_texts(list(texts))


def test_a_higher_threshold_groups_less():
    corpus = make_corpus(500, seed=6)
    assert len(set(group_texts(corpus.texts, threshold=0.95).labels)) > len(
        set(group_texts(corpus.texts).labels)
    )
    with pytest.raises(ValueError, match="threshold"):
        group_texts(corpus.texts, threshold=0)


def test_a_campaign_of_one_template():
    """Nearly everything is a variant of one text; the few others are still found."""
    corpus = make_corpus(900, seed=8, planted=1.0, english=0)
    family = max(set(corpus.origins), key=corpus.origins.count)
    rows = [i for i, origin in enumerate(corpus.origins) if origin == family]
    others = make_corpus(30, seed=9, planted=0, english=0).texts
    copies = [corpus.texts[row] for row in rows]
    variants = [
        text[:cut] + "と強く感じるところです" + text[cut + 5 :]
        for text in copies[:1]
        for cut in range(len(text) - 10)
    ]
    groups = group_texts([copies[0], *variants, *others])
    assert set(groups.representatives[: len(variants) + 1]) == {groups.representatives[0]}
    assert len(set(groups.labels)) == 1 + len(others)


def test_progress_is_told():
    told: list[tuple[int, int, str]] = []
    group_texts(make_corpus(300).texts, progress=lambda *step: told.append(step))
    assert told
    assert all(0 <= done <= total for done, total, _label in told)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_bars_at_2_000(seed: int):
    corpus = make_corpus(2_000, seed=seed)
    found = score(corpus, group_texts(corpus.texts).labels)
    assert found.exact == 1
    assert found.recall >= 0.99
    assert found.precision >= 0.995


@pytest.mark.slow
def test_the_bars_at_10_000():
    corpus = make_corpus(10_000, seed=3)
    found = score(corpus, group_texts(corpus.texts).labels)
    assert found.exact == 1
    assert found.recall >= 0.99
    assert found.precision >= 0.995
    assert found.f1 >= 0.95


def test_the_corpus_is_what_it_says():
    corpus = make_corpus(1_000)
    assert corpus == make_corpus(1_000)
    assert {"original", "exact", "edited", "wrapped", "independent"} == set(corpus.kinds)
    assert set(corpus.edits) >= {0.05, 0.2, 0.4}
    originals = {
        origin: text
        for text, origin, kind in zip(corpus.texts, corpus.origins, corpus.kinds, strict=True)
        if kind == "original"
    }
    for text, origin, kind, edit in zip(
        corpus.texts, corpus.origins, corpus.kinds, corpus.edits, strict=True
    ):
        if kind == "wrapped":
            assert originals[origin] in text
        elif kind == "edited":
            assert text != originals[origin]
            common = Prepared(originals[origin]).common(text)
            assert common >= len(originals[origin]) * (1 - edit) - 1


def test_short_texts_need_more():
    assert demand(10, 0.65) > demand(40, 0.65) > demand(60, 0.65) == 0.65


def test_marks_of_the_differing_words():
    pieces = differing_words("駅前の駐輪場を 地下に移す。", "駅前の駐車場を地下へ移す。")
    assert pieces is not None
    assert "".join(p.text for p in pieces if p.sort is not Sort.ONLY_THERE) == (
        "駅前の駐車場を地下へ移す。"
    )
    assert [p.text for p in pieces if p.sort is Sort.ONLY_THERE] == ["駐輪場", "に"]
    assert [p.text for p in pieces if p.sort is Sort.ONLY_HERE] == ["駐車場", "へ"]


def test_width_is_no_difference_and_long_texts_are_left_unmarked():
    pieces = differing_words("令和6年度", "令和６年度")
    assert pieces is not None
    assert {piece.sort for piece in pieces} == {Sort.BOTH}
    assert differing_words("あ" * 5_000, "い" * 5_000) is None
