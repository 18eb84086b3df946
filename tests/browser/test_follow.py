"""Following an event by mail in a browser: the form, the letter that confirms, news, the end."""

import contextvars
import email
import email.policy
import re
import time

from playwright.sync_api import expect
from sqlalchemy import update

from participation.core import clock
from participation.db.engine import writing
from participation.db.extension import db
from participation.portal.models import Follower
from participation.portal.sweeps import send_digests
from tests.browser.conftest import Site, check_page
from tests.browser.test_campaign import OpenPage

LETTER_SECONDS = 60


def seven_o_clock(site: Site) -> None:
    """What the worker's duty does within the minute."""
    with site.app.app_context():
        now = clock.now()
        with writing(db.session()):
            db.session.execute(update(Follower).values(next_at=now))
        db.session.commit()
        send_digests(db.session(), now)


def letter(site: Site, recipient: str, words: str) -> str:
    """The text of the letter to ``recipient`` that has ``words``, once the worker delivered it."""
    deadline = time.monotonic() + LETTER_SECONDS
    while time.monotonic() < deadline:
        for path in (site.folder / "mail").glob("*.eml"):
            found = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            text = str(found.get_body().get_content())
            if found["to"] == recipient and words in text:
                return text
        time.sleep(0.5)
    raise AssertionError(f"no letter to {recipient} with {words}")


def link(site: Site, text: str, part: str) -> str:
    return re.search(rf"{re.escape(site.url)}(/follow/{part}\S+)", text).group(1)


def test_follow_hear_and_leave(open_page: OpenPage, site: Site, javascript: bool) -> None:
    name = f"follow-{javascript}"
    address = f"follower-{time.time_ns()}@example.jp"
    page = open_page("/workshops/", width=375, javascript=javascript)
    page.get_by_role("link", name=re.compile("ごみの分け方")).first.click()
    workshop_id = re.search(r"/workshops/(\d+)/", page.url).group(1)
    title = page.locator("h1").inner_text().replace("\n", "")
    chief = site.person("approver", "清掃リサイクル課")
    page.get_by_role("link", name="お知らせをメールで受け取る").first.click()
    check_page(page, f"{name}-form")
    page.get_by_label("メールアドレス").fill("まちがい")
    page.get_by_role("button", name="確認のメールを受け取る").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_label("メールアドレス").fill(address)
    page.get_by_role("button", name="確認のメールを受け取る").click()
    check_page(page, f"{name}-asked")

    confirm = link(site, letter(site, address, "/follow/confirm/"), "confirm/")
    page.goto(site.url + confirm)
    check_page(page, f"{name}-confirm")
    page.get_by_role("button", name="登録する").click()
    check_page(page, f"{name}-settings")

    staff = open_page(f"/staff/workshops/{workshop_id}", chief, javascript=javascript)
    staff.get_by_role("link", name="お知らせを載せる").click()
    words = f"会場の入口は北側です（{time.time_ns() % 100_000}番）。"
    staff.get_by_role("textbox").first.fill(words)
    staff.get_by_role("button", name="公表する").click()
    contextvars.Context().run(seven_o_clock, site)
    text = letter(site, address, words)
    assert title in text

    page.goto(site.url + link(site, text, "leave/"))
    check_page(page, f"{name}-leave")
    page.get_by_role("button", name="配信を止める").click()
    expect(page.locator("h1")).to_contain_text("配信を止めました")
    page.goto(site.url + confirm)
    expect(page.locator("h1")).to_contain_text("このリンクは使えません")
