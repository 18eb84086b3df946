"""Rules that every page keeps, checked on each page that any test opens."""

import re
from collections import Counter

import html5lib

CONTROLS = {"input", "select", "textarea"}

# Whether a page keeps the rules does not depend on its words, nor on where its links lead: pages of
# one shape are read once. What an HTML parser may stumble over (<, &, control characters) stays.
_PLAIN = "\t\n\r\x20\x21\x23-\x25\x27-\x3b\x3d\x3f-\x7e\xa0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
_WORDS = re.compile(f'(?<=>)[{_PLAIN}"]+(?=<)')
_VALUES = re.compile(f'( (?:href|value|datetime|content)=)"[{_PLAIN}]*"')
_sound: set[str] = set()


def lint_page(text: str) -> None:
    """Fail when ``text`` is not a well-formed, labelled, script-free page in a language."""
    shape = shape_of(text)
    if shape not in _sound:
        _lint(text)
        _sound.add(shape)


def shape_of(text: str) -> str:
    """Return ``text`` with "x" for words and nothing for what only differs from row to row."""
    return _VALUES.sub(r'\1""', _WORDS.sub(_without_words, text))


def _without_words(found: re.Match[str]) -> str:
    words = found[0]
    if words.strip():
        return "x"
    return words if words.strip(" \t\n\r") else " "  # other blanks count as words in a table


def _lint(text: str) -> None:
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    page = parser.parse(text)
    errors = [(position, code) for position, code, _ in parser.errors]
    assert not errors, f"HTML errors {errors[:5]}"
    assert page.get("lang"), "a page without a language"
    titles = [element for element in page.iter("title") if (element.text or "").strip()]
    assert titles, "a page without a title"
    headings = list(page.iter("h1"))
    assert len(headings) == 1, f"{len(headings)} h1 on a page"
    ids = Counter(element.get("id") for element in page.iter() if element.get("id"))
    doubled = [name for name, count in ids.items() if count > 1]
    assert not doubled, f"ids used twice: {doubled}"
    labelled = {label.get("for") for label in page.iter("label")}
    inside = {id(child) for label in page.iter("label") for child in label.iter()}
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        assert not element.get("style"), f"inline style on {element.tag}"
        inline = [name for name in element.attrib if name.startswith("on")]
        assert not inline, f"inline handler {inline}"
        if element.tag == "script":
            # Data is no script: a browser runs none of it, whatever the policy.
            is_data = element.get("type") == "application/ld+json"
            assert element.get("src") or is_data, "inline script"
        if element.tag in CONTROLS and element.get("type") not in {"hidden", "submit"}:
            named = (
                element.get("id") in labelled
                or id(element) in inside
                or element.get("aria-label")
                or element.get("aria-labelledby")
            )
            assert named, f"{element.tag} name={element.get('name')} has no label"
        if element.tag == "form" and (element.get("method") or "get").lower() == "post":
            tokens = [i for i in element.iter("input") if i.get("name") == "csrf_token"]
            assert tokens, f"a form without a CSRF token: {element.get('action')}"
