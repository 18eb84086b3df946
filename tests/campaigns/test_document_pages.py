"""Pages of documents: staff write and publish, residents read, whatever the text holds."""

import io
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignState,
    Document,
    DocumentVersion,
    PassageLineage,
)
from participation.campaigns.queries.documents import passages_of
from participation.campaigns.services import document_versions as versions
from participation.core.actors import Role
from participation.files.models import StoredFile
from participation.jobs.worker import run_pending
from tests.campaigns.arrange import make_campaign, make_submission, opinions_of
from tests.campaigns.documents_arrange import (
    CHANGED,
    TEXT,
    add_version,
    make_document,
    make_file,
    publish_version,
)
from tests.campaigns.pdf_arrange import plan_pdf
from tests.campaigns.test_document_passages import HOSTILE, Tags
from tests.factories import make_department, make_user, post, sign_in

PDF = b"%PDF-1.7\n%not much of one"


@pytest.fixture
def campaign(session: Session, client: FlaskClient) -> Campaign:
    """A campaign that is open; ``client`` is signed in as a contributor of its department."""
    department = make_department(session)
    found = make_campaign(session, department)
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    return found


def form(**more: object) -> dict[str, object]:
    return {
        "kind": "draft",
        "title": "緑の基本計画（案）",
        "source": TEXT,
        "style": "markdown",
        "act": "save",
        **more,
    }


def only_version(session: Session) -> DocumentVersion:
    session.rollback()
    return session.scalars(select(DocumentVersion).order_by(DocumentVersion.id.desc())).first()


def test_a_document_is_added_looked_at_and_published(
    session: Session, client: FlaskClient, campaign: Campaign
):
    base = f"/staff/campaigns/{campaign.id}/documents"
    assert "資料はまだありません" in client.get(base).text
    answer = post(client, f"{base}/new", form(file=(io.BytesIO(PDF), "計画（案）.pdf")))
    assert answer.status_code == 303
    version = only_version(session)
    assert answer.location.endswith(f"{base}/versions/{version.id}")
    page = client.get(answer.location).text
    assert "この版を公開する" in page
    assert "街路樹は老木が多く" in page
    public = f"/campaigns/{campaign.id}/documents/{version.id}/"
    assert client.get(public).status_code == 404
    assert client.get(f"{public}file").status_code == 404
    seen = versions.version_seen(version)
    answer = post(client, f"{base}/versions/{version.id}/publish", {"seen": seen})
    assert answer.status_code == 303
    page = client.get(public).text
    for passage in passages_of(session, version.id):
        assert f'id="{passage.anchor}"' in page
        assert f"/campaigns/{campaign.id}/submit/?passage={passage.id}" in page
    assert '<nav class="reading-contents"' in page
    park = next(one for one in passages_of(session, version.id) if "12か所" in one.text)
    asked = client.get(f"/campaigns/{campaign.id}/submit/?passage={park.id}").text
    assert "第2章 現状 第1段落" in asked
    assert "公園は12か所あり" in asked
    file = client.get(f"{public}file")
    assert file.data == PDF
    assert file.headers["Content-Disposition"].startswith("inline; filename=")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert client.get(f"{base}/versions/{version.id}/file").data == PDF
    edit = client.get(f"{base}/versions/{version.id}/edit")
    assert edit.status_code == 303
    assert "この版を公開する" not in client.get(f"{base}/versions/{version.id}").text


def test_a_fault_elsewhere_costs_neither_text_nor_upload(
    session: Session, client: FlaskClient, campaign: Campaign
):
    url = f"/staff/campaigns/{campaign.id}/documents/new"
    answer = post(client, url, form(title="", file=(io.BytesIO(PDF), "計画.pdf")))
    assert answer.status_code == 422
    assert "街路樹は老木が多く" in answer.text
    assert "計画.pdf" in answer.text
    kept = re.search(r'name="kept"[^>]* value="([^"]+)"', answer.text)
    assert kept is not None
    answer = post(client, url, form(kept=kept[1]))
    assert answer.status_code == 303
    session.rollback()
    assert session.get_one(StoredFile, only_version(session).file_id).name == "計画.pdf"
    # A number that was not signed for this person brings nothing. (The last letter of a signature
    # carries bits that nobody reads: an early one is changed.)
    payload, when, signature = kept[1].split(".")
    wrong = ("B" if signature[0] == "A" else "A") + signature[1:]
    answer = post(client, url, form(source="", kept=f"{payload}.{when}.{wrong}"))
    assert answer.status_code == 422


def test_a_file_that_is_not_taken_is_refused_and_the_text_stays(
    session: Session, client: FlaskClient, campaign: Campaign
):
    url = f"/staff/campaigns/{campaign.id}/documents/new"
    evil = io.BytesIO(b"<html><script>alert(1)</script></html>")
    answer = post(client, url, form(file=(evil, "計画.pdf")))
    assert answer.status_code == 422
    assert "受け付けていません" in answer.text
    assert "街路樹は老木が多く" in answer.text
    assert session.scalars(select(Document)).all() == []


def test_pasted_text_is_shown_as_it_was_understood(
    session: Session, client: FlaskClient, campaign: Campaign
):
    url = f"/staff/campaigns/{campaign.id}/documents/new"
    pasted = "第１章　目的\n　緑を守る。\n・公園\n・街路樹"
    answer = post(client, url, form(source=pasted, style="pasted", act="preview"))
    assert answer.status_code == 200
    assert "# 第１章 目的" in answer.text
    assert "<h2>第１章 目的</h2>" in answer.text
    assert session.scalars(select(Document)).all() == []
    assert post(client, url, form(source=pasted, style="pasted")).status_code == 303
    assert only_version(session).source == "# 第１章 目的\n\n緑を守る。\n\n- 公園\n- 街路樹"


def test_two_writers_see_each_others_words(
    session: Session, client: FlaskClient, campaign: Campaign
):
    _document, version = make_document(session, campaign, publish=False)
    url = f"/staff/campaigns/{campaign.id}/documents/versions/{version.id}/edit"
    stale = versions.version_seen(version)
    first = {"source": "先に保存した。", "style": "markdown", "version_seen": stale}
    assert post(client, url, first).status_code == 303
    second = {"source": "後から保存した。", "style": "markdown", "version_seen": stale}
    answer = post(client, url, second)
    assert answer.status_code == 409
    assert "先に保存した。" in answer.text
    assert "後から保存した。" in answer.text
    session.rollback()
    seen = versions.version_seen(session.get_one(DocumentVersion, version.id))
    assert f'value="{seen}"' in answer.text
    assert post(client, url, {**second, "version_seen": seen}).status_code == 303
    assert only_version(session).source == "後から保存した。"


def test_what_was_written_while_a_colleague_published_stays_on_the_form(
    session: Session, client: FlaskClient, campaign: Campaign
):
    _document, version = make_document(session, campaign)
    url = f"/staff/campaigns/{campaign.id}/documents/versions/{version.id}/edit"
    answer = post(client, url, {"source": "間に合わなかった。", "style": "markdown"})
    assert answer.status_code == 409
    assert "公開済み" in answer.text
    assert "間に合わなかった。" in answer.text


def test_a_new_version_replaces_the_old_one(
    session: Session, client: FlaskClient, campaign: Campaign
):
    document, first = make_document(session, campaign)
    url = f"/staff/campaigns/{campaign.id}/documents/{document.id}/versions/new"
    assert "街路樹は老木が多く" in client.get(url).text
    data = {"source": CHANGED, "style": "markdown"}
    answer = post(client, url, data)
    assert answer.status_code == 422
    assert "何を変えたか" in answer.text
    assert post(client, url, {**data, "note": "面積を改めた。"}).status_code == 303
    second = only_version(session)
    again = post(client, url, {**data, "note": "もう一度"})
    assert again.status_code == 409
    assert "公開していない第2版" in again.text
    publish_version(session, campaign, second)
    session.commit()
    old = client.get(f"/campaigns/{campaign.id}/documents/{first.id}/").text
    assert "新しい版があります" in old
    assert "?passage=" not in old
    new = client.get(f"/campaigns/{campaign.id}/documents/{second.id}/").text
    assert "面積を改めた。" in new
    assert "変わった段落は3" in new
    assert new.count('class="passage__change"') == 4
    notice = client.get(f"/campaigns/{campaign.id}/").text
    assert "第2版に差し替えました" in notice


def test_a_new_version_says_that_the_file_stays_behind(
    session: Session, client: FlaskClient, campaign: Campaign
):
    document, _first = make_document(session, campaign, file=make_file(session, PDF, "案1.pdf"))
    url = f"/staff/campaigns/{campaign.id}/documents/{document.id}/versions/new"
    page = client.get(url).text
    assert "前の版のファイルは引き継ぎません" in page
    assert "案1.pdf" in page


def test_lineage_is_looked_at_confirmed_and_put_right(
    session: Session, client: FlaskClient, campaign: Campaign
):
    document, first = make_document(session, campaign)
    opinion = opinions_of(session, make_submission(session, campaign, "広げてほしい。"))[0]
    park = next(one for one in passages_of(session, first.id) if "12か所" in one.text)
    opinion.passage_id = park.id
    second = add_version(session, campaign, document, CHANGED)
    session.commit()
    base = f"/staff/campaigns/{campaign.id}/documents/versions/{second.id}"
    assert "意見1件" in client.get(base).text
    page = client.get(f"{base}/lineage").text
    assert "<ins>" in page
    assert "分割" in page
    assert "目的とする" not in page
    assert "目的とする" in client.get(f"{base}/lineage?show=all").text
    answer = post(client, f"{base}/lineage", {"passage": [str(park.id), "x", "999999"]})
    assert answer.status_code == 303
    session.rollback()
    confirmed = session.scalars(
        select(PassageLineage.from_id).where(PassageLineage.confirmed)
    ).all()
    assert confirmed == [park.id]
    people = next(one for one in passages_of(session, first.id) if "事業者" in one.text)
    play = next(one for one in passages_of(session, second.id) if "遊び場" in one.text)
    url = f"{base}/lineage/{people.id}"
    assert "遊び場" in client.get(url).text
    assert post(client, url, {"targets": [str(play.id)]}).status_code == 303
    assert post(client, url, {"targets": ["999999"]}).status_code == 422
    assert client.get(f"{base}/lineage/999999").status_code == 404


def test_residents_do_not_learn_how_many_opinions_a_passage_has(
    session: Session, client: FlaskClient, campaign: Campaign
):
    _document, version = make_document(session, campaign)
    opinion = opinions_of(session, make_submission(session, campaign, "広げてほしい。"))[0]
    opinion.passage_id = passages_of(session, version.id)[0].id
    session.commit()
    page = client.get(f"/campaigns/{campaign.id}/documents/{version.id}/").text
    assert "passage__opinions" not in page


@pytest.mark.parametrize(
    ("state", "status"),
    [(CampaignState.PREPARING, 404), (CampaignState.CLOSED, 200), (CampaignState.CANCELLED, 200)],
)
def test_reading_by_state(session: Session, client: FlaskClient, state: CampaignState, status: int):
    campaign = make_campaign(session, make_department(session))
    _document, version = make_document(session, campaign)
    campaign.state = state
    campaign.cancel_reason = "中止"
    if state is CampaignState.PREPARING:
        campaign.announced_on = None
    session.commit()
    answer = client.get(f"/campaigns/{campaign.id}/documents/{version.id}/")
    assert answer.status_code == status
    assert "?passage=" not in answer.text


def test_another_campaigns_version_is_not_found(
    session: Session, client: FlaskClient, campaign: Campaign
):
    other = make_campaign(session, make_department(session, "環境課"))
    document, version = make_document(session, other)
    for url in (
        f"/campaigns/{campaign.id}/documents/{version.id}/",
        f"/campaigns/{campaign.id}/documents/{version.id}/file",
        f"/staff/campaigns/{campaign.id}/documents/versions/{version.id}",
        f"/staff/campaigns/{campaign.id}/documents/{document.id}/edit",
        f"/staff/campaigns/{other.id}/documents",
        f"/staff/campaigns/{other.id}/documents/versions/{version.id}/lineage",
    ):
        assert client.get(url).status_code == 404, url


def test_hostile_text_is_inert_on_every_page(
    session: Session, client: FlaskClient, campaign: Campaign
):
    text = "\n\n".join(HOSTILE.values())
    document, version = make_document(session, campaign, text, title="<script>alert(1)</script>")
    base = f"/staff/campaigns/{campaign.id}/documents"
    for url in (
        base,
        f"{base}/{document.id}/edit",
        f"{base}/{document.id}/versions/new",
        f"{base}/versions/{version.id}",
        f"/campaigns/{campaign.id}/documents/{version.id}/",
    ):
        page = client.get(url).text
        own = re.sub(r'<script (defer )?src="/static/[^"]*"( defer)?></script>', "", page)
        assert "<script" not in own.lower(), url
        assert "<img" not in own.lower(), url
        tags = Tags()
        tags.feed(own)
        addresses = [one.get("href") or "" for _tag, one in tags.found]
        assert not [one for one in addresses if re.match(r"\s*(?!https?:)\w+:", one)], url


def test_a_long_document_takes_as_many_statements_as_a_short_one(
    session: Session, client: FlaskClient, campaign: Campaign, queries: list[str]
):
    counts = []
    for passages in (3, 300):
        text = "\n\n".join(f"{number}番目の段落である。" for number in range(passages))
        document, _first = make_document(session, campaign, text, title=f"{passages}")
        second = add_version(session, campaign, document, text.replace("である", "とする"))
        publish_version(session, campaign, second)
        session.commit()
        for url in (
            f"/campaigns/{campaign.id}/documents/{second.id}/",
            f"/staff/campaigns/{campaign.id}/documents/versions/{second.id}",
            f"/staff/campaigns/{campaign.id}/documents/versions/{second.id}/lineage",
        ):
            queries.clear()
            assert client.get(url).status_code == 200
            counts.append(len(queries))
    assert counts[:3] == counts[3:]
    assert max(counts) < 40


def test_documents_are_moved_renamed_and_deleted(
    session: Session, client: FlaskClient, campaign: Campaign
):
    first, _one = make_document(session, campaign, "文。", title="一", publish=False)
    second, _two = make_document(session, campaign, "文。", title="二")
    base = f"/staff/campaigns/{campaign.id}/documents"
    assert post(client, f"{base}/{second.id}/move", {"direction": "up"}).status_code == 303
    page = client.get(base).text
    assert page.index(f'id="document-{second.id}"') < page.index(f'id="document-{first.id}"')
    data = {"kind": "summary", "title": "概要", "seen": "draft:一"}
    assert post(client, f"{base}/{first.id}/edit", data).status_code == 303
    stale = post(client, f"{base}/{first.id}/edit", {**data, "title": "別名"})
    assert stale.status_code == 409
    assert "別名" in stale.text
    assert post(client, f"{base}/{second.id}/delete").status_code == 303
    assert "削除できません" in client.get(base).text
    assert post(client, f"{base}/{first.id}/delete").status_code == 303
    session.rollback()
    assert session.scalars(select(Document.title)).all() == ["二"]


def test_the_text_is_taken_from_the_pdf(
    app: Flask, session: Session, client: FlaskClient, campaign: Campaign
):
    stored = make_file(session, plan_pdf(), "計画.pdf")
    _document, version = make_document(session, campaign, "", file=stored, publish=False)
    base = f"/staff/campaigns/{campaign.id}/documents/versions/{version.id}"
    assert "PDFから本文を読み取る" in client.get(base).text
    answer = post(client, f"{base}/read-pdf")
    assert answer.status_code == 303
    assert "/staff/jobs/" in answer.location
    session.rollback()
    run_pending(app)
    assert "# 第１章 目的" in client.get(f"{base}/edit").text
    assert "すでに本文があります" in client.get(post(client, f"{base}/read-pdf").location).text
    session.rollback()
    assert len(passages_of(session, version.id)) > 3


def test_a_pdf_that_cannot_be_read_says_so(
    app: Flask, session: Session, client: FlaskClient, campaign: Campaign
):
    stored = make_file(session, PDF, "壊れた.pdf")
    _document, version = make_document(session, campaign, "", file=stored, publish=False)
    base = f"/staff/campaigns/{campaign.id}/documents/versions/{version.id}"
    job = post(client, f"{base}/read-pdf").location
    session.rollback()
    run_pending(app)
    page = client.get(job, follow_redirects=True).text
    assert "PDFとして読み取れませんでした" in page
    assert Path(base).name == str(version.id)
