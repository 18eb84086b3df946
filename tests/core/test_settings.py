"""Settings: comfortable on a desk, unforgiving in production."""

import dataclasses
import stat
from pathlib import Path

import pytest

from participation.core.errors import SettingsError
from participation.core.settings import Settings


@pytest.fixture
def production(tmp_path):
    return {
        "PARTICIPATION_ENV": "production",
        "DATA_DIR": str(tmp_path / "data"),
        "SECRET_KEY": "k" * 32,
        "DATABASE_URL": "postgresql://city@db/participation",
        "BASE_URL": "https://sanka.example.jp/",
        "TRUSTED_HOSTS": "sanka.example.jp www.example.jp",
        "FIELD_KEYS_FILE": str(tmp_path / "keys" / "field-keys.json"),
        "MAIL_URL": "smtps://mail.example.jp",
        "MAIL_SENDER": "kyodo@example.jp",
    }


def test_an_empty_environment_gives_a_working_desk(tmp_path):
    settings = Settings.from_env({}, root=tmp_path)
    assert settings.environment == "development"
    assert not settings.is_production
    assert not settings.uses_tls
    assert settings.data_dir == (tmp_path / "instance").resolve()
    assert settings.data_dir.is_dir()
    assert settings.database_url.startswith("sqlite:///")
    assert settings.base_url == "http://127.0.0.1:8000"
    for place in (settings.field_keys_file, settings.audit_anchor_file):
        assert place.is_relative_to(settings.data_dir)


def test_a_complete_production_environment_is_accepted(production):
    settings = Settings.from_env(production)
    assert settings.is_production
    assert settings.uses_tls
    assert settings.base_url == "https://sanka.example.jp"
    assert settings.trusted_hosts == ("sanka.example.jp", "www.example.jp")
    assert settings.database_url == "postgresql+psycopg://city@db/participation"


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "BASE_URL", "TRUSTED_HOSTS", "FIELD_KEYS_FILE", "MAIL_URL", "MAIL_SENDER"],
)
@pytest.mark.parametrize("absent", [True, False], ids=["absent", "empty"])
def test_production_names_what_is_missing(production, name, absent):
    if absent:
        del production[name]
    else:
        production[name] = ""
    with pytest.raises(SettingsError, match=name):
        Settings.from_env(production)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "k" * 31),
        ("BASE_URL", "http://sanka.example.jp"),
        ("DATABASE_URL", "mysql://city@db/participation"),
        ("MAX_UPLOAD_BYTES", "32MB"),
        ("MAX_UPLOAD_BYTES", "-1"),
        ("MAX_UPLOAD_BYTES", "３２"),
        ("PARTICIPATION_ENV", "prod"),
    ],
)
def test_unsafe_or_unreadable_values_are_refused_by_name(production, name, value):
    production[name] = value
    with pytest.raises(SettingsError, match=name):
        Settings.from_env(production)


def test_keys_may_not_lie_in_the_folder_that_is_backed_up(production):
    production["FIELD_KEYS_FILE"] = str(Path(production["DATA_DIR"]) / "keys" / "k.json")
    with pytest.raises(SettingsError, match="DATA_DIR"):
        Settings.from_env(production)


def test_production_makes_no_secret_of_its_own(production):
    del production["SECRET_KEY"]
    with pytest.raises(SettingsError):
        Settings.from_env(production)
    assert not (Path(production["DATA_DIR"]) / "keys" / "secret-key").exists()


def test_the_desk_s_secret_is_made_once_and_private(tmp_path):
    first = Settings.from_env({}, root=tmp_path)
    again = Settings.from_env({}, root=tmp_path)
    other = Settings.from_env({}, root=tmp_path / "other")
    assert first.secret_key == again.secret_key != other.secret_key
    assert len(first.secret_key) >= 32
    path = first.data_dir / "keys" / "secret-key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("short", ["postgres", "postgresql"])
def test_the_usual_postgresql_addresses_get_our_driver(tmp_path, short):
    env = {"DATA_DIR": str(tmp_path), "DATABASE_URL": f"{short}://u@h:5433/d?sslmode=require"}
    assert Settings.from_env(env).database_url == (
        "postgresql+psycopg://u@h:5433/d?sslmode=require"
    )


def test_settings_cannot_be_changed(tmp_path):
    settings = Settings.from_env({}, root=tmp_path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.secret_key = "other"  # type: ignore[misc]


def test_the_process_environment_is_the_default(monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PARTICIPATION_ENV", "test")
    monkeypatch.setenv("MAX_UPLOAD_BYTES", "1048576")
    settings = Settings.from_env()
    assert (settings.environment, settings.max_upload_bytes) == ("test", 1048576)
    assert settings.data_dir == tmp_path.resolve()
