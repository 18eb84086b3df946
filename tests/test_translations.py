"""Every Japanese text that the pages mark for translation has its English one."""

import importlib.util
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[1]
ENGLISH = ROOT / "participation" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = "lazy_gettext lazy_ngettext:1,2 _l NavigationLink:1"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def _labels_extractor():
    spec = importlib.util.spec_from_file_location("babel_labels", ROOT / ".ci" / "babel_labels.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.extract


def extract(mapping: str) -> Catalog:
    """Every text of the files that a mapping beside this folder names."""
    with (ROOT / mapping).open() as file:
        methods, options = parse_mapping_cfg(file, mapping)
    own = {"babel_labels:extract": _labels_extractor()}
    methods = [(pattern, own.get(method, method)) for pattern, method in methods]
    keywords = {**DEFAULT_KEYWORDS, **parse_keywords(KEYWORDS.split())}
    catalog = Catalog()
    for folder in ("participation", "templates"):
        found = extract_from_dir(
            str(ROOT / folder),
            [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods],
            {pattern.removeprefix(f"{folder}/"): values for pattern, values in options.items()},
            keywords,
        )
        for name, line, text, _comments, context in found:
            catalog.add(text, locations=[(f"{folder}/{name}", line)], context=context)
    return catalog


@pytest.fixture(scope="module")
def extracted() -> list[Message]:
    return [message for message in extract("babel.cfg") if message.id]


@pytest.fixture(scope="module")
def english() -> Catalog:
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


def texts_of(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_texts_are_found(extracted):
    files = {name for message in extracted for name, _line in message.locations}
    assert len(extracted) > 300
    assert any(name.startswith("templates/") for name in files)
    assert any(name.startswith("participation/") for name in files)


def test_every_text_has_its_english(extracted, english):
    missing = []
    for message in extracted:
        found = english.get(message.id, message.context)
        if found is None or not all(texts_of(found.string)):
            missing.append((message.id, message.locations[0]))
    assert missing == []


def test_no_translation_is_a_guess(english):
    assert [message.id for message in english if message.id and message.fuzzy] == []


def test_no_translation_is_left_over(extracted, english):
    ids = {message.id for message in extracted}
    assert [message.id for message in english if message.id and message.id not in ids] == []


def test_placeholders_are_the_same(english):
    for message in english:
        if not message.id:
            continue
        wanted = {m.group() for text in texts_of(message.id) for m in PLACEHOLDER.finditer(text)}
        for text in texts_of(message.string):
            assert {m.group() for m in PLACEHOLDER.finditer(text)} == wanted, message.id


def test_english_is_english(english):
    # 区分 signs and the names of the languages themselves may stand in both.
    allowed = {"日本語", "やさしい日本語"}
    mixed = [
        (message.id, text)
        for message in english
        if message.id and message.id not in allowed
        for text in texts_of(message.string)
        if JAPANESE.search(text)
    ]
    assert mixed == []


def _gettext_calls() -> Iterator[tuple[str, nodes.Call]]:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for path in sorted((ROOT / "templates").rglob("*.html")):
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in {"_", "gettext"}:
                yield f"{path.relative_to(ROOT)}:{call.lineno}", call


def test_templates_translate_literals_only():
    """In a template ``_()`` takes its text for markup: a text of a person would not be escaped.

    Words of labels.py go through the filter ``translated``, whose result is escaped.
    """
    calls = list(_gettext_calls())
    assert len(calls) > 300
    assert [place for place, call in calls if not isinstance(call.args[0], nodes.Const)] == []


def test_translated_words_are_escaped(app):
    with app.test_request_context():
        template = app.jinja_env.from_string("{{ label|translated }}")
        assert template.render(label="<b>100%</b>") == "&lt;b&gt;100%&lt;/b&gt;"


@pytest.mark.parametrize(
    ("language", "state", "day", "year"),
    [
        ("ja", "入力中", "令和8年11月22日（日）", "令和8年度"),
        ("en", "Draft", "22 November 2026", "FY2026"),
    ],
)
def test_pages_speak_both_languages(app, language, state, day, year):
    with app.test_request_context(headers={"Accept-Language": language}):
        template = app.jinja_env.from_string(
            "{{ '入力中'|translated }} / {{ day|wareki }} / {{ 2026|fiscal_year }}"
        )
        assert template.render(day=date(2026, 11, 22)) == f"{state} / {day} / {year}"
