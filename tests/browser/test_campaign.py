"""A whole public comment in a browser, from the draft to the answer on the sender's receipt."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from pysqlite3 import dbapi2 as sqlite

from participation.core import clock
from tests.browser.conftest import Site, check_page

OpenPage = Callable[..., Page]

DRAFT = """第1章　計画の目標

みどりを今より一割ふやします。

第2章　取り組み

１　公園

・木かげのあるベンチを置きます。
・芝生の手入れを地域とともに行います。

２　街路樹

通学路の街路樹は、毎年点検します。
"""
BENCH = "木かげのあるベンチを置きます。"
OPINION = "ベンチは、車いすの人や𠮷田さんのような高齢の人も使いやすい高さにしてほしい。"
FAXED = "街路樹の点検の結果を、市民に知らせてほしい。"
SUMMARY = "ベンチを、誰もが使いやすい高さにしてほしい。"
VIEW = "ご意見を踏まえ、案を修正します。"
AFTER = "木かげがあり、誰もが使いやすい高さのベンチを置きます。"


def days(number: int) -> str:
    return (clock.local_date(clock.now()) + timedelta(days=number)).isoformat()


def pass_time(site: Site, campaign_id: str, **dates: str) -> None:
    """Let time pass for one campaign: its dates move back, and the clock is asked."""
    with sqlite.connect(site.folder / "participation.sqlite3", timeout=30) as connection:
        for column, value in dates.items():
            connection.execute(
                f"UPDATE campaign SET {column} = ? WHERE id = ?", (value, campaign_id)
            )
    connection.close()
    site.flask("campaigns", "move-by-clock")


def said(page: Page, words: str) -> None:
    expect(page.locator(".flash, [role=status]").first).to_contain_text(words)


def test_from_the_draft_to_the_answer(open_page: OpenPage, site: Site, javascript: bool) -> None:
    title = f"みどりのまちづくり計画{'' if javascript else '改定'}（案）"
    department = "市民協働課"
    clerk = site.person("contributor", department)
    approver = site.person("approver", department)
    name = f"campaign-{javascript}"

    staff = open_page("/staff/campaigns/", clerk, javascript=javascript)
    address = _prepare(staff, title)
    campaign_id = address.rsplit("/", 1)[1]
    chief = open_page(f"/staff/campaigns/{campaign_id}", approver, javascript=javascript)
    _announce(chief, name)
    pass_time(site, campaign_id, announced_on=days(-20))

    resident = open_page("/campaigns/", width=375, javascript=javascript)
    number, secret = _submit(resident, campaign_id, title, name)
    _enter_fax(staff, address, name)
    _look_again(chief, campaign_id)

    pass_time(site, campaign_id, opens_on=days(-45), closes_on=days(-14))
    _answer(staff, address, name)
    _publish(staff, chief, address, name)
    _read_receipt(resident, site, number, secret, name)


def _prepare(page: Page, title: str) -> str:
    page.get_by_role("link", name="意見募集を作る").click()
    page.get_by_label("件名").fill(title)
    page.get_by_role("button", name="作る").click()
    address = page.url
    page.get_by_role("link", name="基本を編集").click()
    page.get_by_label("趣旨・目的・背景").fill("みどりを守り育てる計画の案へのご意見を募集します。")
    page.get_by_role("button", name="保存する").click()
    page.get_by_role("link", name="期間を編集").click()
    page.get_by_label("最初の日").fill(days(0))
    page.get_by_label("最後の日").fill(days(30))
    page.get_by_role("button", name="保存する").click()
    page.get_by_role("link", name="閲覧場所を編集").click()
    page.get_by_label("市立図書館").check()
    page.get_by_role("button", name="保存する").click()
    page.get_by_role("link", name="資料", exact=True).click()
    page.get_by_role("link", name="資料を追加").click()
    page.get_by_role("radio", name="案", exact=True).check()
    page.get_by_label("資料の名前").fill(title)
    page.get_by_label("本文", exact=True).fill(DRAFT)
    page.get_by_role("radio", name=re.compile("貼り付けた文章")).check()
    page.get_by_role("button", name="保存する").click()
    page.get_by_role("button", name="この版を公開する").click()
    return address


def _announce(page: Page, name: str) -> None:
    page.get_by_role("link", name="予告する").click()
    check_page(page, f"{name}-announce")
    for box in page.get_by_role("textbox").all():
        box.fill("会期に間に合わせるため")
    page.get_by_role("button", name="予告する").click()


def _submit(page: Page, campaign_id: str, title: str, name: str) -> tuple[str, str]:
    page.locator(f'main a[href="/campaigns/{campaign_id}/"]').first.click()
    check_page(page, f"{name}-public")
    page.get_by_role("link", name=title).last.click()  # the draft, as a page
    check_page(page, f"{name}-document")
    passage = page.get_by_text(BENCH).locator("xpath=ancestor-or-self::*[@id][1]")
    passage.get_by_role("link", name=re.compile("意見を書く")).click()
    check_page(page, f"{name}-form")
    page.get_by_label(re.compile("^意見")).and_(page.get_by_role("textbox")).first.fill(OPINION)
    page.get_by_label("氏名", exact=False).first.fill("髙橋 一郎")
    page.get_by_role("button", name="確認画面へ進む").last.click()
    expect(page.get_by_role("alert")).to_contain_text("住所")  # and nothing typed is lost
    check_page(page, f"{name}-form-error")
    page.get_by_role("radio", name="市内に住所を有する方").check()
    page.get_by_label(re.compile("^住所")).first.fill("伊勢原市上粕屋1-2-3")
    page.get_by_role("button", name="確認画面へ進む").last.click()
    expect(page.locator("main")).to_contain_text(OPINION)
    check_page(page, f"{name}-confirm")
    page.get_by_role("button", name="提出する").click()
    check_page(page, f"{name}-receipt")
    words = page.locator("main").inner_text()
    number, secret = re.search(r"受付番号\s+(\S+)\s+照会コード\s+(\S+)", words).groups()
    page.get_by_role("button", name="控えたので、この画面を終わる").click()
    expect(page.locator("main")).not_to_contain_text(secret)
    return number, secret


def _enter_fax(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/desk")
    page.get_by_label(re.compile("^提出方法")).select_option(label="FAX")
    page.get_by_label("意見", exact=True).fill(FAXED)
    page.get_by_label("氏名", exact=True).fill("小林 花")
    page.get_by_label("住所", exact=True).fill("伊勢原市桜台1-1")
    page.get_by_role("button", name="保存して次へ").click()
    check_page(page, f"{name}-desk")


def _look_again(page: Page, campaign_id: str) -> None:
    page.goto(page.url.split("/staff/")[0] + f"/staff/campaigns/{campaign_id}/checks")
    page.locator("main table").get_by_role("link").first.click()
    page.get_by_role("button", name="原本の写しと提出者を表示する").click()
    expect(page.get_by_label("意見", exact=True)).to_have_value(FAXED)
    page.get_by_role("button", name="原本と同じ").click()
    expect(page.locator("main")).to_contain_text("見直しを待つ入力はありません")


def _answer(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="検討を始める").click()
    for words in (OPINION, FAXED):  # each in a group of its own
        page.goto(f"{address}/opinions")
        page.get_by_label("意見に含まれる語句").fill(words[:8])
        page.get_by_role("button", name="絞り込む").click()
        page.get_by_role("checkbox", name=re.compile("選ぶ")).first.check()
        page.get_by_label("新しいグループの章・項目").fill("第2章 取り組み")
        check_page(page, f"{name}-opinions")
        page.get_by_role("button", name="新しいグループを作って入れる").click()
    _write_group(page, address, OPINION, summary=SUMMARY, view=VIEW, category="A")
    page.get_by_role("link", name="修正を書く").first.click()
    page.get_by_label("修正の箇所").fill("第2章 １ 公園")
    page.get_by_label("修正前").fill(BENCH)
    page.get_by_label("修正後").fill(AFTER)
    page.get_by_label("修正の理由").fill("誰もが使えるようにするため")
    if not page.get_by_label("もとになった意見のグループ").input_value():
        page.get_by_label("もとになった意見のグループ").fill("1")
    check_page(page, f"{name}-amendment")
    page.get_by_role("button", name="保存").click()
    _write_group(page, address, OPINION, ready=True)
    check_page(page, f"{name}-group")
    _write_group(
        page,
        address,
        FAXED,
        summary="点検の結果を知らせてほしい。",
        view="点検の結果は、市のサイトでお知らせしています。",
        category="B",
        ready=True,
    )
    page.goto(f"{address}/groups")
    expect(page.locator("main")).to_contain_text("すべての意見の回答ができています")
    check_page(page, f"{name}-groups")


def _write_group(
    page: Page,
    address: str,
    opinion: str,
    *,
    summary: str = "",
    view: str = "",
    category: str = "",
    ready: bool = False,
) -> None:
    """Open the group that ``opinion`` is in and write what is given."""
    page.goto(f"{address}/groups")
    page.locator("main table a").nth(0 if opinion == OPINION else 1).click()
    expect(page.locator("main")).to_contain_text(opinion)
    if summary:
        page.get_by_label("要旨").fill(summary)
        page.get_by_label("市の考え方").fill(view)
    if category:
        choice = page.get_by_label("対応区分")
        choice.select_option(label=choice.locator("option", has_text=category).inner_text())
    if ready:
        page.get_by_label(re.compile("^作成済み")).check()
    page.get_by_role("button", name="保存", exact=True).click()


def _publish(page: Page, chief: Page, address: str, name: str) -> None:
    page.goto(f"{address}/result/edit")
    page.get_by_role("radio", name="修正して決定").check()
    page.get_by_label("理由など").fill("ご意見を受けて、ベンチの記述を修正しました。")
    page.get_by_role("button", name="保存する").click()
    page.get_by_role("link", name="住民が見るとおりに確かめる").click()
    expect(page.locator("main")).to_contain_text(SUMMARY)
    check_page(page, f"{name}-preview")
    page.goto(f"{address}/result")
    page.get_by_role("button", name="決裁に出す").click()
    expect(page.locator("main")).to_contain_text("決裁を待っています")
    check_page(page, f"{name}-result")

    chief.goto(f"{address}/result")
    chief.get_by_role("link", name="決裁へ進む").click()
    check_page(chief, f"{name}-approve")
    chief.get_by_role("button", name="決裁する").click()
    # The worker freezes and prints it, and then it is published.
    for _ in range(60):
        chief.goto(f"{address}/result")
        if chief.get_by_text("公表しています").count():
            break
        chief.wait_for_timeout(1_000)
    expect(chief.locator("main")).to_contain_text("公表しています")


def _read_receipt(page: Page, site: Site, number: str, secret: str, name: str) -> None:
    page.goto(f"{site.url}/receipts/")
    page.get_by_label("受付番号").fill(number)
    page.get_by_label("照会コード").fill(secret)
    page.get_by_role("button", name="確かめる").click()
    for words in (OPINION, SUMMARY, VIEW, "この意見をもとに案を修正しました"):
        expect(page.locator("main")).to_contain_text(words)
    check_page(page, f"{name}-trace")
    page.get_by_role("link", name="公表した結果の全体を見る").click()
    expect(page.locator("main")).to_contain_text(AFTER)
    expect(page.locator("main")).not_to_contain_text("髙橋")
    check_page(page, f"{name}-public-result")
