"""Codes: RFC 6238's own examples, the window, and steps that are used up."""

from datetime import UTC, datetime

import pytest

from participation.accounts import second_factor

# RFC 6238, appendix B, SHA-1, cut to six digits; the secret is "12345678901234567890".
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NOW = datetime(2026, 11, 22, 1, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_standard_s_examples(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert second_factor.code_at(RFC_SECRET, second_factor.current_step(moment)) == code
    step = second_factor.matching_step(RFC_SECRET, code, moment, after=None)
    assert step == seconds // 30


@pytest.mark.parametrize(
    ("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_the_window_is_one_step_to_either_side(steps: int, *, good: bool) -> None:
    code = second_factor.code_at(RFC_SECRET, second_factor.current_step(NOW) + steps)
    assert (second_factor.matching_step(RFC_SECRET, code, NOW, after=None) is not None) == good


def test_used_steps_are_refused() -> None:
    step = second_factor.current_step(NOW)
    code = second_factor.code_at(RFC_SECRET, step)
    assert second_factor.matching_step(RFC_SECRET, code, NOW, after=step - 1) == step
    assert second_factor.matching_step(RFC_SECRET, code, NOW, after=step) is None


@pytest.mark.parametrize("typed", ["", "abc", "12345", "１２３４５６", "0", "ⅩⅡ", "\x00" * 6])
def test_rubbish_is_refused(typed: str) -> None:
    assert second_factor.matching_step(RFC_SECRET, typed, NOW, after=None) is None


def test_full_width_and_blanks_are_read_as_meant() -> None:
    code = second_factor.code_at(RFC_SECRET, second_factor.current_step(NOW))
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert second_factor.matching_step(RFC_SECRET, f" {wide[:3]}　{wide[3:]} ", NOW, after=None)


def test_secrets_are_long_and_new() -> None:
    one, other = second_factor.new_secret(), second_factor.new_secret()
    assert one != other
    assert len(one) == 32  # 160 bits
    assert second_factor.grouped("ABCDEFGHIJ") == "ABCD EFGH IJ"


def test_the_address_for_the_app() -> None:
    uri = second_factor.provisioning_uri(RFC_SECRET, email="a+b@example.jp", issuer="例市 参加")
    assert uri.startswith("otpauth://totp/")
    assert "secret=GEZDGNBV" in uri
    assert " " not in uri
