"""Rules that every page keeps, checked on each page that any test opens."""

from collections import Counter

import html5lib

CONTROLS = {"input", "select", "textarea"}


def lint_page(text: str) -> None:
    """Fail when ``text`` is not a well-formed, labelled, script-free page in a language."""
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
            assert element.get("src"), "inline script"
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
