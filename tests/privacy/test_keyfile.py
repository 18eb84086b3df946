"""The key file: made once, private, never overwritten."""

import json
import stat

import pytest

from participation.core.errors import SettingsError
from participation.privacy.__main__ import main
from participation.privacy.keyfile import (
    add_key,
    new_key_file,
    promote_newest,
    read_key_file,
    remove_keys,
)


def test_a_new_file_is_private_and_is_read_back(tmp_path):
    path = tmp_path / "keys" / "field-keys.json"
    made = new_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key_file(path) == made
    assert len(made.keys[made.current]) == len(made.index_key) == 32


def test_a_file_is_never_overwritten(tmp_path):
    path = tmp_path / "keys.json"
    before = new_key_file(path)
    with pytest.raises(SettingsError, match="上書きできません"):
        new_key_file(path)
    assert read_key_file(path) == before
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]


def test_a_file_open_to_others_is_refused(tmp_path):
    path = tmp_path / "keys.json"
    new_key_file(path)
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_key_file(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.pop("keys"),
        lambda raw: raw.update(current="elsewhere"),
        lambda raw: raw["keys"].update({raw["current"]: "c2hvcnQ="}),
        lambda raw: raw["keys"].update({raw["current"]: "%%%"}),
        lambda raw: raw.update(index={}),
        lambda raw: raw.update(keys=[]),
    ],
)
def test_a_broken_file_is_refused_with_its_name(tmp_path, change):
    path = tmp_path / "keys.json"
    new_key_file(path)
    raw = json.loads(path.read_text())
    change(raw)
    path.write_text(json.dumps(raw))
    with pytest.raises(SettingsError, match=r"keys\.json"):
        read_key_file(path)


def test_keys_are_added_and_removed_but_never_the_current_one(tmp_path):
    path = tmp_path / "keys.json"
    first = new_key_file(path)
    second_id = add_key(path)
    assert read_key_file(path).current == first.current, "first every host must know it"
    assert promote_newest(path)
    assert not promote_newest(path)
    both = read_key_file(path)
    assert both.current == second_id
    assert both.keys[first.current] == first.keys[first.current]
    assert both.index_key == first.index_key
    with pytest.raises(SettingsError):
        remove_keys(path, frozenset({second_id}))
    remove_keys(path, frozenset({first.current}))
    assert set(read_key_file(path).keys) == {second_id}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_command_makes_a_file_and_refuses_a_second(tmp_path, capsys):
    path = tmp_path / "keys.json"
    assert main([str(path)]) == 0
    assert read_key_file(path).current in capsys.readouterr().out
    assert main([str(path)]) == 1
    assert "上書き" in capsys.readouterr().err
    assert main([]) == 2
