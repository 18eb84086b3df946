"""The demo city in a real browser: ``./demo`` serves it, Chromium opens it.

KEEP_PICTURES=1 leaves a picture of every page that was checked in tests/output; a page that fails
leaves one in any case.
"""

import contextvars
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import Result
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from participation.accounts.queries import find_by_email
from participation.accounts.services.demonstration import PASSWORD
from participation.app import create_app
from participation.core.settings import Settings
from participation.db.engine import writing
from participation.db.extension import db

ROOT = Path(__file__).resolve().parents[2]
# Two workers share two cores with this browser: a page may take its time.
expect.set_options(timeout=60_000)
PICTURES = ROOT / "tests" / "output"
START_SECONDS = 180
# Chromium without its windows: what draws a page is the same, at half the work.
SHELL = Path("/usr/bin/chromium-headless-shell")
CHROMIUM = SHELL if SHELL.exists() else Path("/usr/bin/chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@dataclass
class Site:
    """The running demo and its people."""

    url: str
    folder: Path
    people: list[dict[str, Any]]
    cookies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def person(self, role: str, department: str = "", *, second: bool = False) -> dict[str, Any]:
        """The first (or second) person with ``role``, in ``department`` if one is named."""
        found = [
            person
            for person in self.people
            if person["role"] == role and department in (person.get("department") or "")
        ]
        return found[1 if second else 0]

    def code(self, person: dict[str, Any]) -> str:
        """A code that signs ``person`` in now, as ./demo prints it; each is good for one time."""
        answer = self.flask("users", "demo-code", person["email"], check=False)
        if answer.exit_code:
            # Two are used up within a minute. The next one comes, or half a minute passes at once.
            self._let_half_a_minute_pass(person)
            answer = self.flask("users", "demo-code", person["email"])
        return answer.stdout.strip()

    def flask(self, *arguments: str, check: bool = True) -> Result:
        """What the command ``flask`` answers to ``arguments``, without a process of its own."""
        answer = contextvars.Context().run(
            lambda: self.app.test_cli_runner().invoke(args=arguments)
        )
        assert not (check and answer.exit_code), answer.output
        return answer

    @cached_property
    def app(self) -> Flask:
        """The program on the demo's data, as its commands see it."""
        return create_app(
            Settings.from_env(
                {
                    "DATA_DIR": str(self.folder),
                    "PARTICIPATION_ENV": "development",
                    "BASE_URL": self.url,
                }
            )
        )

    def _let_half_a_minute_pass(self, person: dict[str, Any]) -> None:
        def change() -> None:
            with self.app.app_context(), writing(db.session()):
                user = find_by_email(db.session(), person["email"])
                assert user is not None
                assert user.totp_last_step is not None
                user.totp_last_step -= 1
                db.session.commit()

        contextvars.Context().run(change)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    people = json.loads((ROOT / "participation" / "demo" / "people.json").read_text())
    if running := os.environ.get("DEMO_URL"):  # while writing tests: one that runs already
        yield Site(running, Path(os.environ["DEMO_DIR"]), people)
        return
    folder = tmp_path_factory.mktemp("demo")
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    log = folder / "demo.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [ROOT / "demo"],
            env={**os.environ, "DEMO_DIR": str(folder), "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"./demo did not start:\n{log.read_text()[-3000:]}")
            try:
                with urllib.request.urlopen(f"{url}/health/ready", timeout=2):
                    break
            except (urllib.error.URLError, OSError):
                time.sleep(0.3)
        yield Site(url, folder, people)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                # Nothing but this machine is ever reached (promise P16); `open_page` also refuses
                # the attempt. (To hold up each request for a look would also turn off the cache.)
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(params=["javascript", "no-javascript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "javascript")


@pytest.fixture
def open_page(site: Site, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page as a person (or as nobody), at a width, with or without JavaScript."""
    contexts: list[BrowserContext] = []
    # Told at the end: a failure inside a listener would only break the connection to the browser.
    faults: list[str] = []

    def look_at(request: Request) -> None:
        if not request.url.startswith((site.url, "data:")):
            faults.append(f"a page asked for {request.url}")

    def open_(
        path: str = "/",
        person: dict[str, Any] | None = None,
        *,
        width: int = 1280,
        javascript: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        context.on("request", look_at)
        if person is not None:
            if person["email"] not in site.cookies:
                sign_in_by_hand(context.new_page(), site, person)
                site.cookies[person["email"]] = context.cookies()
            context.add_cookies(site.cookies[person["email"]])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        page.goto(site.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not faults, faults


def sign_in_by_hand(
    page: Page, site: Site, person: dict[str, Any], *, opened: bool = False
) -> None:
    """Sign in through the pages, password first, then the code; ``opened``: we stand there."""
    if not opened:
        page.goto(f"{site.url}/staff/sign-in")
    page.get_by_label("メールアドレス").fill(person["email"])
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="次へ").click()
    page.get_by_label("認証コード").fill(site.code(person))
    page.get_by_role("button", name="サインイン").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def check_page(page: Page, name: str = "") -> None:
    """axe finds nothing, and nothing makes the reader scroll sideways."""
    faults = _faults(page)
    if name and (faults or os.environ.get("KEEP_PICTURES") == "1"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert not faults, f"{page.url}: {faults}"


def _faults(page: Page) -> list[object]:
    page.wait_for_load_state("domcontentloaded")  # a form may still be on its way
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > page.viewport_size["width"]:
        return [f"scrolls sideways: {width}"]
    if page.evaluate("matchMedia('(scripting: none)').matches"):
        return []  # axe is a script itself; it reads the same page where scripts run
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        (rule["id"], [node["target"] for node in rule["nodes"]][:3])
        for rule in found.response["violations"]
    ]
