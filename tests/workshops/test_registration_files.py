"""The names of all registered, on the page and as files: each look is one event on record."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.sheets.read import read_table
from participation.submissions.disclosures import disclosures
from participation.submissions.services.senders import erase
from participation.workshops.models import (
    Application,
)
from participation.workshops.models import RegistrationStatus as S
from tests.workshops.board import SECRET, enter, named, number_of, token_of


def test_names_of_all_are_one_event(session: Session, client, workshop, pool) -> None:
    rows = [named(session, pool, status=S.WAITLISTED) for _ in range(3)]
    gone = named(session, pool, sender={"name": "消えた人"})
    receipt = session.get_one(Application, gone.application_id).receipt_id
    erase(session, [receipt], now=clock.now())
    numbers = {number_of(session, one) for one in rows}
    address = f"{enter(client, session, workshop)}/names"
    page = client.get(address).text
    assert SECRET not in page
    token = token_of(page)
    assert client.post(address, data={"csrf_token": token, "reason": ""}).status_code == 422
    shown = client.post(address, data={"csrf_token": token, "reason": "名札を作る"}).text
    assert shown.count(SECRET) == 3
    assert "（消去済み）" in shown
    assert "0463-94-4711" in shown
    session.expire_all()
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "workshops.senders.disclosed")
    ).one()
    assert (event.reason, event.after["count"]) == ("名札を作る", 3)
    # P18: whose data it was comes out of the audit log alone.
    seen = list(disclosures(session, since=clock.now() - timedelta(hours=1)))
    assert {one.number for one in seen} == numbers


@pytest.mark.parametrize("file_format", ["xlsx", "csv", "csv-cp932"])
def test_files(session: Session, client, workshop, pool, file_format) -> None:
    named(session, pool, sender={"name": "=1+1", "kana": "けいさん", "extra.school": "第一中"})
    named(session, pool, status=S.WAITLISTED)
    address = enter(client, session, workshop)
    plain = client.get(f"{address}/export/{file_format}")
    assert plain.headers["Cache-Control"] == "no-store"
    table = read_table(plain.data, filename="x")
    rows = [cells for _line, cells in table.rows]
    assert table.header[0] == "受付番号"
    assert len(rows) == 2
    assert not any("=1+1" in cell or SECRET in cell for cells in rows for cell in cells)
    token = token_of(client.get(f"{address}/names").text)
    data = {
        "csrf_token": token,
        "export-csrf_token": token,
        "export-reason": "名簿",
        "export-file_format": file_format,
    }
    response = client.post(f"{address}/export-names", data=data)
    assert response.status_code == 200
    table = read_table(response.data, filename="x")
    rows = [cells for _line, cells in table.rows]
    column = table.header.index("氏名")
    assert [cells[column] for cells in rows] == [SECRET, "=1+1"]  # read back without the guard
    if file_format == "csv":
        assert b"'=1+1" in response.data
    filtered = client.post(f"{address}/export-names?status=confirmed", data=data)
    assert len(list(read_table(filtered.data, filename="x").rows)) == 1
    refused = client.post(f"{address}/export-names", data={**data, "export-reason": ""})
    assert refused.status_code == 303
    session.expire_all()
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "workshops.senders.exported")
    ).all()
    assert [event.after["count"] for event in events] == [2, 1]
    assert client.get(f"{address}/export/pdf").status_code == 404


def test_a_file_does_not_lose_a_name_silently(session: Session, client, workshop, pool) -> None:
    named(session, pool, sender={"name": "𠮷野 花子"})
    address = enter(client, session, workshop)
    data = {
        "csrf_token": token_of(client.get(f"{address}/names").text),
        "export-reason": "名簿",
        "export-file_format": "csv-cp932",
    }
    asked = client.post(f"{address}/export-names", data=data)
    assert "𠮷" in asked.text
    assert session.scalars(select(AuditEvent)).all() == []
    taken = client.post(f"{address}/export-names", data={**data, "accept": "1"})
    assert "〓野 花子".encode("cp932") in taken.data
    assert len(session.scalars(select(AuditEvent)).all()) == 1
