"""The draw itself: seats, order, tiers; and that others repeat it from what is published."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.workshops.lottery import (
    Entry,
    commitment_of,
    draw,
    list_sha256,
    list_text,
    ticket_of,
)
from participation.workshops.priority import Claimant, tier_of, tier_words, with_words

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_draw.py"
SEED = "ab" * 32

entries = st.lists(
    st.builds(
        Entry,
        number=st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ-", min_size=1, max_size=14),
        seats=st.integers(1, 5),
        tier=st.integers(0, 2),
    ),
    max_size=40,
    unique_by=lambda one: one.number,
)
seeds = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(entries, seeds, st.integers(0, 60))
def test_never_too_many_and_never_too_few(found, seed, seats):
    drawn = draw(found, seed=seed, seats=seats)
    left = seats - sum(one.entry.seats for one in drawn if one.won)
    assert left >= 0
    assert all(one.entry.seats > left for one in drawn if not one.won)
    assert [one.rank for one in drawn] == list(range(1, len(found) + 1))
    assert {one.entry for one in drawn} == set(found)


@given(entries, seeds, st.integers(0, 60))
def test_tiers_come_one_after_the_other(found, seed, seats):
    drawn = draw(found, seed=seed, seats=seats)
    tiers = [one.entry.tier for one in drawn]
    assert tiers == sorted(tiers)
    for tier in set(tiers):
        tickets = [one.ticket for one in drawn if one.entry.tier == tier]
        assert tickets == sorted(tickets)
    # Whoever comes later took nothing that an earlier one would have fitted into.
    for place, one in enumerate(drawn):
        taken = sum(before.entry.seats for before in drawn[:place] if before.won)
        assert one.won == (one.entry.seats <= seats - taken)


@given(entries, seeds, st.integers(0, 60), st.randoms(use_true_random=False))
def test_the_order_depends_on_the_seed_alone(found, seed, seats, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert draw(shuffled, seed=seed, seats=seats) == draw(found, seed=seed, seats=seats)
    assert list_text(shuffled) == list_text(found)


def test_another_seed_is_another_order():
    found = [Entry(f"A{number:03}", 1, 0) for number in range(50)]
    first = [one.entry.number for one in draw(found, seed=SEED, seats=10)]
    second = [one.entry.number for one in draw(found, seed="cd" * 32, seats=10)]
    assert sorted(first) == sorted(second)
    assert first != second


def test_everybody_has_the_same_chance():
    """One of ten wins in about a tenth of the draws: 400 draws, 40 ± 5 standard deviations."""
    found = [Entry(f"N-{number}", 1, 0) for number in range(10)]
    wins = dict.fromkeys((one.number for one in found), 0)
    for round_number in range(400):
        wins[draw(found, seed=f"{round_number:064x}", seats=1)[0].entry.number] += 1
    assert all(10 <= count <= 70 for count in wins.values())


def test_five_thousand_entries():
    found = [Entry(f"{number:06}", 1 + number % 3, number % 2) for number in range(5_000)]
    drawn = draw(found, seed=SEED, seats=777)
    assert sum(one.entry.seats for one in drawn if one.won) == 777
    assert len(drawn) == 5_000
    won = [one for one in drawn if one.won]
    assert {one.entry.tier for one in won} == {0}


def test_the_list_has_one_form():
    found = [Entry("B-2", 3, 1), Entry("A-1", 1, 0)]
    assert list_text(found) == "受付番号,人数,優先順\nA-1,1,1\nB-2,3,2\n"
    assert list_sha256(found) == list_sha256(reversed(found))
    assert list_sha256(found) != list_sha256([*found, Entry("C", 1, 0)])
    for number in ("", "A,1", 'A"', "A\n1"):
        with pytest.raises(ValueError, match="no receipt number"):
            list_text([Entry(number, 1, 0)])


def test_a_ticket_is_what_the_page_says():
    # printf '%s' 'seed:7K3M-Q9XT-4B2H' | sha256sum
    assert (
        ticket_of("seed", "7K3M-Q9XT-4B2H")
        == "55bbb3eee2f6705286817bd32040031fe8b17a4d0e327b45a4898c0b03e2473a"
    )


@pytest.mark.parametrize(
    ("rules", "claimant", "tier"),
    [
        ([], Claimant(True, 3), 0),
        ([{"rule": "first_time"}], Claimant(True), 0),
        ([{"rule": "first_time"}], Claimant(False), 1),
        ([{"rule": "first_time"}, {"rule": "eligibility", "ids": [3]}], Claimant(True, 4), 0),
        ([{"rule": "first_time"}, {"rule": "eligibility", "ids": [3]}], Claimant(False, 3), 1),
        ([{"rule": "first_time"}, {"rule": "eligibility", "ids": [3]}], Claimant(False, 4), 2),
        ([{"rule": "eligibility", "ids": [3]}, {"rule": "first_time"}], Claimant(True, 4), 1),
        ([{"rule": "eligibility", "ids": []}], Claimant(True, None), 1),
        ([{"rule": "unheard of"}], Claimant(True, 3), 1),
    ],
)
def test_tiers(rules, claimant, tier):
    assert tier_of(rules, claimant) == tier


def test_rules_keep_their_words():
    kept = with_words(
        [{"rule": "first_time"}, {"rule": "eligibility", "ids": [3, 4, 9]}], {3: "在住", 4: "在勤"}
    )
    assert kept[1] == {"rule": "eligibility", "ids": [3, 4, 9], "words": "在住、在勤"}
    assert tier_words(kept) == ("はじめて参加する方", "在住、在勤", "そのほかの方")
    assert tier_words([]) == ("すべての方",)


def verify(folder: Path, found, *, seats=3, seed=SEED, **more) -> subprocess.CompletedProcess[str]:
    (folder / "list.csv").write_bytes(more.pop("text", list_text(found).encode()))
    values = {"seed": seed, "seats": seats, **more}
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]
    return subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), "list.csv", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


LIST = [Entry(f"7K3M-{number:04}", 1 + number % 2, number % 3) for number in range(30)]


def test_the_script_repeats_a_draw(tmp_path):
    drawn = draw(LIST, seed=SEED, seats=3)
    done = verify(
        tmp_path, LIST, commitment=commitment_of(SEED), list_hash=list_sha256(LIST).upper()
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("一致しました") == 2
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["受付番号"], row["くじ"], row["結果"]) for row in rows] == [
        (one.entry.number, one.ticket, "当選" if one.won else "落選") for one in drawn
    ]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"commitment": commitment_of("other")}, 1),
        ({"list_hash": list_sha256(LIST[1:])}, 1),
        ({"text": "番号,人数\n1,2\n".encode()}, 2),
        ({"text": "受付番号,人数,優先順\nA,one,1\n".encode()}, 2),
        ({"text": "受付番号,人数,優先順\nA,1,1\nA,1,1\n".encode()}, 2),
        ({"text": b"\xff\xfe"}, 2),
    ],
)
def test_the_script_says_what_does_not_agree(tmp_path, more, code):
    assert verify(tmp_path, LIST, **more).returncode == code


def test_a_spreadsheet_may_have_saved_the_list_again(tmp_path):
    text = "\ufeff" + list_text(reversed(LIST)).replace("\n", "\r\n")
    done = verify(tmp_path, LIST, text=text.encode(), list_hash=list_sha256(LIST))
    assert done.returncode == 0, done.stderr


def test_the_script_needs_nothing_of_ours():
    """Only the standard library: whoever doubts us need not install us."""
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    imports = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imports == {"argparse", "csv", "hashlib", "io", "sys", "pathlib"}
    assert "participation" not in SCRIPT.read_text(encoding="utf-8").lower()
