"""A contributor's work with the keyboard alone: every stop is seen, none is a trap."""

from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.browser.keyboard import Keys, OpenPage


def test_an_entry_is_added_and_handed_in_by_keyboard(open_page: OpenPage, site: Site) -> None:
    text = "自治会の交流会を２回開き、加入の相談を１５件受けた。"
    page = open_page("/staff/reports/", site.person("contributor", "市民協働課"))

    keys = Keys(page)

    keys.begins()
    keys.to("button", "すべて課内確認へ提出")  # the first thing of the page itself
    where = keys.to("summary", "実績を追加")
    page.keyboard.press("Space")
    field = keys.tab()
    assert field is not None
    assert field["tag"] == "textarea"
    assert field["group"] == where["group"]
    page.keyboard.type(text)
    save = keys.tab()
    assert save is not None
    assert "下書きに保存" in save["words"]
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("記載を追加しました")

    entry = page.locator(".sheet-entry", has_text=text)
    expect(entry).to_contain_text("入力中")
    keys.to("button", f"提出：{text[:20]}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("提出しました")
    expect(entry).to_contain_text("課内確認")

    # Back as well: nothing holds the focus.
    page.wait_for_load_state()
    here = keys.to("summary", "実績を追加")
    assert keys.tab() != here
    assert keys.tab(back=True) == here
