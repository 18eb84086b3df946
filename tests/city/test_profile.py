"""A profile's file: what is read, what is refused and where."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from participation.city.profile import check_code, read_profile
from participation.core.errors import InvalidInput

EXAMPLE = json.loads((Path(__file__).parent / "profile_example.json").read_text())


def spoilt(path: list[Any], value: Any) -> Any:
    file = copy.deepcopy(EXAMPLE)
    place = file
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return file


def test_the_example_is_read_whole() -> None:
    profile = read_profile(EXAMPLE)
    assert profile.city.contact[1] == ("電話", "00-0000-0001")
    assert profile.departments is not None
    assert [part.code for part in profile.departments] == ["bika", "seiso"]
    assert profile.departments[0].successors[0][0] == "seiso"
    assert profile.wording == {"item": "基本的な取り組み"}


def test_missing_sections_are_told_from_empty_ones() -> None:
    profile = read_profile({"city": EXAMPLE["city"], "places": []})
    assert profile.places == ()
    assert profile.departments is None


@pytest.mark.parametrize("code", ["142140", "131016", "011002", "402036", "473821", "130001"])
def test_real_codes_pass(code: str) -> None:
    check_code(code)


def test_every_wrong_check_digit_is_refused() -> None:
    for digit in "123456789":
        with pytest.raises(InvalidInput, match="検査数字"):
            check_code(f"14214{digit}")


@pytest.mark.parametrize("code", ["", "14214", "1421400", "１４２１４０", "14214x"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(InvalidInput, match="半角6桁"):
        check_code(code)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ([], "項目の並び"),
        ({}, "city がありません"),
        ({"city": EXAMPLE["city"], "depts": []}, "知らない項目があります：depts"),
        (spoilt(["city", "name"], " "), "city.name: 空にできません"),
        (spoilt(["city", "name"], "市" * 61), "city.name: 60文字以内"),
        (spoilt(["city", "name"], 5), "city.name: 文字列"),
        (spoilt(["city", "code"], "131017"), "city.code: .*検査数字"),
        (spoilt(["city", "contact"], {}), r"city.contact: \[ \]"),
        (spoilt(["city", "contact", 0], {"label": "電話"}), r"city.contact\[0\].value"),
        (spoilt(["departments", 1, "code"], "bika"), "重複しています：bika"),
        (spoilt(["departments", 1, "periods"], []), r"departments\[1\].periods"),
        (
            spoilt(["departments", 1, "periods", 0, "valid_from"], "R5.4.1"),
            r"departments\[1\].periods\[0\].valid_from: 日付",
        ),
        (
            spoilt(["departments", 1, "periods", 1, "valid_from"], "2024-03-31"),
            "重ならないように",
        ),
        (
            spoilt(["departments", 1, "periods", 1, "valid_to"], "2020-01-01"),
            "valid_to が valid_from より前",
        ),
        (spoilt(["departments", 0, "successors", 0, "code"], "x"), "後継 x"),
        (spoilt(["departments", 0, "periods", 0, "valid_to"], None), "前日までに"),
        (spoilt(["closed_days", 0, "day"], "12/29"), r"closed_days\[0\].day"),
        (spoilt(["rules"], {"campaign.days": 3}), "rules: .*という規則はありません"),
        (spoilt(["rules"], {"campaign.minimum_days": "30"}), "整数"),
        (spoilt(["lists"], {"campaign.people": []}), "lists: .*という一覧はありません"),
        (spoilt(["lists"], {"campaign.eligibility": "市民"}), "文字列の一覧"),
        (spoilt(["lists"], {"campaign.eligibility": ["市民", ""]}), "1文字以上"),
        (spoilt(["lists"], {"campaign.categories": ["A"]}), "code、label"),
        (spoilt(["lists"], {"campaign.categories": [{"code": "", "label": "反映"}]}), "記号"),
        (spoilt(["lists"], {"campaign.categories": [{"code": "A", "label": 5}]}), "文字列"),
        (spoilt(["rules"], {"campaign.minimum_days": True}), "整数"),
        (spoilt(["rules"], {"campaign.minimum_days": 0}), "1から180"),
        (spoilt(["wording"], {"itme": "x"}), "知らない項目があります：itme"),
    ],
)
def test_faults_name_their_place(file: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_profile(file)
