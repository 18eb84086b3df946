"""The main job in a browser, from a department's words to a resident's download."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

import openpyxl
import pypdfium2
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site, check_page

OpenPage = Callable[..., Page]
RESULT, PLAN = "令和6年度の取り組み実績", "令和7年度の取り組み予定"
RETURNED = "差戻し"


@dataclass(frozen=True)
class Words:
    """What one department writes; each run has its own, so that both share a site."""

    department: str
    result: str
    first_plan: str
    plan: str
    reason: str


WITH_SCRIPTS = Words(
    "青少年課",
    "青少年のつどいを11月に開き、髙校生を含む８６人が参加した。",
    "青少年のつどいを秋に開く。",
    "青少年のつどいを10月に開き、企画から髙校生に加わってもらう。",
    "時期と、だれと行うかを書いてください。",
)
WITHOUT_SCRIPTS = Words(
    "清掃リサイクル課",
    "𠮷田町の集積所で分別の説明会を３回開き、１０２人が参加した。",
    "分別の説明会を開く。",
    "分別の説明会を４回開き、うち１回は外国語の通訳を付ける。",
    "回数を書いてください。",
)


def test_from_the_first_word_to_the_residents_download(
    open_page: OpenPage, site: Site, javascript: bool
) -> None:
    words = WITH_SCRIPTS if javascript else WITHOUT_SCRIPTS
    contributor = site.person("contributor", words.department)
    approver = site.person("approver", words.department)
    coordinator = site.person("coordinator", second=not javascript)

    # The contributor writes, corrects, answers 該当なし elsewhere and hands in.
    page = open_page("/staff/reports/", contributor, javascript=javascript)
    item = page.locator(".sheet-item").first.get_attribute("id")
    _write(page, item, RESULT, words.result)
    _write(page, item, PLAN, words.first_plan)
    _cell(page, item, PLAN).get_by_role("link", name=f"編集：{words.first_plan[:20]}").click()
    page.get_by_role("textbox").fill(words.first_plan + "（詳しくは検討中）")
    page.get_by_role("button", name="保存").click()
    expect(_said(page)).to_contain_text("記載を保存しました")
    page.get_by_text("その他の項目を表示する").click()
    page.get_by_role("button", name="「該当なし」と回答").last.click()
    expect(page.locator(".sheet-entry", has_text="該当なし（")).to_have_count(1)
    check_page(page, f"entries-{javascript}")
    page.get_by_role("button", name="すべて課内確認へ提出").first.click()
    expect(_said(page)).to_contain_text("提出しました")
    expect(_cell(page, item, RESULT)).to_contain_text("課内確認")

    # The approver passes one and sends the other back.
    desk = open_page("/staff/reports/approvals", approver, javascript=javascript)
    _tick(desk, words.result)
    desk.get_by_role("button", name="選んだ記載を確認して提出").click()
    expect(_said(desk)).to_contain_text("確認しました")
    _tick(desk, words.first_plan)
    desk.get_by_role("button", name="選んだ記載を差し戻す").click()
    expect(desk.get_by_role("alert")).to_contain_text("理由")  # not without a reason
    check_page(desk, f"approvals-error-{javascript}")
    desk.get_by_label("理由").fill(words.reason)
    desk.get_by_role("button", name="選んだ記載を差し戻す").click()
    expect(_said(desk)).to_contain_text("差し戻しました")

    # The contributor reads why, corrects and hands in again.
    page.goto(f"{site.url}/staff/reports/")
    expect(_cell(page, item, PLAN)).to_contain_text(RETURNED)
    expect(_cell(page, item, PLAN)).to_contain_text(words.reason)
    _cell(page, item, PLAN).get_by_role("link", name=f"編集：{words.first_plan[:10]}").click()
    expect(page.locator("main")).to_contain_text(words.reason)
    page.get_by_role("textbox").fill(words.plan)
    page.get_by_role("button", name="保存").click()
    _cell(page, item, PLAN).get_by_role("button", name=f"提出：{words.plan[:20]}").click()
    expect(_said(page)).to_contain_text("提出しました")
    _cell(page, item, PLAN).get_by_role("link", name=f"履歴：{words.plan[:20]}").click()
    for step in ("作成", "課内確認へ提出", RETURNED, "内容を変更"):
        expect(page.locator(".timeline")).to_contain_text(step)
    check_page(page, f"history-{javascript}")

    desk.goto(f"{site.url}/staff/reports/approvals")
    desk.get_by_role("button", name="すべて確認して提出").click()
    expect(_said(desk)).to_contain_text("確認しました")
    expect(desk.locator("main")).to_contain_text("確認を待っている記載はありません")

    _confirm(open_page, site, words, coordinator, javascript=javascript)
    _publish(open_page, coordinator, words, javascript=javascript)
    _read_as_resident(open_page, words, javascript=javascript)


def _confirm(
    open_page: OpenPage, site: Site, words: Words, coordinator: dict[str, str], *, javascript: bool
) -> None:
    page = open_page("/staff/reports/confirmations", coordinator, javascript=javascript)
    page.get_by_label("課", exact=True).select_option(label=words.department)
    page.get_by_role("button", name="絞り込む").click()
    expect(page.locator("main")).to_contain_text(words.plan)
    check_page(page, f"confirmations-{javascript}")
    page.get_by_role("button", name="すべて確認済にする").click()
    expect(_said(page)).to_contain_text("確認しました")


def _publish(
    open_page: OpenPage, coordinator: dict[str, str], words: Words, *, javascript: bool
) -> None:
    page = open_page("/staff/reports/editions", coordinator, javascript=javascript)
    page.get_by_label("年度（予定の欄の年度）").select_option(label="令和7年度")
    page.get_by_role("button", name="新しい版を作る").click()
    reason = page.get_by_label("訂正の理由")
    if reason.count():  # the other run has published this year already
        reason.fill(f"{words.department}の記載を加えました。")
    check_page(page, f"edition-new-{javascript}")
    page.get_by_role("button", name="次へ").click()

    page.get_by_role("link", name="内容を画面で見る").click()
    expect(page.locator("main")).to_contain_text(words.plan)
    check_page(page, f"preview-{javascript}")
    page.go_back()

    page.get_by_role("button", name="報告書を作成する").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator(".job__text")).to_be_visible()
    check_page(page, f"job-{javascript}")
    # It goes on by itself: a script asks, and where there is none the page draws itself anew.
    page.wait_for_url("**/staff/reports/editions/*", timeout=120_000)
    expect(page.locator("main")).to_contain_text("公開前の確認待ち")
    check_page(page, f"edition-built-{javascript}")

    page.get_by_role("link", name="公開へ進む").click()
    check_page(page, f"edition-publish-{javascript}")
    page.get_by_role("button", name="公開する").click()
    expect(_said(page)).to_contain_text("公開しました")
    check_page(page, f"edition-published-{javascript}")


def _read_as_resident(open_page: OpenPage, words: Words, *, javascript: bool) -> None:
    page = open_page("/reports/", javascript=javascript)
    check_page(page, f"reports-{javascript}")
    page.get_by_role("link", name="令和7年度版の報告書").click()
    expect(page.locator("main")).to_contain_text(words.result)
    page.get_by_label("担当課").select_option(label=words.department)
    page.get_by_role("button", name="絞り込む").click()
    expect(page.locator("main").get_by_role("status")).to_contain_text("件の記載が見つかりました")
    table = page.locator("main")
    expect(table).to_contain_text(words.result)
    expect(table).to_contain_text(words.plan)
    departments = set(page.locator(".statement__department").all_inner_texts())
    assert departments == {f"（{words.department}）"}
    check_page(page, f"report-{javascript}")

    pdf = _download(page, "PDFで読む")
    assert pdf.startswith(b"%PDF-")
    text = "".join(leaf.get_textpage().get_text_range() for leaf in pypdfium2.PdfDocument(pdf))
    assert _run_together(words.result) in _run_together(text)
    assert _run_together(words.plan) in _run_together(text)

    sheet = _download(page, "Excelで保存")
    assert sheet.startswith(b"PK")
    book = openpyxl.load_workbook(io.BytesIO(sheet), read_only=True)
    cells = {cell for leaf in book for row in leaf.iter_rows(values_only=True) for cell in row}
    assert {words.result, words.plan} <= cells

    rows = _download(page, "CSVで保存（UTF-8）")
    assert rows.startswith(b"\xef\xbb\xbf")
    values = {value for row in csv.reader(io.StringIO(rows.decode("utf-8-sig"))) for value in row}
    assert {words.result, words.plan} <= values
    old_rows = _download(page, "CSVで保存（シフトJIS）").decode("cp932")
    assert words.plan in old_rows


def _write(page: Page, item: str | None, column: str, text: str) -> None:
    cell = _cell(page, item, column)
    cell.locator("summary", has_text="を追加").click()
    cell.get_by_role("textbox").fill(text)
    cell.get_by_role("button", name="下書きに保存").click()
    expect(_said(page)).to_contain_text("記載を追加しました")
    expect(_cell(page, item, column)).to_contain_text(text)


def _cell(page: Page, item: str | None, column: str) -> Locator:
    return page.locator(f"#{item}").get_by_role("group", name=column, exact=True)


def _tick(page: Page, text: str) -> None:
    page.locator(".review-entry", has_text=text).get_by_role("checkbox").check()


def _said(page: Page) -> Locator:
    return page.locator(".flashes")


def _download(page: Page, label: str) -> bytes:
    address = page.get_by_role("link", name=label).get_attribute("href")
    assert address
    answer = page.request.get(
        address if "://" in address else page.url.split("/reports/")[0] + address
    )
    assert answer.ok
    assert "filename" in answer.headers["content-disposition"]
    return answer.body()


def _run_together(text: str) -> str:
    return "".join(text.split())
