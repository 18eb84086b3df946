"""Every page that a link leads to, for every role: reachable, accessible, narrow, in Japanese."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site, check_page

OpenPage = Callable[..., Page]
NARROW = 320
MOST_PAGES = 130
# Not pages: the other language, files, and one session's own ways out.
NOT_FOLLOWED = re.compile(
    r"/language/|/files?\b|/export/file|\.(ics|atom|py)$|[/.](pdf|xlsx|csv|csv-cp932)$"
)
# The kinds of events are named by words.
NAMED = re.compile(r"(?<=/workshops/kinds/)\w+(?=/)")
# Residents first: what they have seen is not walked again by everybody else.
ROLES = {
    "": "住民",
    "administrator": "システム管理者",
    "coordinator": "とりまとめ担当",
    "contributor": "担当者",
    "approver": "課長",
    "auditor": "監査",
}

LINKS = "[...document.querySelectorAll('a[href]')].map(a => a.href)"
# What a reader sees, without what is named in another language, typed by people or a machine's.
VISIBLE = """() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll("[lang=en], code, kbd, pre, textarea, script, noscript, option")
    .forEach(node => node.remove());
  return copy.textContent;
}"""
# Words of a page somebody forgot: those that begin with a capital, and what a program calls things.
CAPITAL = re.compile(r"\b[A-Z][a-z]{2,}")
PROGRAM = re.compile(
    r"\b(undefined|null|none|true|false|error|submit|draft|submitted|approved|confirmed|returned"
    r"|withdrawn|queued|running|done|failed|built|published|enacted|result|plan|contributor"
    r"|approver|coordinator|administrator|auditor)\b"
)
# Names that Japanese writes in Latin letters (keys as well), and one of the demo's people.
LATIN_NAMES = {
    "Atom",
    "Excel",
    "Markdown",
    "Word",
    "Firefox",
    "Mac",
    "Alt",
    "Shift",
    "Control",
    "Option",
    "Web",
    "Chromium",
    "Chrome",
    "Linux",
    "Headless",
    "Nguy",
    "Hoa",
}
# The record of changes shows what is stored as it is stored.
AS_STORED = "/staff/audit"
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+|https?://\S+|(?<!\w)/[\w/.-]+")


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """The kinds of page that axe has read already."""
    return set()


@pytest.mark.parametrize("role", ROLES, ids=ROLES.get)
def test_every_page_of_a_role(
    open_page: OpenPage, site: Site, role: str, looked_at: set[str]
) -> None:
    person = site.person(role) if role else None
    start = "/staff/" if role else "/"
    page = open_page(start, person)
    faults: list[str] = []
    seen = 0
    for path in _crawl(page, site, start, looked_at):
        seen += 1
        faults += _faults(page, path, looked_at)
    assert not faults, "\n".join(faults)
    assert seen >= (3 if not role else 12)


def _crawl(page: Page, site: Site, start: str, looked_at: set[str]) -> Iterator[str]:
    """Go from link to link, one page of each kind; residents' pages once for all roles."""
    waiting, kinds = [start], {_kind(start)}
    visited = 0
    while waiting and visited < MOST_PAGES:
        path = waiting.pop(0)
        answer = page.goto(site.url + path)
        visited += 1
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"
        yield path
        for address in page.evaluate(LINKS):
            target = urlsplit(address)
            link = target.path + (f"?{target.query}" if target.query else "")
            ours = address.startswith(site.url) and not NOT_FOLLOWED.search(target.path)
            known = not link.startswith("/staff/") and _kind(link) in looked_at
            if ours and not known and _kind(link) not in kinds:
                kinds.add(_kind(link))
                waiting.append(link)


def _kind(path: str) -> str:
    """Return a path without what only names one thing among many: /staff/people/#?sort."""
    parts = urlsplit(NAMED.sub("0", path))
    names = sorted({name for name, _value in parse_qsl(parts.query)} & {"sort", "page", "status"})
    steps = ["#" if any(c.isdigit() for c in step) else step for step in parts.path.split("/")]
    return "/".join(steps) + ("?" + "&".join(names) if names else "")


def _faults(page: Page, path: str, looked_at: set[str]) -> Iterator[str]:
    if not page.title().strip(" |"):
        yield f"{path}: no title"
    if page.locator("h1").count() != 1:
        yield f"{path}: {page.locator('h1').count()} first headings"
    text = ADDRESS.sub(" ", page.evaluate(VISIBLE))
    foreign = set(CAPITAL.findall(text)) - LATIN_NAMES
    if path != AS_STORED:
        foreign |= set(PROGRAM.findall(text))
    if foreign:
        yield f"{path}: not Japanese: {sorted(foreign)}"
    size = dict(page.viewport_size or {})
    page.set_viewport_size({"width": NARROW, "height": 800})
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > NARROW:
        yield f"{path}: {width} px wide at {NARROW}"
    page.set_viewport_size(size)  # type: ignore[arg-type]
    if _kind(path) not in looked_at:
        looked_at.add(_kind(path))
        try:
            check_page(page, "page" + re.sub(r"\W+", "-", path).rstrip("-"))
        except AssertionError as fault:
            yield str(fault)
