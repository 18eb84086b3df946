"""``campaigns add-document`` on both databases: added, unchanged, replaced, refused."""

from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import DocumentVersion
from tests.campaigns.arrange import make_campaign
from tests.campaigns.documents_arrange import CHANGED, TEXT
from tests.factories import make_department


def test_a_document_is_added_left_and_replaced(app: Flask, session: Session, tmp_path: Path):
    campaign = make_campaign(session, make_department(session))
    pdf, text = tmp_path / "案.pdf", tmp_path / "案.md"
    pdf.write_bytes(b"%PDF-1.7 x")
    text.write_text(TEXT, encoding="utf-8-sig")
    runner = app.test_cli_runner()
    number = campaign.id
    session.rollback()

    def run(*more: str) -> tuple[int, str]:
        arguments = ["campaigns", "add-document", str(number), str(pdf), "--title", "計画（案）"]
        result = runner.invoke(args=[*arguments, "--text", str(text), *more])
        return result.exit_code, result.output

    assert run("--publish") == (0, "「計画（案）」第1版（公開）を保存しました。\n")
    assert run("--publish") == (0, "「計画（案）」に変更はありません。\n")
    text.write_text(CHANGED, encoding="utf-8")
    status, said = run("--publish")
    assert status == 1
    assert "何を変えたか" in said
    assert run("--note", "面積を改めた。")[1] == "「計画（案）」第2版（未公開）を保存しました。\n"
    assert run("--publish")[1] == "「計画（案）」第2版（公開）を保存しました。\n"
    text.write_bytes("計画".encode("cp932"))
    status, said = run()
    assert status == 1
    assert "UTF-8" in said
    pdf.write_bytes(b"<html></html>")
    assert run()[0] == 1
    versions = session.scalars(select(DocumentVersion).order_by(DocumentVersion.number)).all()
    assert [one.number for one in versions] == [1, 2]
    assert all(one.published_at for one in versions)
