"""Events in a browser: two days with childcare to the outcome, and a lottery to the door."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from pysqlite3 import dbapi2 as sqlite

from participation.core import clock
from tests.browser.conftest import Site, check_page
from tests.browser.test_campaign import OpenPage, days

DEPARTMENT = "市民協働課"
SAID = "- ベンチがほしいという声が多くありました。\n- 夜の明かりを心配する意見がありました。"
BECAME = "来年度の整備でベンチを2か所に置きます。"


def move(site: Site, workshop_id: str, **hours: float) -> None:
    """Let time pass for one event: its days or its seats' deadlines move back by so many hours."""
    columns = {
        "days": ("workshop_day", ("starts_at", "ends_at")),
        "deadline": ("seat_pool", ("opens_at", "closes_at")),
    }
    with sqlite.connect(site.folder / "participation.sqlite3", timeout=30) as connection:
        for what, back in hours.items():
            table, names = columns[what]
            rows = connection.execute(
                f"SELECT id, {', '.join(names)} FROM {table} WHERE workshop_id = ?", (workshop_id,)
            ).fetchall()
            for row_id, *moments in rows:
                for name, text in zip(names, moments, strict=True):
                    moment = datetime.fromisoformat(text) - timedelta(hours=back)
                    connection.execute(
                        f"UPDATE {table} SET {name} = ? WHERE id = ?",
                        (moment.strftime("%Y-%m-%d %H:%M:%S.%f"), row_id),
                    )
    connection.close()


def hours_until(day: int, hour: int) -> float:
    """Hours from now to ``hour`` o'clock in Japan, ``day`` days from today."""
    local = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    then = (local + timedelta(days=day, hours=hour)).astimezone(UTC)
    return (then - clock.now()).total_seconds() / 3600


def test_two_days_with_childcare(open_page: OpenPage, site: Site, javascript: bool) -> None:
    title = f"川べりの公園を考える{'' if javascript else '夜の'}ワークショップ"
    name = f"workshop-{javascript}"
    clerk = site.person("contributor", DEPARTMENT)
    chief = site.person("approver", DEPARTMENT)
    staff = open_page("/staff/workshops/", clerk, javascript=javascript)
    address = make_event(staff, title, "全日程をまとめて申し込む")
    workshop_id = address.rsplit("/", 1)[1]
    add_days(staff, address, name)
    add_seats(staff, address, capacity="3", name=name)
    add_seats(staff, address, capacity="1", name="", childcare=True)
    head = open_page(f"/staff/workshops/{workshop_id}", chief, javascript=javascript)
    announce(head, name)

    resident = open_page("/workshops/", width=375, javascript=javascript)
    resident.locator(f'main a[href^="/workshops/{workshop_id}/"]').first.click()
    expect(resident.locator("h1")).to_contain_text(title)
    check_page(resident, f"{name}-public")
    register(resident, name, party="2", child=True)
    number, secret = receipt_of(resident, name)

    # On the day: the door opens a list; the party of two came.
    move(site, workshop_id, days=hours_until(14, 10) + 0.5, deadline=24 * 14)
    staff.goto(f"{address}/attendance")
    staff.get_by_role("link", name=re.compile("^きょうの受付")).click()
    check_page(staff, f"{name}-door")
    staff.get_by_role("link", name="名簿を開いて受け付ける").click()
    expect(staff.locator("main")).to_contain_text("髙橋 一郎")
    expect(staff.locator("main")).to_contain_text("手話通訳")
    check_page(staff, f"{name}-door-list")
    staff.get_by_role("button", name="受付する").click()
    expect(staff.locator("main")).to_contain_text("受付済み 2人")

    # After the days: what was said, published by another person.
    move(site, workshop_id, days=24 * 8)
    staff.goto(f"{address}/attendance")
    expect(staff.locator("main")).to_contain_text("実人数")
    staff.get_by_role("link", name="開催結果", exact=True).click()
    staff.get_by_role("link", name="開催結果を書く").click()
    staff.locator("textarea").nth(0).fill(SAID)
    staff.locator("textarea").nth(1).fill(BECAME)
    staff.get_by_role("button", name="保存する").click()
    check_page(staff, f"{name}-outcome-staff")
    head.goto(f"{address}/outcome")
    head.get_by_role("link", name="公表の確認へ").click()
    check_page(head, f"{name}-outcome-publish")
    head.get_by_role("button", name="公表する").click()
    resident.goto(f"{site.url}/workshops/{workshop_id}/outcome/")
    expect(resident.locator("main")).to_contain_text(BECAME)
    check_page(resident, f"{name}-outcome")

    resident.goto(f"{site.url}/receipts/")
    resident.get_by_label("受付番号").fill(number)
    resident.get_by_label("照会コード").fill(secret)
    resident.get_by_role("button", name="確かめる").click()
    expect(resident.locator("main")).to_contain_text(title)
    check_page(resident, f"{name}-receipt-later")


def test_a_lottery_to_the_door(open_page: OpenPage, site: Site, javascript: bool) -> None:
    title = f"市長と語る{'昼' if javascript else '夜'}の会"
    name = f"lottery-{javascript}"
    clerk = site.person("contributor", DEPARTMENT)
    chief = site.person("approver", DEPARTMENT)
    staff = open_page("/staff/workshops/", clerk, javascript=javascript)
    address = make_event(staff, title, "全日程をまとめて申し込む")
    workshop_id = address.rsplit("/", 1)[1]
    add_days(staff, address, "", twice=False)
    add_seats(staff, address, capacity="1", name=name, lottery=True)
    head = open_page(f"/staff/workshops/{workshop_id}", chief, javascript=javascript)
    announce(head, "")

    found = {}
    for person, mail in (("髙橋 一郎", "ichiro@example.jp"), ("佐藤 二葉", "futaba@example.jp")):
        resident = open_page(f"/workshops/{workshop_id}/", width=375, javascript=javascript)
        register(resident, "", who=person, mail=mail)
        found[receipt_of(resident, "")] = person

    move(site, workshop_id, deadline=24 * 13)
    staff.goto(f"{address}/draws")
    expect(staff.get_by_role("button", name="抽選する")).to_have_count(0)  # the chief's
    head.goto(f"{address}/draws")
    check_page(head, f"{name}-before")
    head.get_by_role("button", name="抽選する").click()
    head.get_by_role("link", name="公開している結果を見る").first.click()
    check_page(head, f"{name}-record")
    record = head.locator("main").inner_text()
    assert all(number in record for number, _secret in found)

    # The winner gives the seat back by the receipt; the other is offered it and accepts.
    pages = {}
    for number, secret in found:
        page = open_page("/receipts/", width=375, javascript=javascript)
        page.get_by_label("受付番号").fill(number)
        page.get_by_label("照会コード").fill(secret)
        page.get_by_role("button", name="確かめる").click()
        pages[number] = page
    won = [one for one, page in pages.items() if page.get_by_text("参加決定").count()]
    assert len(won) == 1
    (waiting,) = set(pages) - set(won)
    expect(pages[waiting].locator("main")).to_contain_text("キャンセル待ち")
    winner = pages[won[0]]
    winner.get_by_text("この申込みを取り消す").first.click()
    winner.get_by_role("button", name=re.compile("取り消す$")).first.click()
    check_page(winner, f"{name}-given-back")
    lucky = open_page("/receipts/", width=375, javascript=javascript)
    secret = next(secret for number, secret in found if number == waiting)
    lucky.get_by_label("受付番号").fill(waiting)
    lucky.get_by_label("照会コード").fill(secret)
    lucky.get_by_role("button", name="確かめる").click()
    check_page(lucky, f"{name}-offered")
    lucky.get_by_role("button", name=re.compile("参加する$")).click()
    expect(lucky.locator("main")).to_contain_text("参加決定")

    move(site, workshop_id, days=hours_until(14, 10) + 0.5)
    staff.goto(f"{address}/attendance")
    staff.get_by_role("link", name=re.compile("^きょうの受付")).click()
    staff.get_by_role("link", name="名簿を開いて受け付ける").click()
    person = next(name for (number, _), name in found.items() if number == waiting)
    expect(staff.locator("main")).to_contain_text(person)
    staff.get_by_role("button", name="受付する").click()
    expect(staff.locator("main")).to_contain_text("受付済み 1人")


def make_event(page: Page, title: str, sign_up: str) -> str:
    page.get_by_role("link", name="催しを作る").first.click()
    page.get_by_label("題名").fill(title)
    page.get_by_label("種類").select_option("workshop")
    page.get_by_role("radio", name=sign_up).check()
    page.get_by_role("button", name="作る").click()
    address = page.url
    page.get_by_role("link", name="内容を編集").click()
    page.get_by_label("概要").fill("川べりの公園の使い方を、市民の皆さんと考えます。")
    page.get_by_label("説明").fill("## 当日の流れ\n\n歩いて、話して、地図にまとめます。")
    page.get_by_role("button", name="保存する").click()
    page.get_by_role("link", name="申込みのきまりを編集").click()
    page.get_by_label("1件で申し込める人数").fill("3")
    page.get_by_label("手話通訳").check()
    page.get_by_role("button", name="保存する").click()
    return address


def add_days(page: Page, address: str, name: str, *, twice: bool = True) -> None:
    page.goto(f"{address}/days")
    page.get_by_role("link", name="日程を追加").click()
    page.get_by_label("日付", exact=False).first.fill(days(14))
    page.get_by_label("始まり").fill("10:00")
    page.get_by_label("終わり").fill("12:00")
    if twice:
        page.get_by_label("くり返し", exact=False).first.select_option(label="毎週")
        page.get_by_label("または回数").fill("2")
    page.get_by_label("会場", exact=True).fill("中央公民館")
    if name:
        check_page(page, f"{name}-day")
    page.get_by_role("button", name="保存する").click()


def add_seats(
    page: Page,
    address: str,
    *,
    capacity: str,
    name: str,
    childcare: bool = False,
    lottery: bool = False,
) -> None:
    page.goto(f"{address}/days")
    page.get_by_role("link", name="定員を追加").click()
    if childcare:
        page.get_by_role("radio", name="託児").check()
        page.get_by_label("託児：下の月齢").fill("7")
        page.get_by_label("託児：小学校に入る前の子どもに限る").check()
    if lottery:
        page.get_by_role("radio", name="抽選").check()
    page.get_by_label("定員", exact=False).first.fill(capacity)
    page.get_by_label("受付を始める日").fill(days(0))
    page.get_by_label("締切の日").fill(days(12))
    if name:
        check_page(page, f"{name}-seats")
    page.get_by_role("button", name="保存する").click()


def announce(page: Page, name: str) -> None:
    page.reload()
    page.get_by_role("link", name="公表する").click()
    if name:
        check_page(page, f"{name}-announce")
    page.get_by_role("button", name="公表する").click()
    expect(page.locator(".flash, [role=status]").first).to_be_visible()


def register(
    page: Page,
    name: str,
    *,
    party: str = "1",
    child: bool = False,
    who: str = "髙橋 一郎",
    mail: str = "ichiro@example.jp",
) -> None:
    page.get_by_role("link", name=re.compile("申し込む")).first.click()
    page.get_by_label("氏名").first.fill(who)
    page.get_by_role("button", name="確認画面へ進む").last.click()
    expect(page.get_by_role("alert").first).to_be_visible()  # and nothing typed is lost
    expect(page.get_by_label("氏名").first).to_have_value(who)
    if name:
        check_page(page, f"{name}-form-error")
    for box in page.get_by_role("radiogroup").all():
        box.get_by_role("radio").first.check()
    page.get_by_label("参加する人数").fill(party)
    for label, value in (
        ("電話番号", "0463-94-0000"),
        ("メールアドレス", mail),
        ("住所", "伊勢原市田中1"),
    ):
        box = page.get_by_label(re.compile(f"^{label}"))
        if box.count():
            box.first.fill(value)
    if child:
        page.get_by_role("checkbox", name="手話通訳").check()
        page.locator("#childcare-0").check()
        born = clock.local_date(clock.now()) - timedelta(days=800)
        page.get_by_label("名前", exact=True).fill("髙橋 さくら")
        page.locator("#c0-year").fill(str(born.year))
        page.locator("#c0-month").fill(str(born.month))
        page.locator("#c0-day").fill(str(born.day))
    page.get_by_role("button", name="確認画面へ進む").last.click()
    expect(page.locator("h1")).to_contain_text("内容の確認")
    if name:
        check_page(page, f"{name}-confirm")
    page.get_by_role("button", name="この内容で申し込む").click()


def receipt_of(page: Page, name: str) -> tuple[str, str]:
    expect(page.locator("main")).to_contain_text("照会コード")
    if name:
        check_page(page, f"{name}-receipt")
    words = page.locator("main").inner_text()
    number, secret = re.search(r"受付番号\s+(\S+)\s+照会コード\s+(\S+)", words).groups()
    return number, secret
