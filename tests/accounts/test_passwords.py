"""Passwords: what is refused, what is the same, and that nobody costs less than somebody."""

import time

import pytest
from argon2 import PasswordHasher

from participation.accounts import passwords
from participation.core.errors import InvalidInput

GOOD = ["asa-no-sanpo-kawara", "correct horse battery", "みどりのかわらを歩くねこ", "x9!k2@m7#q4&"]
BAD = {
    "短い": ["", "short", "elevenchars"],
    "よく使われる": [
        "passwordpassword",
        "Password1234",
        "ＰＡＳＳＷＯＲＤ１２３４",
        "P@ssw0rd2026",
        "aaaaaaaaaaaaaaa",
        "121212121212",
        "202611221234",
        "qwertyuiopas",
        "市民協働課市民協働課市民協働課",
        "sakurasakura",
        "shiyakusho2026",
    ],
    "推測": [
        "hanako.isehara@example.jp",
        "hanako.isehara2026",
        "HANAKO.ISEHARA",
        "伊勢原花子伊勢原花子伊勢原花子",
        "伊勢原　花子20260401",
    ],
}


@pytest.mark.parametrize("password", GOOD)
def test_good_ones_pass(password: str) -> None:
    passwords.check_rules(password, email="hanako.isehara@example.jp", name="伊勢原 花子")


@pytest.mark.parametrize("password", [word for words in BAD.values() for word in words])
def test_what_is_guessed_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        passwords.check_rules(password, email="hanako.isehara@example.jp", name="伊勢原 花子")
    assert refusal.value.field == "password"


def test_too_long_is_refused() -> None:
    with pytest.raises(InvalidInput, match="200文字以内"):
        passwords.check_rules("あいうえおかきくけこ" * 21, email="a@example.jp", name="あ")


def test_a_hash_fits_its_password_only_in_any_width() -> None:
    stored = passwords.hash_password("asa-no-sanpo-kawara")
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, "asa-no-sanpo-kawara")
    assert passwords.verify(stored, "ａｓａ-ｎｏ-ｓａｎｐｏ-ｋａｗａｒａ")
    assert not passwords.verify(stored, "asa-no-sanpo-kawarA")
    assert not passwords.verify(None, "asa-no-sanpo-kawara")
    assert stored != passwords.hash_password("asa-no-sanpo-kawara")


@pytest.mark.real_hashing
def test_nobody_has_the_dummy_and_it_costs_the_same() -> None:
    """An unknown address must be compared under today's parameters."""
    assert not passwords.needs_rehash(passwords._NOBODY)
    assert passwords.needs_rehash(PasswordHasher(time_cost=1, memory_cost=1024).hash("x" * 12))
    stored = passwords.hash_password("asa-no-sanpo-kawara")

    def cost(target: str | None) -> float:
        best = 9.0
        for _ in range(3):
            begin = time.process_time()
            passwords.verify(target, "something else")
            best = min(best, time.process_time() - begin)
        return best

    assert 0.3 < cost(None) / cost(stored) < 3
