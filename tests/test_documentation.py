"""The README and docs/ tell the truth: commands, settings and links that they name are there."""

import re
from pathlib import Path

import click
import pytest
from flask import Flask

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGES.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
COMMAND = re.compile(
    r"(?:^flask|\bmanage|flask --app wsgi|users show-demo` で|`(?=users demo-code))\s*"
    r"((?:[a-z][a-z-]+ ?){1,2})",
    re.MULTILINE,
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    # The pictures are made by the browser tests.
    missing = [t for t in targets if "images/" not in t and not (page.parent / t).exists()]
    assert missing == []


def test_every_setting_is_described():
    source = (ROOT / "participation" / "core" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'(?:env\.get\(|_whole_number\(env, )"([A-Z_]+)"', source))
    assert len(names) > 10
    for page in (ROOT / "README.md", ROOT / "docs" / "configuration.md"):
        described = set(re.findall(r"^\| `([A-Z_]+)` \|", page.read_text(), re.MULTILINE))
        assert described == names, page.name


def test_example_settings_are_known():
    example = (ROOT / "docs" / "deploy" / "participation.env.example").read_text()
    described = (ROOT / "docs" / "configuration.md").read_text()
    for name in re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE):
        assert f"`{name}`" in described, name


def test_commands_exist(app: Flask):
    named = set()
    for page in PAGES:
        for words in COMMAND.findall(page.read_text(encoding="utf-8")):
            named.add(tuple(words.split()))
    assert ("reports", "build") in named
    assert ("keys", "rotate") in named
    for words in named:
        command: click.Command | None = app.cli
        for word in words:
            if not isinstance(command, click.Group):
                break  # an argument
            command = command.get_command(click.Context(command), word)
            assert command is not None, words


def test_scripts_and_options_exist(app: Flask):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in re.findall(
        r"^(?:\./|)(docs/deploy/[a-z-]+\.sh|demo|check)\b", readme, re.MULTILINE
    ):
        assert (ROOT / name).stat().st_mode & 0o111, name
    build = app.cli.commands["reports"].commands["build"]
    options = {option for parameter in build.params for option in parameter.opts}
    for line in re.findall(r"^flask reports build (.*)$", readme, re.MULTILINE):
        assert set(re.findall(r"--[a-z]+", line)) <= options
