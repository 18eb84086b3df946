"""Encrypted fields: readable in their place only, under any key that is still there."""

import base64
import hmac
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.core.errors import SettingsError
from participation.privacy.crypto import DecryptionError, Keyring
from participation.privacy.keyfile import (
    add_key,
    new_key_file,
    promote_newest,
    read_key_file,
    remove_keys,
)

PLACE = {"table": "staff_user", "column": "totp_secret", "row": "12"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    new_key_file(path)
    return Keyring(path)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_and_is_not_to_be_seen(keys, text):
    value = keys.encrypt(text, **PLACE)
    assert keys.decrypt(value, **PLACE) == text
    sealed = base64.b64decode(value.split(".")[2])
    assert len(sealed) == 12 + len(text.encode()) + 16
    assert value != keys.encrypt(text, **PLACE), "the same text twice must not look the same"


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"table": "held_form"},
        {"column": "totp_pending"},
        {"row": "13"},
        # The same letters cut elsewhere are another place.
        {"table": "staff_usert", "column": "otp_secret"},
        {"column": "totp_secret1", "row": "2"},
    ],
)
def test_a_ciphertext_moved_to_another_place_is_refused(keys, elsewhere):
    value = keys.encrypt("JBSWY3DPEHPK3PXP", **PLACE)
    with pytest.raises(DecryptionError, match="changed or moved"):
        keys.decrypt(value, **{**PLACE, **elsewhere})


def test_two_rows_swapped_are_refused_on_both_sides(keys):
    values = {row: keys.encrypt(f"secret of {row}", **{**PLACE, "row": row}) for row in ("1", "2")}
    for row, other in (("1", "2"), ("2", "1")):
        with pytest.raises(DecryptionError):
            keys.decrypt(values[other], **{**PLACE, "row": row})


def test_every_flipped_bit_is_noticed(keys):
    head, body = keys.encrypt("山田", **PLACE).rsplit(".", 1)
    sealed = bytearray(base64.b64decode(body))
    for position in range(len(sealed)):
        sealed[position] ^= 1
        with pytest.raises(DecryptionError):
            keys.decrypt(f"{head}.{base64.b64encode(sealed).decode()}", **PLACE)
        sealed[position] ^= 1


@pytest.mark.parametrize("value", ["", "山田", "v1", "v1.k", "v0.k.AAAA", "v1.none.AAAA", "v1..%"])
def test_what_was_never_encrypted_is_refused(keys, value):
    with pytest.raises(DecryptionError):
        keys.decrypt(value, **PLACE)


def test_a_new_key_is_used_at_once_and_the_old_one_still_reads(tmp_path):
    path = tmp_path / "keys.json"
    old_id = new_key_file(path).current
    web, worker = Keyring(path), Keyring(path)
    old = web.encrypt("a", **PLACE)
    new_id = add_key(path)
    assert web.key_id(web.encrypt("a", **PLACE)) == old_id
    promote_newest(path)
    new = web.encrypt("b", **PLACE)
    assert (web.key_id(old), web.key_id(new)) == (old_id, new_id)
    # A process that has not written since meets a key that it has not loaded yet.
    assert worker.decrypt(new, **PLACE) == "b"
    assert worker.decrypt(old, **PLACE) == "a"
    remove_keys(path, frozenset({old_id}))
    with pytest.raises(DecryptionError, match=old_id):
        Keyring(path).decrypt(old, **PLACE)


def test_a_key_file_that_breaks_at_run_time_stops_nobody(tmp_path):
    path = tmp_path / "keys.json"
    new_key_file(path)
    keys = Keyring(path)
    value = keys.encrypt("a", **PLACE)
    path.write_text("{")
    assert keys.decrypt(keys.encrypt("b", **PLACE), **PLACE) == "b"
    path.unlink()
    assert keys.decrypt(value, **PLACE) == "a"
    with pytest.raises(SettingsError):
        Keyring(path)


def test_a_blind_index_is_stable_and_differs_by_purpose_and_installation(keys, tmp_path):
    value = keys.blind_index("yamada@example.jp", "resident.email")
    assert value == keys.blind_index("yamada@example.jp", "resident.email")
    assert len(value) == 64
    assert "yamada" not in value
    others = {
        keys.blind_index("yamada@example.jp", "resident.phone"),
        keys.blind_index("yamadb@example.jp", "resident.email"),
        keys.blind_index(":yamada@example.jp", "resident.email"),
    }
    assert len(others - {value}) == 3
    path = tmp_path / "keys.json"
    new_key_file(path)
    assert Keyring(path).blind_index("yamada@example.jp", "resident.email") != value
    add_key(path)
    again = Keyring(path)
    assert again.blind_index("a", "b") == Keyring(path).blind_index("a", "b")


def test_encryption_costs_microseconds(keys):
    begun = os.times()
    for _ in range(2_000):
        keys.decrypt(keys.encrypt("yamada@example.jp", **PLACE), **PLACE)
    ended = os.times()
    per_field = (ended.user + ended.system - begun.user - begun.system) / 2_000
    assert per_field < 0.0005, f"{per_field * 1e6:.0f} µs a field"


def test_a_blind_index_is_an_hmac_of_what_it_is_for(tmp_path):
    """Stored values must be found again, so the way they are made can never change."""
    path = tmp_path / "other.json"
    new_key_file(path)
    key = read_key_file(path).index_key
    expected = hmac.digest(key, "1:p:山田".encode(), "sha256").hex()
    assert Keyring(path).blind_index("山田", "p") == expected
