"""A contributor's work with the keyboard alone: every stop is seen, none is a trap."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

OpenPage = Callable[..., Page]
MOST_STOPS = 150

# What has the focus: its words, and whether a ring is drawn around it.
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  return {
    tag: at.tagName.toLowerCase(),
    words: at.getAttribute("aria-label") || at.innerText || at.labels?.[0]?.innerText || "",
    group: at.closest("[role=group]")?.getAttribute("aria-labelledby") || "",
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


def test_an_entry_is_added_and_handed_in_by_keyboard(open_page: OpenPage, site: Site) -> None:
    text = "自治会の交流会を２回開き、加入の相談を１５件受けた。"
    page = open_page("/staff/reports/", site.person("contributor", "市民協働課"))

    # The first stop leads past the menu.
    page.keyboard.press("Tab")
    stop = page.evaluate(FOCUSED)
    assert stop["words"] == "本文へ移動"
    assert stop["seen"]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    _tab_to(page, "button", "すべて課内確認へ提出")  # the first thing of the page itself

    where = _tab_to(page, "summary", "実績を追加")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["tag"] == "textarea"
    assert page.evaluate(FOCUSED)["group"] == where["group"]
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    assert "下書きに保存" in page.evaluate(FOCUSED)["words"]
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("記載を追加しました")

    entry = page.locator(".sheet-entry", has_text=text)
    expect(entry).to_contain_text("入力中")
    _tab_to(page, "button", f"提出：{text[:20]}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("提出しました")
    expect(entry).to_contain_text("課内確認")

    # Back as well: nothing holds the focus.
    page.wait_for_load_state()
    here = _tab_to(page, "summary", "実績を追加")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) != here
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED) == here


def _tab_to(page: Page, tag: str, words: str) -> dict[str, str]:
    """Press Tab until ``tag`` with ``words`` has the focus; every stop on the way is visible."""
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop: dict[str, str] | None = page.evaluate(FOCUSED)
        if stop is None:
            continue  # round the end of the page
        assert stop["ring"], f"no ring: {stop}"
        assert stop["seen"], f"out of sight: {stop}"
        if stop["tag"] == tag and words in stop["words"]:
            return stop
    raise AssertionError(f"{words} is not reached by Tab")
