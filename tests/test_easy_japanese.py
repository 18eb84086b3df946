"""Every text that residents meet has its やさしい日本語, written by the rules of decision 0021."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from babel.util import pathmatch

from tests.test_translations import PLACEHOLDER, ROOT, extract, texts_of

EASY = ROOT / "participation" / "translations" / "ja" / "LC_MESSAGES" / "easy.po"
MAPPING = "babel_easy.cfg"
# A reading or an explanation in brackets needs some room beside a short word.
ROOM = 14
LONGEST_SENTENCE = 60
# Deference, doubled negatives, and words of offices: each has a plain way to say it.
HARD = re.compile(
    "ございます|いただ|くださいませ|いたし|おります|ご覧|ご案内|お越し|お寄せ|お示し|なければなりません|"
    "ないわけ|ないことは|ざるを得|当該|速やか|掲載|該当|照会され|申し込まれ|伺い|の方(?![法がは])"
)


@pytest.fixture(scope="module")
def wanted() -> list[Message]:
    return [message for message in extract(MAPPING) if message.id]


@pytest.fixture(scope="module")
def easy() -> Catalog:
    with EASY.open("rb") as file:
        return read_po(file, locale="ja", abort_invalid=True)


def _entries(easy: Catalog) -> list[tuple[str, str]]:
    return [
        (texts_of(message.id)[0], text)
        for message in easy
        if message.id
        for text in texts_of(message.string)
    ]


def test_every_text_of_residents_has_its_easy_one(wanted, easy):
    assert len(wanted) > 600
    missing = [
        (message.id, message.locations[0])
        for message in wanted
        if (found := easy.get(message.id, message.context)) is None
        or not all(texts_of(found.string))
    ]
    assert missing == []


def test_none_is_a_guess_or_left_over(wanted, easy):
    ids = {texts_of(message.id)[0] for message in wanted}
    assert [message.id for message in easy if message.id and message.fuzzy] == []
    assert [msgid for msgid, _text in _entries(easy) if msgid not in ids] == []


def test_placeholders_are_the_same(easy):
    for msgid, text in _entries(easy):
        wanted = {m.group() for m in PLACEHOLDER.finditer(msgid)}
        assert {m.group() for m in PLACEHOLDER.finditer(text)} == wanted, msgid


def test_easy_is_not_long(easy):
    long = [(msgid, text) for msgid, text in _entries(easy) if len(text) > 2 * len(msgid) + ROOM]
    assert long == []
    sentences = [
        sentence
        for _msgid, text in _entries(easy)
        for sentence in re.split(r"[。：\n]", PLACEHOLDER.sub("", text))
        if len(sentence) > LONGEST_SENTENCE
    ]
    assert sentences == []


def test_easy_uses_no_hard_words(easy):
    hard = [(text, found.group()) for _id, text in _entries(easy) if (found := HARD.search(text))]
    assert hard == []


def test_what_residents_see_is_in_the_mapping():
    """A page or view for everybody that speaks, but is not named there, would stay difficult."""
    with (ROOT / MAPPING).open() as file:
        patterns = [pattern for pattern, _method in parse_mapping_cfg(file, MAPPING)[0]]

    def left_out(files: list[Path]) -> list[str]:
        names = [str(file.relative_to(ROOT)) for file in files]
        return [name for name in names if not any(pathmatch(one, name) for one in patterns)]

    templates = ROOT / "templates"
    pages = [
        *templates.glob("portal/**/*.html"),
        *templates.glob("submissions/**/*.html"),
        *templates.glob("*/public/**/*.html"),
    ]
    assert len(pages) > 40
    assert left_out(pages) == []
    views = [
        file
        for file in (ROOT / "participation").glob("*/views/**/*.py")
        if "@gate.public" in (text := file.read_text(encoding="utf-8"))
        and re.search(r"\b_\(", text)
        and file.parts[-3] != "accounts"
    ]
    assert len(views) > 4
    assert left_out(views) == []
