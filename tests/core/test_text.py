"""Text: kept as typed, compared without width, measured, and made fit for CP932."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.core.text import (
    clean_input,
    compare_key,
    cp932_safe,
    display_width,
    opening,
    same_text,
)

# Japanese text with what troubles it, beside anything at all.
JAPANESE = st.text("かきはがパ髙﨑①Ⅳ㈱〜～−－—―¥￥‖葛\U000e0100\u3099\u309a𠮷😀 \u3000\n\u00a0aB1")
ANY = st.one_of(st.text(), JAPANESE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("第４次計画", "第4次計画"),
        ("ﾊﾟﾌﾞﾘｯｸｺﾒﾝﾄ", "パブリックコメント"),
        ("(株)伊勢原", "㈱伊勢原"),
        ("市民　協働課", "市民 協働課"),
        ("  市民協働課\n", "市民協働課"),
        ("10〜20", "10～20"),
        ("−5", "－5"),
        ("これは—だ", "これは―だ"),
        ("か\u3099", "が"),
        ("葛\U000e0100城", "葛城"),
        ("市民\u200b協働課\ufeff", "市民協働課"),
        ("一行目\r\n二行目", "一行目 二行目"),
        ("100¥", "100￥"),
    ],
)
def test_these_say_the_same(one, other):
    assert same_text(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("実施した。", "実施する。"),
        ("第4次計画", "第5次計画"),
        ("市民協働課", "市民 協働課"),
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("PDF", "pdf"),
        ("ー", "－"),
    ],
)
def test_these_do_not(one, other):
    assert not same_text(one, other)


@given(ANY)
def test_a_key_is_its_own_key(text):
    assert compare_key(compare_key(text)) == compare_key(text)


def test_clean_input_keeps_what_people_typed():
    text = "　①Ⅳ㈱髙﨑𠮷〜～ 葛\U000e0100\n\tﾊﾝｶｸ　👩\u200d👧 "
    assert clean_input(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\x0bb\x0cc\x85d", "a\nb\nc\nd"),
        ("a\x00b\x07c\x1bd\x7fe\x9ff", "abcdef"),
        ("a\ud83db\udc00", "ab"),
        ("a\ufffe\uffffb", "ab"),
        ("\t", "\t"),
    ],
)
def test_clean_input_takes_out_what_nothing_can_carry(text, expected):
    assert clean_input(text) == expected


@given(st.text(st.characters(codec=None)))
def test_clean_text_can_be_stored_and_stays_clean(text):
    clean = clean_input(text)
    assert clean.encode("utf-8").decode("utf-8") == clean
    assert clean_input(clean) == clean
    assert not {c for c in clean if unicodedata.category(c) == "Cc"} - {"\n", "\t"}


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("漢字", 4),
        ("ｱﾊﾟｰﾄ", 5),
        ("①※", 4),
        ("か\u3099", 2),
        ("葛\U000e0100", 2),
        ("𠮷", 2),
        ("R5年度", 6),
    ],
)
def test_width_in_columns(text, width):
    assert display_width(text) == width


@pytest.mark.parametrize(
    ("text", "safe", "lost"),
    [
        ("髙﨑①Ⅳ㈱～", "髙﨑①Ⅳ㈱～", ()),
        ("10〜20−5—¥100‖", "10～20－5―￥100∥", ()),
        ("2023–2025", "2023－2025", ()),
        ("か\u3099く\u309a", "がく〓", ("\u309a",)),
        ("葛\U000e0100城市", "葛城市", ("葛\U000e0100",)),
        ("𠮷野家▶😀▶", "〓野家〓〓〓", ("▶", "😀", "𠮷")),
        ("plain", "plain", ()),
        ("\ud800あ", "〓あ", ("\ud800",)),
        ("a\u00a0b", "a b", ()),
    ],
)
def test_cp932_keeps_looks_and_lists_what_it_lacks(text, safe, lost):
    assert cp932_safe(text) == (safe, lost)


@given(ANY)
def test_whatever_goes_in_cp932_can_carry_it_and_gives_it_back(text):
    safe, _lost = cp932_safe(text)
    assert safe.encode("cp932").decode("cp932") == safe


@given(ANY)
def test_what_lost_nothing_compares_equal_after_the_round_trip(text):
    safe, lost = cp932_safe(text)
    if not lost:
        assert same_text(safe, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("短い文。", "短い文。"),
        ("一行目\n二行目", "一行目 二行目"),
        ("あ" * 10, "あ" * 10),
        ("あ" * 11, "あ" * 9 + "…"),
        ("一つ目。二つ目。三つ目。", "一つ目。二つ目。"),
        ("。" + "あ" * 20, "。" + "あ" * 8 + "…"),
    ],
)
def test_the_opening_of_a_text(text, expected):
    assert opening(text, 10) == expected
