"""Staff at an event with the keyboard alone: the draw, a seat given on, and the door."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.keyboard import Keys, OpenPage
from tests.browser.test_workshop import (
    DEPARTMENT,
    add_days,
    add_seats,
    announce,
    hours_until,
    make_event,
    move,
    receipt_of,
    register,
)
from tests.codes import codes_in_png

PEOPLE = (("髙橋 一郎", "ichiro@example.jp"), ("佐藤 二葉", "futaba@example.jp"))


def test_a_draw_a_seat_given_on_and_the_door(open_page: OpenPage, site: Site) -> None:
    clerk = site.person("contributor", DEPARTMENT)
    chief = site.person("approver", DEPARTMENT)
    staff = open_page("/staff/workshops/", clerk)
    address = make_event(staff, "鍵盤で開く朝の会", "全日程をまとめて申し込む")
    workshop_id = address.rsplit("/", 1)[1]
    add_days(staff, address, "", twice=False)
    add_seats(staff, address, capacity="1", name="", lottery=True)
    head = open_page(f"/staff/workshops/{workshop_id}", chief)
    announce(head, "")
    found = {}
    for person, mail in PEOPLE:
        resident = open_page(f"/workshops/{workshop_id}/", width=375)
        register(resident, "", who=person, mail=mail)
        found[receipt_of(resident, "")] = person

    move(site, workshop_id, deadline=24 * 13)
    head.goto(address)
    keys = Keys(head)
    keys.begins()
    keys.follow("抽選")
    keys.press("抽選する")
    expect(head.get_by_role("status").first).to_contain_text("抽選しました")
    keys.follow("公開している結果を見る")
    expect(head.locator("main")).to_contain_text(next(iter(found))[0])

    pages = {one: _receipt(open_page, *one) for one in found}
    (won,) = (one for one in found if pages[one].get_by_text("参加決定").count())
    (waiting,) = set(found) - {won}
    expect(pages[waiting].locator("main")).to_contain_text("キャンセル待ち")

    # The clerk takes the winner off the list, who has rung up: the seat goes to the other.
    staff.goto(f"{address}/registrations")
    keys = Keys(staff)
    keys.begins()
    keys.follow(won[0])
    keys.press("取り消す")
    keys.says_what_is_wrong("理由")
    keys.fill("理由・聞いたこと", "電話で取り消したいと聞いた")
    keys.press("取り消す")
    expect(staff.locator("main")).to_contain_text("取消し")

    keys = Keys(_receipt(open_page, *waiting))
    keys.press("参加する")
    expect(keys.page.locator("main")).to_contain_text("参加決定")
    keys.begins()
    keys.to("summary", "この申込みを取り消す")
    receipt = _receipt(open_page, *waiting, mistyped=False)
    (code,) = codes_in_png(receipt.locator(".door-code img").screenshot())

    move(site, workshop_id, days=hours_until(14, 10) + 0.5)
    _check_in(staff, address, code.removeprefix(site.url), found[waiting], site)


def _check_in(page: Page, address: str, code: str, person: str, site: Site) -> None:
    """By the code first, undone, and then in the list."""
    keys = Keys(page)
    page.goto(site.url + code)
    expect(page.locator("main")).to_contain_text(person)
    keys.begins()
    assert keys.tab()["tag"] == "select"  # how many came, then the one big button
    assert keys.tab()["words"] == "受付する"
    keys.enter()
    expect(page.locator("main")).to_contain_text("受付は済んでいます")
    keys.press("受付を取り消す")
    expect(page.locator("main")).not_to_contain_text("受付は済んでいます")

    page.goto(f"{address}/attendance")
    keys.begins()
    keys.follow("きょうの受付")
    keys.follow("名簿を開いて受け付ける")
    keys.fill("ふりがな・氏名・番号", person[:2])
    keys.enter()
    keys.press("受付する", within=person)
    expect(page.locator("main")).to_contain_text("受付済み 1人")
    # On comes what stands beside the person, not the top of the page.
    stop = keys.tab()
    assert person in stop["within"], stop
    assert keys.goes_round() > 5


def _receipt(open_page: OpenPage, number: str, secret: str, *, mistyped: bool = True) -> Page:
    """Open a receipt by its number and secret, typed on the page for it."""
    page = open_page("/receipts/", width=375)
    keys = Keys(page)
    keys.begins()
    keys.fill("受付番号", number)
    if mistyped:
        keys.press("確かめる")
        keys.is_told()
        stop = keys.tab()
        assert stop is not None
        assert stop["id"] == "number"
    keys.fill("照会コード", secret)
    keys.enter()
    expect(page.locator("main")).to_contain_text(number)
    return page
