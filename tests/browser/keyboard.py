"""Hands on the keyboard: Tab to a thing, see it, press it; nothing here touches a mouse."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

OpenPage = Callable[..., Page]
MOST_STOPS = 200

# What has the focus: its words, whether a ring is drawn around it, and whether one sees any of it
# (WCAG 2.2, 2.4.7 and 2.4.11): in the window, and not beneath something that stays in its place.
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
    && box.right > 0 && box.left < innerWidth;
  const seen = [...at.getClientRects()].some((part) =>
    [0.1, 0.5, 0.9].some((x) => [0.1, 0.5, 0.9].some((y) => {
      const top = document.elementFromPoint(part.left + part.width * x, part.top + part.height * y);
      return top && (at.contains(top) || top.closest("label")?.control === at);
    })));
  const label = at.labels?.[0]?.innerText ?? "";
  const named = at.getAttribute("aria-labelledby");
  return {
    tag: at.tagName.toLowerCase(),
    type: at.getAttribute("type") ?? "",
    id: at.id,
    words: at.getAttribute("aria-label")
      || (named && document.getElementById(named)?.innerText) || label || at.innerText || "",
    group: at.closest("[role=group]")?.getAttribute("aria-labelledby") || "",
    set: at.closest("fieldset")?.querySelector("legend")?.innerText || "",
    within: at.closest("li, section, tr, .card")?.innerText || "",
    checked: !!at.checked,
    main: !!at.closest("main"),
    role: at.getAttribute("role") ?? "",
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: inside && seen,
  };
}"""
# A positive tabindex would put a thing before all others, wherever it stands.
_OUT_OF_ORDER = (
    'document.querySelectorAll(\'[tabindex]:not([tabindex="0"],[tabindex="-1"])\').length'
)


@dataclass
class Keys:
    """The keyboard of one page; every stop on the way is checked."""

    page: Page

    @property
    def stop(self) -> dict[str, Any] | None:
        """What has the focus; None: nothing but the page itself."""
        found: dict[str, Any] | None = self.page.evaluate(FOCUSED)
        return found

    def tab(self, *, back: bool = False) -> dict[str, Any] | None:
        """Go on by one stop and look at it."""
        self.page.keyboard.press("Shift+Tab" if back else "Tab")
        stop = self.stop
        if stop is not None:
            assert stop["ring"], f"no ring on {self.page.url}: {stop}"
            assert stop["seen"], f"out of sight on {self.page.url}: {stop}"
        return stop

    def to(self, tag: str, words: str, *, set_: str = "", within: str = "") -> dict[str, Any]:
        """Press Tab until ``tag`` with ``words`` has the focus.

        ``set_``: in the legend of the group around it; ``within``: in the card, line or row.
        """
        assert self.page.evaluate(_OUT_OF_ORDER) == 0
        for _stop in range(MOST_STOPS):
            stop = self.tab()
            if (
                stop is not None
                and stop["tag"] == tag
                and words in stop["words"]
                and set_ in stop["set"]
                and within in stop["within"]
            ):
                return stop
        raise AssertionError(f"{words} is not reached by Tab on {self.page.url}")

    def fill(self, words: str, text: str, *, tag: str = "input", set_: str = "") -> None:
        """Tab to a field and type; what stood there is replaced."""
        self.to(tag, words, set_=set_)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def tick(self, words: str, *, set_: str = "", checked: bool = True) -> None:
        """Tab to a checkbox, or to the radio button of a group that Tab stops at, and press Space.

        ``checked``: how it is to stand then.
        """
        self.to("input", words, set_=set_)
        self.page.keyboard.press("Space")
        stop = self.stop
        assert stop is not None
        assert stop["checked"] is checked, stop

    def enter(self) -> dict[str, Any] | None:
        """Press what has the focus and wait for the page that comes; return what has it there."""
        # A script holds back a second press, never the first.
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.page.wait_for_load_state()
        return self.stop

    def follow(self, words: str, *, within: str = "") -> None:
        """Tab to a link and follow it; the page that comes begins at its top."""
        self.to("a", words, within=within)
        self.enter()
        self.begins()

    def press(self, words: str, *, within: str = "") -> None:
        """Tab to a button that sends a form, and press it."""
        self.to("button", words, within=within)
        self.enter()

    def begins(self) -> None:
        """A page that has come begins at its top: the first stop leads past the menu."""
        assert self.stop is None, self.stop
        stop = self.tab()
        assert stop is not None
        assert stop["words"] == "本文へ移動", stop
        self.page.keyboard.press("Enter")
        assert self.page.evaluate("document.activeElement.id") == "main"

    def is_told(self) -> None:
        """After a wrong form what is wrong has the focus, and is seen."""
        stop = self.stop
        assert stop is not None
        assert stop["role"] == "alert", stop
        assert stop["seen"], stop

    def says_what_is_wrong(self, words: str) -> None:
        """After a wrong form the list of faults has the focus; its line leads to the field."""
        self.is_told()
        self.to("a", words)
        field = str(self.page.evaluate("document.activeElement.hash")).removeprefix("#")
        self.page.keyboard.press("Enter")
        there = f"document.getElementById('{field}')"
        # A group cannot have the focus; the next stop is the first thing in it.
        if not self.page.evaluate(f"{there}.contains(document.activeElement)"):
            self.tab()
        assert self.page.evaluate(f"{there}.contains(document.activeElement)"), self.stop
        stop = self.stop
        assert stop is not None
        assert stop["seen"], stop
        self.page.keyboard.press("Shift+Tab")  # so that the next Tab comes to the field itself

    def goes_round(self) -> int:
        """Tab through the whole page and return the number of stops; nothing holds the focus."""
        stops, rounds = 0, 0
        for _stop in range(2 * MOST_STOPS):
            if self.tab() is not None:
                stops += rounds
            elif rounds:
                return stops
            else:
                rounds = 1  # from here all of it is counted
        raise AssertionError(f"something holds the focus on {self.page.url}: {self.stop}")
