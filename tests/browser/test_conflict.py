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
    run = 1 + javascript
    theirs = f"介護予防の教室を６回開いた（先に保存・{run}）。"
    mine = f"介護予防の教室を週に２回開き、髙齢の方80人が参加した（後から保存・{run}）。"
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
        ("ended-from-another-device", False, "清掃リサイクル課"),
        ("signed-in-anew", True, "青少年課"),
    ],
)
def test_a_form_sent_after_the_session_ended_is_offered_again(
    open_page: OpenPage, site: Site, ended: str, javascript: bool, department: str
) -> None:
    person = site.person("contributor", department)
    text = f"説明会を3回開き、𠮷田さんほか延べ１２０人が参加した（{department}）。"
    page = _half_written(open_page, site, person, text, javascript=javascript)

    if ended == "signed-in-anew":
        other_tab = page.context.new_page()
        _sign_out(other_tab, site)
        sign_in_by_hand(other_tab, site, person)
        page.get_by_role("button", name="保存").click()
    else:
        elsewhere = open_page("/", javascript=javascript)
        sign_in_by_hand(elsewhere, site, person)
        elsewhere.goto(f"{site.url}/staff/account")
        check_page(elsewhere, f"account-{javascript}")
        here = elsewhere.get_by_role("row").filter(has_not_text="この端末")
        for _session in range(here.get_by_role("button").count()):
            here.get_by_role("button", name="サインアウトさせる").first.click()
        page.get_by_role("button", name="保存").click()
        expect(page.locator("body")).to_contain_text("入力した内容は保管しています")
        check_page(page, f"sign-in-again-{javascript}")
        sign_in_by_hand(page, site, person, opened=True)
        site.cookies.pop(person["email"], None)  # the session that other tests shared is over

    expect(page.get_by_role("heading", level=1)).to_have_text("保管している入力")
    expect(page.locator("main")).to_contain_text(text)
    check_page(page, f"held-{javascript}")
    page.get_by_role("button", name="もう一度送信する").click()
    expect(page.get_by_role("status")).to_contain_text("記載を保存しました")
    expect(page.locator(".sheet-entry", has_text=text)).to_have_count(1)
    page.goto(f"{site.url}/staff/held")
    expect(page.locator("main")).to_contain_text("保管している入力はありません")


def test_a_form_sent_after_signing_out_comes_back_on_the_error_page(
    open_page: OpenPage, site: Site, javascript: bool
) -> None:
    text = f"出前講座を６回行い、髙齢の方９０人が参加した（{1 + javascript}）。"
    person = site.person("contributor", DEPARTMENT, second=javascript)
    page = _half_written(open_page, site, person, text, javascript=javascript)
    _sign_out(page.context.new_page(), site)
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("サインアウトしたため")
    expect(page.get_by_role("textbox")).to_have_value(text)
    check_page(page, f"signed-out-{javascript}")


def _half_written(
    open_page: OpenPage, site: Site, person: dict[str, str], text: str, *, javascript: bool
) -> Page:
    """Sign in, open an entry and type ``text``, not yet sent."""
    page = open_page("/", javascript=javascript)
    sign_in_by_hand(page, site, person)
    page.goto(f"{site.url}/staff/reports/")
    page.get_by_role("link", name="編集：").first.click()
    page.get_by_role("textbox").fill(text)
    return page


def _sign_out(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/staff/")
    page.get_by_role("button", name="サインアウト").click()
    expect(page.get_by_role("button", name="サインアウト")).to_have_count(0)
