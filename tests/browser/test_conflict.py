"""Nothing that was typed is lost: two people at one entry, and a session that ended meanwhile."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, check_page, sign_in_by_hand

OpenPage = Callable[..., Page]
DEPARTMENT = "介護高齢課"


def test_two_people_at_one_entry_both_see_both_texts(
    open_page: OpenPage, site: Site, javascript: bool
) -> None:
    first = open_page(
        "/staff/reports/", site.person("contributor", DEPARTMENT), javascript=javascript
    )
    first.get_by_role("link", name="編集：").first.click()
    second = open_page(
        first.url.removeprefix(site.url),
        site.person("contributor", DEPARTMENT, second=True),
        javascript=javascript,
    )
    theirs = f"介護予防の教室を６回開いた（先に保存・{javascript}）。"
    mine = f"介護予防の教室を週に２回開き、髙齢の方80人が参加した（後から保存・{javascript}）。"
    second.get_by_role("textbox").fill(theirs)
    second.get_by_role("button", name="保存").click()
    expect(second.get_by_role("status")).to_contain_text("記載を保存しました")

    first.get_by_role("textbox").fill(mine)
    first.get_by_role("button", name="保存").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("ほかの変更と重なりました")
    expect(first.locator(".two-texts")).to_contain_text(theirs)
    expect(first.locator(".two-texts")).to_contain_text("Nguyễn Thị Hoa")
    expect(first.get_by_role("textbox")).to_have_value(mine)
    check_page(first, f"conflict-{javascript}")

    # Theirs is still what is stored, until somebody decides.
    second.reload()
    expect(second.locator("main")).to_contain_text(theirs)
    first.get_by_role("textbox").fill(theirs + "\n" + mine)
    first.get_by_role("button", name="あなたの文で保存する").click()
    expect(first.get_by_role("status")).to_contain_text("記載を保存しました")
    first.locator(".sheet-entry", has_text=mine).get_by_role("link", name="履歴：").click()
    timeline = first.locator(".timeline")
    expect(timeline.locator(".sheet-history").first).to_contain_text(mine)
    expect(timeline.locator(".sheet-history").nth(1)).to_have_text(theirs)


@pytest.mark.parametrize(
    ("ended", "javascript", "department"),
    [  # each their own person: a code is good for one sign-in
        ("signed-out-elsewhere", True, "市民協働課"),
        ("signed-out-elsewhere", False, "清掃リサイクル課"),
        ("signed-in-anew", False, "青少年課"),
    ],
)
def test_a_form_sent_after_the_session_ended_is_offered_again(
    open_page: OpenPage, site: Site, ended: str, javascript: bool, department: str
) -> None:
    person = site.person("contributor", department)
    page = open_page("/", javascript=javascript)
    sign_in_by_hand(page, site, person)
    page.goto(f"{site.url}/staff/reports/")
    page.get_by_role("link", name="編集：").first.click()
    text = f"説明会を3回開き、𠮷田さんほか延べ１２０人が参加した（{ended}・{javascript}）。"
    page.get_by_role("textbox").fill(text)

    other_tab = page.context.new_page()
    other_tab.goto(f"{site.url}/staff/")
    other_tab.get_by_role("button", name="サインアウト").click()
    expect(other_tab.get_by_role("button", name="サインアウト")).to_have_count(0)
    if ended == "signed-in-anew":
        sign_in_by_hand(other_tab, site, person)
        page.get_by_role("button", name="保存").click()
    else:
        page.get_by_role("button", name="保存").click()
        expect(page.locator("body")).to_contain_text("入力した内容は保管しています")
        check_page(page, f"sign-in-again-{javascript}")
        sign_in_by_hand(page, site, person, opened=True)

    expect(page.get_by_role("heading", level=1)).to_have_text("保管している入力")
    expect(page.locator("main")).to_contain_text(text)
    check_page(page, f"held-{javascript}")
    page.get_by_role("button", name="もう一度送信する").click()
    expect(page.get_by_role("status")).to_contain_text("記載を保存しました")
    expect(page.locator(".sheet-entry", has_text=text)).to_have_count(1)
    page.goto(f"{site.url}/staff/held")
    expect(page.locator("main")).to_contain_text("保管している入力はありません")
