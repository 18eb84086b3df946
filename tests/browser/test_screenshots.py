"""README's pictures, drawn from the demo; UPDATE_SCREENSHOTS=1 puts them into docs/images."""

import os
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PICTURES, ROOT, Site

OpenPage = Callable[..., Page]
MOST_BYTES = 300_000
HEIGHTS = {
    "front": 1000,
    "calendar": 800,
    "home": 640,
    "entries": 900,
    "edition": 800,
    "report": 900,
}
PDF_WIDTH = 1280  # pixels


@pytest.fixture(scope="module")
def folder() -> Path:
    chosen = ROOT / "docs" / "images" if os.environ.get("UPDATE_SCREENSHOTS") == "1" else PICTURES
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def test_the_front_door(open_page: OpenPage, folder: Path) -> None:
    page = open_page("/")
    expect(page.get_by_role("heading", name="いま参加できるもの")).to_be_visible()
    _keep(page, folder, "front")
    page.get_by_role("link", name="カレンダー", exact=True).click()
    expect(page.get_by_role("table").first).to_be_visible()
    _keep(page, folder, "calendar")


def test_the_home_page_of_staff(open_page: OpenPage, site: Site, folder: Path) -> None:
    page = open_page("/staff/", site.person("coordinator"))
    expect(page.get_by_role("heading", level=1)).to_have_text("今日の仕事")
    _keep(page, folder, "home")


def test_a_departments_entries(open_page: OpenPage, site: Site, folder: Path) -> None:
    page = open_page("/staff/reports/", site.person("contributor", "市民協働課"))
    expect(page.get_by_role("heading", level=1)).to_have_text("年次報告の入力")
    _keep(page, folder, "entries")


def test_an_edition(open_page: OpenPage, site: Site, folder: Path) -> None:
    page = open_page("/staff/reports/editions", site.person("coordinator"))
    page.get_by_role("link", name="令和6年度版").first.click()
    expect(page.locator("main")).to_contain_text("公開中")
    _keep(page, folder, "edition")


def test_the_report_as_page_and_pdf(open_page: OpenPage, folder: Path) -> None:
    page = open_page("/reports/2024/")
    expect(page.locator(".report-table").first).to_be_visible()
    _keep(page, folder, "report")

    address = page.get_by_role("link", name="PDFで読む").evaluate("link => link.href")
    document = pypdfium2.PdfDocument(page.request.get(address).body())
    leaf = document[0]
    path = folder / "pdf.png"
    picture = leaf.render(scale=PDF_WIDTH / leaf.get_width()).to_pil()
    picture.quantize(64).save(path, optimize=True)  # ink on paper needs few colours
    _check(path)


def _keep(page: Page, folder: Path, name: str) -> None:
    page.set_viewport_size({"width": 1280, "height": HEIGHTS[name]})
    path = folder / f"{name}.png"
    page.screenshot(path=path)
    _check(path)


def _check(path: Path) -> None:
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert 5_000 < len(data) < MOST_BYTES, f"{path.name}: {len(data)} bytes"
