"""A resident with the keyboard alone: a seat taken and given back, an opinion, letters."""

import re
import time
from datetime import timedelta

from playwright.sync_api import expect

from participation.core import clock
from tests.browser.conftest import Site
from tests.browser.keyboard import Keys, OpenPage
from tests.browser.test_follow import letter, link

EVENT = "これからの公園を考えるワークショップ"


def test_a_seat_with_childcare_and_back(open_page: OpenPage, site: Site, javascript: bool) -> None:
    address = f"keys-{time.time_ns()}@example.jp"
    page = open_page("/", width=375, javascript=javascript)
    keys = Keys(page)
    keys.begins()
    keys.follow(EVENT)
    expect(page.locator("h1")).to_contain_text(EVENT)
    keys.follow("申し込む")
    keys.fill("参加する人数", "2")
    keys.tick("全日程", set_="託児を希望する日")
    keys.fill("名前", "髙橋 さくら", set_="お子さん1")
    born = clock.local_date(clock.now()) - timedelta(days=800)
    for part, value in (("年", born.year), ("月", born.month), ("日", born.day)):
        keys.fill(part, str(value), set_="生年月日")

    # One more child by mistake: the page opens where the work goes on, both times.
    keys.press("お子さんを追加する")
    assert keys.stop is not None
    assert keys.stop["id"] == "c1-name"
    keys.press("お子さん2を取り除く")
    assert keys.stop is not None
    assert keys.stop["id"] == "c0-name"

    keys.press("確認画面へ進む")
    keys.says_what_is_wrong("あてはまるもの")
    keys.tick("市内に在住する方", set_="あてはまるもの")
    keys.fill("氏名", "髙橋 一郎")
    keys.fill("住所", "伊勢原市田中1")
    keys.fill("メールアドレス", address)
    keys.tick("手話通訳", set_="必要な配慮")
    keys.fill("配慮の内容", "前の席がよいです。", tag="textarea")
    keys.press("確認画面へ進む")
    expect(page.locator("h1")).to_contain_text("内容の確認")
    for words in ("髙橋 さくら", "手話通訳", "前の席がよいです。", address):
        expect(page.locator("main")).to_contain_text(words)
    keys.begins()
    keys.press("この内容で申し込む")
    expect(page.locator("main")).to_contain_text("照会コード")
    keys.begins()
    keys.to("button", "控えたので、この画面を終わる")  # what is on the receipt is passed by

    text = letter(site, address, "/workshops/application/")
    page.goto(re.search(rf"{re.escape(site.url)}/workshops/application/\S+", text).group(0))
    keys.begins()
    keys.to("summary", "すべての申込みを取り消す")
    page.keyboard.press("Enter")
    keys.press("すべて取り消す")
    expect(page.get_by_role("status")).to_contain_text("取り消しました")
    expect(page.locator("main")).not_to_contain_text("参加決定")
    assert keys.goes_round() > 5


def test_an_opinion_from_the_home_page(open_page: OpenPage, javascript: bool) -> None:
    page = open_page("/", width=375, javascript=javascript)
    keys = Keys(page)
    opened = page.locator("#open-now ~ ul a[href^='/campaigns/']").first
    title = opened.inner_text()
    keys.begins()
    keys.follow(title)
    keys.follow("意見を提出する")
    opinion = f"ベンチを日かげに置いてほしい（{time.time_ns()}）。"
    keys.fill("意見", opinion, tag="textarea", set_="意見1")
    keys.press("意見を追加する")
    assert keys.stop is not None
    assert keys.stop["id"] == "o1-text"
    page.keyboard.type("街路樹を増やしてほしい。")
    keys.press("確認画面へ進む")
    keys.says_what_is_wrong("あてはまるもの")
    keys.tick("市内に住所を有する方", set_="あてはまるもの")
    keys.fill("氏名", "髙橋 一郎")
    keys.fill("住所", "伊勢原市田中1")
    keys.press("確認画面へ進む")
    expect(page.locator("main")).to_contain_text(opinion)
    keys.begins()
    keys.press("提出する")
    expect(page.locator("main")).to_contain_text("照会コード")
    keys.begins()
    keys.press("控えたので、この画面を終わる")
    expect(page.locator("main")).not_to_contain_text("照会コード\n")


def test_letters_of_chosen_topics(open_page: OpenPage, site: Site, javascript: bool) -> None:
    address = f"keys-{time.time_ns()}@example.jp"
    page = open_page("/", width=375, javascript=javascript)
    keys = Keys(page)
    keys.begins()
    keys.follow("お知らせをメールで受け取る")
    keys.fill("メールアドレス", "まちがい")
    keys.press("確認のメールを受け取る")
    keys.says_what_is_wrong("メールアドレス")
    keys.fill("メールアドレス", address)
    if page.get_by_role("checkbox", name="すべて").is_checked():
        keys.tick("すべて", checked=False)
    for fold in ("種類で選ぶ", "担当課で選ぶ"):
        keys.to("summary", fold)
        page.keyboard.press("Enter")
        assert keys.tab()["type"] == "checkbox"
        page.keyboard.press("Space")
        assert keys.stop["checked"]
    chosen = page.locator("input[name=topic]:checked").count()
    assert chosen == 2
    keys.press("確認のメールを受け取る")
    expect(page.locator("h1")).to_contain_text("確認のメールを送りました")
    keys.begins()

    page.goto(site.url + link(site, letter(site, address, "/follow/confirm/"), "confirm/"))
    keys.begins()
    keys.press("登録する")
    expect(page.locator("h1")).to_contain_text("知らせる内容")
    keys.begins()
    keys.follow("配信を止める")
    keys.press("配信を止める")
    expect(page.locator("h1")).to_contain_text("配信を止めました")
    keys.begins()
    assert keys.goes_round() > 5
