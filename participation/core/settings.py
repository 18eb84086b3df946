"""Settings: read once from the environment, frozen, and refused when unsafe."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from participation.core.errors import SettingsError

_MIN_SECRET = 32


@dataclass(frozen=True)
class Settings:
    """Everything the operator decides. See docs/configuration.md for each variable."""

    environment: str  # production | development | test
    data_dir: Path
    secret_key: str
    database_url: str
    base_url: str
    trusted_hosts: tuple[str, ...]
    field_keys_file: Path
    audit_anchor_file: Path
    files_url: str
    jobs_url: str
    limits_url: str
    mail_url: str
    mail_sender: str
    max_upload_bytes: int
    job_lease_seconds: int  # how long a worker may be silent before its job counts as lost
    proxy_hops: int  # reverse proxies in front whose X-Forwarded-* may be believed

    @property
    def is_production(self) -> bool:
        """Whether this is the real thing, where nothing may be guessed."""
        return self.environment == "production"

    @property
    def uses_tls(self) -> bool:
        """Whether residents reach the site by https, so that cookies may be bound to it."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, *, root: Path | None = None) -> Self:
        """Read the settings from ``env`` (default: the process environment).

        Outside production what is missing gets a local value below ``instance/``; a secret key
        is made once and kept there. In production nothing is guessed.

        Raises:
            SettingsError: a variable is missing or unsafe; the text names it.

        """
        env = os.environ if env is None else env
        root = root or Path(__file__).resolve().parents[2]
        environment = env.get("PARTICIPATION_ENV", "development")
        if environment not in {"production", "development", "test"}:
            raise SettingsError(
                "PARTICIPATION_ENV には production、development、test のどれかを指定してください。"
            )
        production = environment == "production"
        data_dir = Path(env.get("DATA_DIR") or root / "instance").resolve()
        data_dir.mkdir(parents=True, exist_ok=True)
        settings = cls(
            environment=environment,
            data_dir=data_dir,
            secret_key=_secret_key(env, data_dir, production=production),
            database_url=_database_url(env, data_dir),
            base_url=_base_url(env, production=production),
            trusted_hosts=tuple(env.get("TRUSTED_HOSTS", "").split()),
            field_keys_file=Path(
                env.get("FIELD_KEYS_FILE") or data_dir / "keys" / "field-keys.json"
            ),
            audit_anchor_file=Path(env.get("AUDIT_ANCHOR_FILE") or data_dir / "audit-anchor.jsonl"),
            files_url=env.get("FILES_URL") or f"file://{data_dir / 'files'}",
            jobs_url=env.get("JOBS_URL") or f"sqlite:///{data_dir / 'queue.sqlite3'}",
            limits_url=env.get("LIMITS_URL") or "memory://",
            mail_url=env.get("MAIL_URL") or f"folder://{data_dir / 'mail'}",
            mail_sender=env.get("MAIL_SENDER") or "noreply@example.jp",
            max_upload_bytes=_whole_number(env, "MAX_UPLOAD_BYTES", 32 * 1024 * 1024),
            job_lease_seconds=_whole_number(env, "JOB_LEASE_SECONDS", 60),
            proxy_hops=_whole_number(env, "PROXY_HOPS", 0),
        )
        if production:
            settings._refuse_unsafe(env)
        return settings

    def _refuse_unsafe(self, env: Mapping[str, str]) -> None:
        for name in ("TRUSTED_HOSTS", "FIELD_KEYS_FILE", "MAIL_URL", "MAIL_SENDER"):
            if not env.get(name):
                raise SettingsError(
                    f"{name} が設定されていません。本番環境では必ず指定してください。"
                )
        if not self.uses_tls:
            raise SettingsError("BASE_URL は https:// で始まる必要があります。")
        if self.field_keys_file.is_relative_to(self.data_dir):
            raise SettingsError(
                "FIELD_KEYS_FILE は DATA_DIR の外に置いてください（鍵をデータと同じ"
                "バックアップに入れないため）。"
            )


def _secret_key(env: Mapping[str, str], data_dir: Path, *, production: bool) -> str:
    given = env.get("SECRET_KEY", "")
    if given:
        if len(given) < _MIN_SECRET:
            raise SettingsError(f"SECRET_KEY は{_MIN_SECRET}文字以上にしてください。")
        return given
    if production:
        raise SettingsError("SECRET_KEY が設定されていません。本番環境では必ず指定してください。")
    path = data_dir / "keys" / "secret-key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text()


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'participation.sqlite3'}"
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError("DATABASE_URL は sqlite:/// か postgresql:// で始めてください。")
    return url


def _base_url(env: Mapping[str, str], *, production: bool) -> str:
    url = env.get("BASE_URL", "")
    if not url and production:
        raise SettingsError("BASE_URL が設定されていません。本番環境では必ず指定してください。")
    return (url or "http://127.0.0.1:8000").rstrip("/")


def _whole_number(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name)
    if value is None:
        return default
    if not value.isascii() or not value.isdigit():
        raise SettingsError(f"{name} は整数で指定してください。")
    return int(value)
