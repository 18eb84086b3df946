"""The year's lists: pages, spreadsheets, PDF, and the commands."""

import io
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdfium2 import PdfDocument
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignNotice,
    CampaignResult,
    CampaignState,
    NoticeKind,
    Outcome,
    ResultPart,
    ResultState,
    YearlyList,
    YearlyListFile,
)
from participation.campaigns.queries.yearly import table_of
from participation.campaigns.result_snapshot import CategoryTally, Change, Frame, Tally
from participation.core.actors import Role
from participation.departments.models import Department
from participation.jobs.worker import run_pending
from participation.sheets.read import read_table
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department, make_user, post, sign_in

NOW = datetime(2024, 6, 1, 3, tzinfo=UTC)
YEAR = 2024


@pytest.fixture
def department(session: Session) -> Department:
    return make_department(session, "みどり課")


def published(session: Session, department: Department, title: str, **tally: int) -> Campaign:
    campaign = make_campaign(
        session,
        department,
        state=CampaignState.PUBLISHED,
        title=title,
        opens_on=date(2024, 4, 10),
        closes_on=date(2024, 5, 9),
        outcome=Outcome.AMENDED,
    )
    for number, persons in ((1, 1), (2, tally["persons"])):
        result = CampaignResult(
            campaign_id=campaign.id,
            number=number,
            correction="数の誤り" if number > 1 else "",
            state=ResultState.PUBLISHED,
            published_at=NOW + timedelta(days=number),
            created_at=NOW,
        )
        session.add(result)
        session.flush()
        frame = Frame(
            title=title,
            municipality="例市",
            department="みどり課",
            contact=(),
            procedure="comment",
            legal_basis="",
            announced_on="",
            opens_on="2024-04-10",
            closes_on="2024-05-09",
            extended_from="",
            places=(),
            number=number,
            correction="",
            introduction="",
            outcome="amended",
            outcome_note="",
            tally=Tally(tally["submissions"], persons, tally["opinions"]),
            channels=(),
            categories=(
                CategoryTally("A", "反映", 1, 2),
                CategoryTally("D", "困難", 1, tally["opinions"] - 2),
            ),
            changes=(Change(1, "3ページ", "旧", "新", "わかりやすくするため"),),
        )
        session.add(ResultPart(result_id=result.id, position=0, content={"frame": asdict(frame)}))
    session.commit()
    return campaign


def fill(session: Session, department: Department) -> None:
    published(session, department, "緑の計画（案）", submissions=8, persons=7, opinions=25)
    make_campaign(session, department, opens_on=date(2024, 5, 20), title="水の計画（案）")
    make_campaign(
        session,
        department,
        state=CampaignState.PLANNED,
        opens_on=date(2024, 12, 1),
        title="道の計画（案）",
    )
    make_campaign(
        session,
        department,
        state=CampaignState.PREPARING,
        opens_on=date(2024, 11, 1),
        title="秘密の計画（案）",
    )
    for title, cancelled in (("前に中止", date(2024, 4, 3)), ("途中で中止", date(2024, 4, 20))):
        campaign = make_campaign(
            session,
            department,
            state=CampaignState.CANCELLED,
            opens_on=date(2024, 4, 10),
            title=title,
        )
        at = datetime(cancelled.year, cancelled.month, cancelled.day, 3, tzinfo=UTC)
        session.add(
            CampaignNotice(campaign_id=campaign.id, kind=NoticeKind.CANCELLED, text="理由", at=at)
        )
    session.commit()


def test_the_lists_hold_what_was_planned_and_what_was_held(
    session: Session, department: Department, queries: list[str]
) -> None:
    fill(session, department)
    session.expire_all()
    queries.clear()
    planned = table_of(session, YearlyList.PLANNED, YEAR, now=NOW)
    assert len(queries) <= 8
    titles = [row[2] for row in planned.rows]
    assert titles == [
        "緑の計画（案）",
        "前に中止",
        "途中で中止",
        "水の計画（案）",
        "道の計画（案）",
    ]
    held = table_of(session, YearlyList.HELD, YEAR, now=NOW)
    lines = [dict(zip(held.header, row, strict=True)) for row in held.rows]
    assert [line["件名"] for line in lines] == ["緑の計画（案）", "途中で中止", "水の計画（案）"]
    first = lines[0]
    assert (first["提出数（通）"], first["提出者（人）"], first["意見（件）"]) == (8, 7, 25)
    assert (first["区分A（件）"], first["区分D（件）"]) == (2, 23)
    assert (first["修正"], first["日数"]) == ("あり（1か所）", 30)
    assert first["結果公表日"] == "令和6年6月2日（日）"  # of the first, not of the correction
    assert lines[2]["意見（件）"] == ""
    assert lines[2]["状態"] == "募集中"
    assert table_of(session, YearlyList.HELD, 2019, now=NOW).rows == ()


def test_the_number_of_queries_does_not_grow(
    session: Session, department: Department, queries: list[str]
) -> None:
    published(session, department, "一", submissions=1, persons=1, opinions=3)
    counts = []
    for number in range(3):
        session.expire_all()
        queries.clear()
        table_of(session, YearlyList.HELD, YEAR, now=NOW)
        counts.append(len(queries))
        published(session, department, f"計画{number}", submissions=1, persons=1, opinions=3)
    assert counts[0] == counts[1] == counts[2]


def test_residents_read_and_download_the_lists(
    client: FlaskClient, session: Session, department: Department
) -> None:
    fill(session, department)
    page = client.get(f"/campaigns/years/{YEAR}/").text
    assert "緑の計画（案）" in page
    assert "秘密の計画" not in page
    assert client.get("/campaigns/years/2019/").status_code == 200
    assert client.get("/campaigns/years/99/").status_code == 404
    url = f"/campaigns/years/{YEAR}/file"
    for asked, name in (("xlsx", "a.xlsx"), ("csv", "a.csv"), ("csv-cp932", "b.csv")):
        answer = client.get(url, query_string={"list": "held", "format": asked})
        assert answer.status_code == 200
        table = read_table(answer.data, filename=name)
        rows = [dict(zip(table.header, cells, strict=True)) for _line, cells in table.rows]
        assert rows[0]["件名"] == "緑の計画（案）"
        assert rows[0]["意見（件）"] == "25"
    assert client.get(url, query_string={"format": "pdf"}).status_code == 404
    assert client.get(url, query_string={"format": "docx"}).status_code == 404
    assert client.get(url, query_string={"list": "secret"}).status_code == 404


def test_a_character_that_shift_jis_lacks_is_said_before(
    client: FlaskClient, session: Session, department: Department
) -> None:
    make_campaign(session, department, opens_on=date(2024, 5, 20), title="𠮷野地区の計画（案）")
    url = f"/campaigns/years/{YEAR}/file"
    asked = {"list": "planned", "format": "csv-cp932"}
    assert "𠮷" in client.get(url, query_string=asked).text
    accepted = client.get(url, query_string={**asked, "accept": "1"})
    assert "〓野地区" in accepted.data.decode("cp932")


def test_a_formula_in_a_title_is_a_text(
    client: FlaskClient, session: Session, department: Department
) -> None:
    make_campaign(session, department, opens_on=date(2024, 5, 20), title="=1+1")
    answer = client.get(f"/campaigns/years/{YEAR}/file?list=planned&format=csv")
    assert ",'=1+1," in answer.data.decode("utf-8-sig")


def test_the_worker_prints_a_list_and_residents_get_the_newest(
    app: Flask, client: FlaskClient, session: Session, department: Department
) -> None:
    fill(session, department)
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    url = f"/staff/campaigns/years/{YEAR}/print"
    assert post(client, url, {"list": "held"}).status_code == 403
    sign_in(client, session, make_user(session, Role.COORDINATOR))
    assert "PDFを作る" in client.get(f"/staff/campaigns/years?year={YEAR}").text
    assert post(client, url, {"list": "held"}).status_code == 303
    assert run_pending(app) == 1
    stored = session.scalars(select(YearlyListFile)).one()
    assert stored.file_id is not None
    session.rollback()
    answer = client.get(f"/campaigns/years/{YEAR}/file?list=held&format=pdf")
    assert answer.mimetype == "application/pdf"
    document = PdfDocument(io.BytesIO(answer.data))
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    for words in ("実施状況", "緑の計画（案）", "令和6年度"):
        assert words in text.replace("\r\n", "").replace("\n", "")
    assert "PDF" in client.get(f"/campaigns/years/{YEAR}/").text


def test_commands_list_and_move(app: Flask, session: Session, department: Department) -> None:
    late = make_campaign(session, department, opens_on=date(2024, 5, 20), title="水の\n計画（案）")
    runner = app.test_cli_runner()
    listed = runner.invoke(args=["campaigns", "list", "--year", "2024"])
    assert listed.exit_code == 0
    line = listed.stdout.splitlines()[0].split("\t")
    assert line == [
        str(late.id),
        "締切",
        "2024",
        "令和6年5月20日（月）から令和6年6月19日（水）まで（31日間）",
        "水の 計画（案）",
    ]
    assert runner.invoke(args=["campaigns", "list", "--year", "2019"]).stdout == ""
    assert "1件" in runner.invoke(args=["campaigns", "move-by-clock"]).stdout
    session.expire_all()
    assert late.state is CampaignState.CLOSED
    assert "0件" in runner.invoke(args=["campaigns", "move-by-clock"]).stdout
