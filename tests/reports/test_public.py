"""The report as residents read it."""

import csv as csv_reader
import gzip
import io
import random
import re
from datetime import timedelta
from urllib.parse import quote

import html5lib
import pytest
from werkzeug.test import Client

from participation.reports import contents
from participation.reports.models import EntryKind
from participation.reports.services import editions as services
from participation.sheets.read import read_table
from participation.web.page_cache import PageCache
from tests.factories import sign_in
from tests.reports.built import ACTOR, built, drafted, published
from tests.reports.world import NOW, YEAR, World, make_world

HOSTILE = "<script>alert(1)</script><img src=x onerror=y> {{ 7*7 }} %(x)s \" ' &"


@pytest.fixture
def world(session) -> World:
    world = make_world(session)
    world.old_entry("前々年度の実績。", kind=EntryKind.RESULT, year=YEAR - 2)
    world.old_entry("前年度の実績。", kind=EntryKind.RESULT)
    world.old_entry(HOSTILE, kind=EntryKind.PLAN, year=YEAR)
    world.old_entry("青少年課の実績。", code="2-1", kind=EntryKind.RESULT, department=world.other)
    return world


def document(answer):
    return html5lib.parse(answer.text, namespaceHTMLElements=False)


def words(element) -> str:
    return re.sub(r"[ \n]+", " ", "".join(element.itertext())).strip()


def statements(answer) -> list[str]:
    return [words(p) for p in document(answer).iter("p") if "statement" in p.get("class", "")]


def test_an_empty_list_is_a_page(client, world):
    answer = client.get("/reports/")
    assert answer.status_code == 200
    assert "公表された報告書はまだありません" in answer.text


def test_the_list_has_the_newest_year_first_and_keeps_what_was_corrected(client, world):
    published(world.session, year=2023, now=NOW)
    published(world.session, now=NOW)
    published(world.session, now=NOW + timedelta(days=1), correction="数を誤ったため。")
    page = document(client.get("/reports/"))
    assert [words(h) for h in page.iter("h2")][:2] == ["令和6年度版の報告書", "令和5年度版の報告書"]
    links = [
        a.get("href") for a in page.iter("a") if (a.get("href") or "").startswith("/reports/2")
    ]
    assert links == [
        "/reports/2024/",
        "/reports/2024/2/report.pdf",
        "/reports/2024/2/report.xlsx",
        "/reports/2024/2/report.csv",
        "/reports/2024/2/report-shift-jis.csv",
        "/reports/2024/1",
        "/reports/2023/",
        "/reports/2023/1/report.pdf",
        "/reports/2023/1/report.xlsx",
        "/reports/2023/1/report.csv",
        "/reports/2023/1/report-shift-jis.csv",
    ]
    assert "数を誤ったため。" in client.get("/reports/").text


def test_the_page_has_every_item_and_statement_in_its_cell(client, world):
    published(world.session, now=NOW)
    answer = client.get(f"/reports/{YEAR}/")
    assert answer.status_code == 200
    page = document(answer)
    bodies = [body for body in page.iter("tbody") if (body.get("id") or "").startswith("item-")]
    names = [words(next(body.iter("th"))) for body in bodies]
    assert names == ["○アンケート", "○話し合いの場", "○見守り隊", "○活動の場づくり"]
    first = [(td.get("data-label"), words(td)) for td in bodies[0].iter("td")]
    assert first == [
        ("指針の内容", "目的に合う方法で行う"),
        ("区分", "Ⅱ"),
        ("対応方針", "これまでの取り組みを続ける。"),
        ("令和4年度の取り組み実績", "●前々年度の実績。（経営企画課）"),
        ("令和5年度の取り組み実績", "●前年度の実績。（経営企画課）"),
        ("令和6年度の取り組み予定", f"●{HOSTILE}（経営企画課）"),
        ("区分", "Ⅲ"),
        ("対応方針", "各課がそれぞれ行う。"),
    ]
    # An empty cell is really empty: the style sheet then says so.
    assert '<td role="cell" data-label="令和4年度の取り組み実績"></td>' in answer.text
    headings = [(h.tag, words(h)) for h in page.iter() if h.tag in {"h1", "h2", "h3", "h4"}]
    assert [heading for heading in headings if heading[0] != "h1"][1:7] == [
        ("h2", "１　計画づくりへの参加"),
        ("h3", "①案をつくるとき"),
        ("h4", "◎声を集める"),
        ("h4", "◎いっしょに決める"),
        ("h3", "②実行するとき"),
        ("h2", "２　市民活動の支え"),
    ]
    assert "区分の読み方" in answer.text


def test_hostile_text_stays_text(client, world):
    published(world.session, now=NOW)
    answer = client.get(f"/reports/{YEAR}/")
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert "49" not in "".join(statements(answer))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"item": "2-1"}, ["●青少年課の実績。（青少年課）"]),
        ({"department": "青少年課"}, ["●青少年課の実績。（青少年課）"]),
        ({"column": "result-2022"}, ["●前々年度の実績。（経営企画課）"]),
        ({"department": "経営企画課", "column": "result-2023"}, ["●前年度の実績。（経営企画課）"]),
        ({"department": "青少年課", "column": "plan-2024"}, []),
        ({"section": "4"}, ["●青少年課の実績。（青少年課）"]),
        (
            {"item": "", "department": "", "column": "result-2022"},
            ["●前々年度の実績。（経営企画課）"],
        ),
    ],
)
def test_filters(client, world, query, expected):
    published(world.session, now=NOW)
    answer = client.get(f"/reports/{YEAR}/", query_string=query)
    assert answer.status_code == 200
    assert statements(answer) == expected
    if not expected:
        assert "該当する記載はありません" in answer.text
    # the form shows again what was chosen
    chosen = {
        select.get("name"): option.get("value")
        for select in document(answer).iter("select")
        for option in select.iter("option")
        if option.get("selected") is not None and option.get("value")
    }
    assert chosen == {k: v for k, v in query.items() if v and k != "section"}


@pytest.mark.parametrize(
    "query", ["item=9-9", "department=%3Cscript%3E", "column=0", "column=plan-2023"]
)
def test_what_the_report_does_not_have_is_not_found(client, world, query):
    published(world.session, now=NOW)
    assert client.get(f"/reports/{YEAR}/?{query}").status_code == 404


@pytest.mark.parametrize("number", ["0", "99", "-1", "x", "99999999999999999999"])
def test_an_odd_section_or_page_gives_a_page(client, world, number):
    published(world.session, now=NOW)
    for name in ("section", "page"):
        assert client.get(f"/reports/{YEAR}/?{name}={number}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/reports/1999/",
        f"/reports/{YEAR}/2",
        f"/reports/{YEAR}/0",
        "/reports/99999/",
        f"/reports/{YEAR}/999999999999999999999",
        f"/reports/{YEAR}/1/report.exe",
        f"/reports/{YEAR}/2/report.pdf",
    ],
)
def test_what_was_not_published_is_not_found(client, world, path):
    published(world.session, now=NOW)
    assert client.get(path).status_code == 404


def test_an_edition_before_its_publication_is_not_there(client, world):
    built(world.session, drafted(world.session, now=NOW), now=NOW)
    for path in (f"/reports/{YEAR}/", f"/reports/{YEAR}/1", f"/reports/{YEAR}/1/report.pdf"):
        assert client.get(path).status_code == 404
    assert "公表された報告書はまだありません" in client.get("/reports/").text


def test_a_corrected_edition_says_so_and_the_new_one_has_its_reason(client, world):
    published(world.session, now=NOW)
    assert "訂正されています" not in client.get(f"/reports/{YEAR}/1").text
    world.old_entry("書き足した。", code="1-3", kind=EntryKind.RESULT)
    published(world.session, now=NOW + timedelta(days=1), correction=HOSTILE)
    old = client.get(f"/reports/{YEAR}/1")
    assert "この版は訂正されています" in old.text
    assert "書き足した。" not in old.text
    new = client.get(f"/reports/{YEAR}/")
    assert "訂正の理由" in new.text
    assert "正誤表（1件）" in new.text
    assert "書き足した。" in new.text
    assert "<script>" not in new.text
    assert statements(new) == statements(client.get(f"/reports/{YEAR}/2"))


def test_files_are_the_frozen_bytes(client, world):
    edition = published(world.session, now=NOW)
    pdf = client.get(f"/reports/{YEAR}/1/report.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF")
    assert pdf.headers["Content-Disposition"].startswith("inline")
    assert edition.pdf_sha256 in client.get(f"/reports/{YEAR}/").text
    table = read_table(client.get(f"/reports/{YEAR}/1/report.xlsx").data, filename="x")
    rows = [dict(zip(table.header, cells, strict=True)) for _, cells in table.rows]
    assert {row["内容"] for row in rows} == {
        "", "前々年度の実績。", "前年度の実績。", "青少年課の実績。", HOSTILE,
    }  # fmt: skip
    utf8 = client.get(f"/reports/{YEAR}/1/report.csv")
    assert utf8.data.startswith(b"\xef\xbb\xbf")
    assert utf8.headers["Content-Disposition"].startswith("attachment")
    cp932 = client.get(f"/reports/{YEAR}/1/report-shift-jis.csv").data.decode("cp932")
    assert len(list(csv_reader.reader(io.StringIO(cp932)))) == 1 + 4 + 2
    again = client.get(
        f"/reports/{YEAR}/1/report.csv", headers={"If-None-Match": utf8.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_lost_characters_are_named(client, world):
    world.old_entry("𠮷野", code="1-2", kind=EntryKind.RESULT)
    published(world.session, now=NOW)
    assert "シフトJISにない文字は" in client.get(f"/reports/{YEAR}/").text


# --- a long report ---


@pytest.fixture
def long(world, monkeypatch) -> World:
    monkeypatch.setattr(contents, "PAGE_STATEMENTS", 12)
    monkeypatch.setattr("participation.reports.views.reading.PAGE_STATEMENTS", 12)
    monkeypatch.setattr(contents.pages, "__kwdefaults__", {"statements": 12})
    for number in range(30):
        world.old_entry(f"{number}回目。", code="2-1", kind=EntryKind.RESULT)
    published(world.session, now=NOW)
    return world


def test_a_long_report_is_read_a_section_at_a_time(client, long):
    answer = client.get(f"/reports/{YEAR}/")
    assert "見出しごとに表示しています" in answer.text
    assert len(statements(answer)) == 3  # the first section
    nav = next(n for n in document(answer).iter("nav") if n.get("class") == "report-contents")
    links = {words(a): a.get("href") for a in nav.iter("a")}
    assert links["２　市民活動の支え"] == f"/reports/{YEAR}/?section=4"
    assert "31件" in words(nav)
    section = client.get(links["２　市民活動の支え"])
    assert len(statements(section)) == 12
    assert "3ページ中1ページ目" in section.text


def test_all_pages_of_a_section_hold_each_statement_once(client, long):
    url, found = f"/reports/{YEAR}/?section=4", []
    while url:
        answer = client.get(url)
        found += statements(answer)
        page = document(answer)
        url = next((a.get("href") for a in page.iter("a") if a.get("rel") == "next"), None)
    assert len(found) == len(set(found)) == 31


def test_a_filter_that_leaves_little_shows_it_at_once(client, long):
    answer = client.get(f"/reports/{YEAR}/?department={quote('青少年課')}")
    assert statements(answer) == ["●青少年課の実績。（青少年課）"]
    assert "見出しごとに" not in answer.text


# --- the memory of finished pages ---


def test_a_page_is_made_once(app, client, world, queries):
    published(world.session, now=NOW)
    client.get(f"/reports/{YEAR}/")
    queries.clear()
    first = client.get(f"/reports/{YEAR}/")
    assert queries == []  # but for the one of published_facts, which goes past the engine's events
    again = client.get(f"/reports/{YEAR}/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert {"Cookie", "Accept-Language"} <= set(first.headers["Vary"].split(", "))
    compressed = Client(app).get(f"/reports/{YEAR}/", headers={"Accept-Encoding": "br, gzip"})
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed.data) == first.data
    assert compressed.headers["ETag"] != first.headers["ETag"]
    assert "Set-Cookie" not in first.headers


def test_a_correction_changes_the_page_of_the_edition_before(client, world):
    published(world.session, now=NOW)
    before = client.get(f"/reports/{YEAR}/1")
    published(world.session, now=NOW, correction="理由")
    after = client.get(f"/reports/{YEAR}/1")
    assert before.headers["ETag"] != after.headers["ETag"]
    assert "この版は訂正されています" in after.text
    assert "第2版" in client.get(f"/reports/{YEAR}/").text


def test_a_change_of_the_citys_contact_lines_is_seen(client, world):
    from participation.city.models import City

    published(world.session, now=NOW)
    client.get(f"/reports/{YEAR}/")
    world.session.add(
        City(
            id=1,
            name="見本市",
            prefecture="見本県",
            code="142140",
            contact=[{"label": "電話", "value": "0463-00-0000"}],
            rules={},
            wording={},
            updated_at=NOW,
        )
    )
    world.session.commit()
    assert "0463-00-0000" in client.get(f"/reports/{YEAR}/").text


def test_each_language_has_its_own_page(client, world):
    published(world.session, now=NOW)
    path = f"/reports/{YEAR}/"
    japanese = client.get(path, headers={"Accept-Language": "ja"})
    english = client.get(path, headers={"Accept-Language": "en"})
    assert '<html lang="ja">' in japanese.text
    assert '<html lang="en">' in english.text
    assert statements(japanese) == statements(english)


def test_what_only_one_reader_sees_is_not_kept(app, client, world):
    published(world.session, now=NOW)
    pages: PageCache = app.extensions["report_pages"]
    sign_in(client, world.session, world.coordinator)
    client.get(f"/reports/{YEAR}/")
    client.delete_cookie("staff")
    with client.session_transaction() as browser:
        browser["_flashes"] = [("info", "あなただけに")]
    assert "あなただけに" in client.get(f"/reports/{YEAR}/").text
    assert "あなただけに" not in client.get(f"/reports/{YEAR}/").text
    held = pages.held_bytes
    client.get(f"/reports/{YEAR}/?anything=else")
    client.get(f"/reports/{YEAR}/?section={'0' * 600}")
    assert pages.held_bytes == held


def test_arguments_of_others_do_not_enter_the_page(client, world):
    """The switch of languages carries the address: a page must not be kept with a stranger's."""
    published(world.session, now=NOW)
    client.get(f"/reports/{YEAR}/?campaign=stranger")
    assert "stranger" not in client.get(f"/reports/{YEAR}/").text


def test_the_memory_is_bounded_and_drops_what_was_not_wanted_longest():
    pages = PageCache(most_bytes=40_000)
    page = random.Random(1).randbytes(3_900)  # does not get smaller
    for name in "abc":
        pages.put(name, page)
    for name in "defghi":
        assert pages.get("a") is not None
        pages.put(name, page)
        assert pages.held_bytes <= 40_000
    assert pages.get("b") is None
    assert pages.get("a").body == page
    big = pages.put("big", page * 2)
    assert big.body == page * 2
    assert pages.get("big") is None
    before = pages.held_bytes
    pages.put("a", page)
    assert pages.held_bytes == before


def test_the_card_on_the_front_page(client, world):
    assert "令和6年度版" not in client.get("/").text
    edition = published(world.session, now=NOW)
    assert "市民参加の進捗状況（令和6年度版）" in client.get("/").text
    services.draft_edition(
        world.session, fiscal_year=2025, columns=[(EntryKind.PLAN, 2025)], paper="A3",
        actor=ACTOR, now=NOW,
    )  # fmt: skip
    world.session.commit()
    assert f"/reports/{edition.fiscal_year}/" in client.get("/").text
