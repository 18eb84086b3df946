"""Packages are at least the versions that closed known holes, and every pin carries its hashes."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FLOORS = {
    "weasyprint": "68.0",  # CVE-2025-68616: server-side requests through redirects
    "werkzeug": "3.1.4",  # CVE-2025-66221 and the form parser's memory limits before it
    "jinja2": "3.1.6",  # CVE-2025-27516
    "flask": "3.1.1",  # CVE-2025-47278: key rotation order
    "cryptography": "44.0.1",  # CVE-2024-12797
    "pillow": "11.3.0",  # CVE-2025-48379
    "fonttools": "4.60.2",  # CVE-2025-66034
    "requests": "2.32.4",  # CVE-2024-47081
    "urllib3": "2.6.3",  # CVE-2026-21441
    "pysqlite3": "0.6.1",  # brings an SQLite without the WAL-reset bug
}


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


@pytest.mark.parametrize("package", FLOORS)
def test_floor(package: str):
    assert numbers(version(package)) >= numbers(FLOORS[package])


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_is_exact_and_hashed(name: str):
    text = (ROOT / name).read_text()
    pins = re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    assert len(pins) > 20
    for pin in pins:
        assert re.match(r"[a-z0-9._-]+(\[[a-z0-9,]+\])?==", pin), pin[:80]
        assert "--hash=sha256:" in pin, pin[:80]
    assert "://" not in text, "no registry address belongs here"
