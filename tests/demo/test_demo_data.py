"""The demo city: its files fit together, hold no secret, and its sentences are its own."""

import csv
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from participation.core.actors import Role
from participation.core.fiscal_year import first_day, last_day, parse_fiscal_year

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "participation" / "demo"
REAL = ROOT.parent / "shared" / "data" / "isehara"
PUBLISHED = {("result", 2022), ("result", 2023), ("plan", 2024)}
OPEN = {("result", 2024), ("plan", 2025)}


def _json(name: str) -> Any:
    return json.loads((DEMO / name).read_text(encoding="utf-8"))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


CONFIRMED, OPEN_ROUND = _rows(DEMO / "entries.csv"), _rows(DEMO / "entries-open-round.csv")


def _column(row: dict[str, str]) -> tuple[str, int]:
    return row["kind"], parse_fiscal_year(row["fiscal_year"])


def _names_in(year: int) -> set[str]:
    """Names that a department had on any day of the fiscal year."""
    names = set()
    for department in _json("profile.json")["departments"]:
        for period in department["periods"]:
            begins = date.fromisoformat(period["valid_from"])
            ends = date.fromisoformat(period.get("valid_to") or "9999-12-31")
            if begins <= last_day(year) and ends >= first_day(year):
                names.add(period["name"])
    return names


def test_guideline_has_the_real_structure():
    guideline = _json("guideline.json")
    places = [(i["section"], i["subsection"], i["group"]) for i in guideline["items"]]
    assert len(guideline["items"]) == 33
    assert len(set(places)) == 8
    assert [c["code"] for c in guideline["categories"]] == list("ⅠⅡⅢⅣⅤ")
    labels = {c["code"]: c["label"] for c in guideline["categories"]}
    for item in guideline["items"]:
        assert item["guideline_text"]
        assert all(row["policy"] == labels[row["code"]] for row in item["categories"])
    assert sum(len(item["categories"]) == 2 for item in guideline["items"]) == 2


def test_every_entry_has_its_item_and_a_department_of_its_year():
    items = {item["id"] for item in _json("guideline.json")["items"]}
    for row in CONFIRMED + OPEN_ROUND:
        kind, year = _column(row)
        assert row["item_id"] in items, row
        assert row["department"] in _names_in(year), row
        assert row["text"] == row["text"].strip() != "", row
        assert kind in {"result", "plan"}, row


def test_published_columns_are_full_and_the_open_round_is_under_way():
    counts = Counter(map(_column, CONFIRMED))
    assert set(counts) == PUBLISHED | OPEN
    assert all(counts[column] >= 60 for column in PUBLISHED)
    assert all(counts[column] > 5 for column in OPEN)
    assert {_column(row) for row in OPEN_ROUND} == OPEN
    # Some departments are done, some in the middle, some have not begun.
    done = {row["department"] for row in CONFIRMED if _column(row) in OPEN}
    under_way = {row["department"] for row in OPEN_ROUND}
    assert done
    assert under_way
    assert not done & under_way
    assert _names_in(2025) - done - under_way


def test_ten_items_stay_without_entries():
    items = {item["id"] for item in _json("guideline.json")["items"]}
    assert len(items - {row["item_id"] for row in CONFIRMED + OPEN_ROUND}) == 10


def test_the_reorganised_department_shows_both_names():
    years: dict[str, set[int]] = {}
    for row in CONFIRMED + OPEN_ROUND:
        years.setdefault(row["department"], set()).add(_column(row)[1])
    assert years["環境美化センター"] == {2022}
    assert min(years["清掃リサイクル課"]) == 2023


def test_no_entry_stands_twice():
    keys = Counter(
        (row["item_id"], *_column(row), row["department"], row["text"])
        for row in CONFIRMED + OPEN_ROUND
    )
    assert max(keys.values()) == 1


def test_hard_cases_are_among_the_entries():
    texts = [row["text"] for row in CONFIRMED + OPEN_ROUND]
    assert any("髙﨑𠮷" in text for text in texts)
    assert any("Nguyễn" in text for text in texts)
    assert any(len(text) > 300 for text in texts)
    assert any(text != unicodedata.normalize("NFKC", text) for text in texts)
    assert "該当なし" in texts


def test_profile_is_of_the_demo_city_with_made_up_numbers():
    profile = _json("profile.json")
    assert profile["city"]["code"] == "142140"
    assert len(profile["departments"]) == 28
    codes = {department["code"] for department in profile["departments"]}
    for department in profile["departments"]:
        assert department["telephone"].startswith("0463-00-")
        for successor in department.get("successors", []):
            assert successor["code"] in codes


def test_people_cover_every_role_and_carry_no_secret():
    people = _json("people.json")
    today = _names_in(2025)
    roles = Counter(person["role"] for person in people)
    assert set(roles) == {role.value for role in Role}
    # One person may not confirm what they wrote themselves, nor be the only one with the keys.
    assert roles["coordinator"] >= 2
    assert roles["administrator"] >= 2
    written = {p["department"] for p in people if p["role"] == "contributor"}
    assert written == {p["department"] for p in people if p["role"] == "approver"}
    assert len({person["email"] for person in people}) == len(people)
    for person in people:
        assert set(person) == {"name", "email", "role", "department"}
        assert person["email"].endswith("@example.jp")
        assert person["department"] is None or person["department"] in today


# --- own words -------------------------------------------------------------

_LONGEST = 12  # characters in a row that the demo may share with the real report, names aside


def _proper_names() -> list[str]:
    activities = json.loads((REAL / "activities.json").read_text(encoding="utf-8"))
    guideline = json.loads((REAL / "guideline.json").read_text(encoding="utf-8"))
    names = {item["name"] for item in guideline["items"]}
    for key, field in [
        ("councils", "council"),
        ("campaigns", "subject"),
        ("projects", "project"),
        ("surveys", "survey"),
    ]:
        names |= {thing[field] for thing in activities[key]}
    names |= {
        "市民活動サポートセンター",
        "第4次伊勢原市食育推進計画",
        "第2次伊勢原市男女共同参画プラン",
        "第3次伊勢原市男女共同参画プラン",
        "伊勢原市人権施策推進指針(改定版)",
        "第27回伊勢原市カラオケ歌謡唱演祭",
        "第3期伊勢原市子ども・子育て支援事業計画",
        "伊勢原市立地適正化計画案",
        "伊勢原市景観計画案",
    }
    return sorted({unicodedata.normalize("NFKC", name) for name in names}, key=len, reverse=True)


def _runs(text: str, names: list[str]) -> Iterator[str]:
    """Every run of one character more than is allowed, of the text without its names."""
    text = unicodedata.normalize("NFKC", text)
    for name in names:
        text = text.replace(name, "\0")
    for part in text.split("\0"):
        for start in range(len(part) - _LONGEST):
            yield part[start : start + _LONGEST + 1]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real report's data is not on this machine")
def test_sentences_are_our_own():
    names = _proper_names()
    real = json.loads((REAL / "guideline.json").read_text(encoding="utf-8"))
    theirs = {run for row in _rows(REAL / "entries.csv") for run in _runs(row["text"], names)}
    theirs |= {run for item in real["items"] for run in _runs(item["guideline_text"], names)}
    theirs |= {run for row in real["categories"] for run in _runs(row["label"], names)}
    assert theirs
    ours = [row["text"] for row in CONFIRMED + OPEN_ROUND]
    guideline = _json("guideline.json")
    ours += [item["guideline_text"] for item in guideline["items"]]
    ours += [row["label"] for row in guideline["categories"]]
    copied = {text: run for text in ours for run in _runs(text, names) if run in theirs}
    assert copied == {}
    short = {item["guideline_text"] for item in real["items"]}
    assert not short & {item["guideline_text"] for item in guideline["items"]}
