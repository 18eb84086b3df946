"""The choice of language in a browser: the place stays, and so does what was typed."""

import pytest

from tests.browser.conftest import check_page
from tests.browser.test_campaign import OpenPage

NAME = "吉田 𠮷子"


@pytest.mark.parametrize("width", [375, 1280])
def test_the_form_comes_along_in_another_language(
    open_page: OpenPage, javascript: bool, width: int
) -> None:
    page = open_page("/workshops/", width=width, javascript=javascript)
    page.get_by_role("link", name="ごみの分け方").first.click()
    page.goto(page.url + "register/?from=poster")
    place = page.url
    page.locator("#s-name").fill(NAME)
    page.get_by_role("button", name="English").click()
    assert page.url == place
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").inner_text() == "Registration"
    assert page.locator("#s-name").input_value() == NAME
    check_page(page, f"language-en-{width}-{javascript}")
    page.get_by_role("button", name="やさしい日本語").click()
    assert page.locator("#s-name").input_value() == NAME
    assert page.locator("h1").inner_text() == "申し込み"
    check_page(page, f"language-easy-{width}-{javascript}")
    # Enter in a field is the form's own first button, not a language; what was wrong is said,
    # and is said again in the other language.
    page.locator("#s-name").fill("")
    page.locator("#s-name").press("Enter")
    assert "名前を書いてください。" in page.locator(".error-summary").inner_text()
    assert page.locator("h1").inner_text() == "申し込み"
    page.get_by_role("button", name="English").click()
    assert "Please fill in" in page.locator(".error-summary").inner_text()


def test_the_choice_is_reached_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/campaigns/search?q=%E5%85%AC%E5%9C%92", width=375)
    place = page.url
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText"))
    assert reached[2:] == ["日本語", "やさしい日本語", "English"]
    page.keyboard.press("Enter")
    page.wait_for_function("document.documentElement.lang === 'en'")
    assert page.url == place
    assert page.locator("[aria-current=true]", has_text="English").count() == 1
